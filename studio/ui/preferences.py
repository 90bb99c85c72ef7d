"""What the program remembers of its user between starts: one JSON file; a broken one counts as empty."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from studio.places import user_folder
from studio.project.files import write_atomic

MOST_RECENT = 12


class Preferences:
    """Values by key; every `set` is on disk when it returns, as far as the disk allows."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or user_folder() / "preferences.json"
        self.broken = False
        self._values: dict[str, Any] = {}
        self._read()

    def text(self, key: str, default: str) -> str:
        """A text, or the default where there is none."""
        value = self._values.get(key)
        return value if isinstance(value, str) else default

    def mapping(self, key: str) -> dict[str, Any]:
        """What stands under a key by name, as the file has it; empty where there is no such thing."""
        value = self._values.get(key)
        return dict(value) if isinstance(value, dict) else {}

    def texts(self, key: str) -> list[str]:
        """The texts of a list; none where there is no such thing."""
        value = self._values.get(key)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    def recent(self) -> list[Path]:
        """Files opened or saved lately, the latest first."""
        value = self._values.get("recent")
        names = value if isinstance(value, list) else []
        return [Path(name) for name in names if isinstance(name, str) and "\0" not in name][:MOST_RECENT]

    def add_recent(self, path: Path) -> None:
        """Put a file at the top of the recent ones."""
        path = path.absolute()
        others = [one for one in self.recent() if one != path]
        self.set("recent", [str(one) for one in [path, *others][:MOST_RECENT]])

    def set(self, key: str, value: str | list[str] | dict[str, list[str]]) -> None:
        """Remember a value."""
        if self._values.get(key) != value:
            self._values[key] = value
            self._write()

    def clear(self) -> None:
        """Forget everything."""
        self._values = {}
        self._write()

    def _read(self) -> None:
        try:
            found = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError):
            found = None
        self.broken = not isinstance(found, dict)
        self._values = found if isinstance(found, dict) else {}

    def _write(self) -> None:
        # A preference that cannot be written is not worth a message: it is simply not remembered.
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self.path, json.dumps(self._values, indent=1).encode())
