"""Autosaved copies of what is not saved yet, found again at the next start.

Each window writes one file of its own and holds a lock on it for as long as it lives. A copy whose lock
nobody holds was left by a crash. The copies are .loom files, so that they can also be opened by hand.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from studio.errors import StudioError
from studio.project.project import Project
from studio.project.storage import load, save

KEY = "recovery"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A copy that a crash left: the project, the file it belongs to (None: never saved), and when."""

    file: Path
    project: Project
    path: Path | None
    time: float

    def discard(self) -> None:
        """Delete the copy."""
        self.file.unlink(missing_ok=True)
        _lock_of(self.file).unlink(missing_ok=True)


class Recovery:
    """One window's autosaved copy in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / f"{os.getpid()}-{uuid4().hex[:8]}.loom"
        self._lock: int | None = None

    def pending(self) -> list[Recovered]:
        """What earlier windows left behind, newest first; a copy that cannot be read is passed over."""
        found: list[Recovered] = []
        for file in self._folder.glob("*.loom") if self._folder.is_dir() else ():
            if file != self._file and not _held(_lock_of(file)):
                with contextlib.suppress(StudioError):
                    found.append(_recovered(file))
        return sorted(found, key=lambda one: -one.time)

    def store(self, project: Project, path: Path | None) -> None:
        """Write the copy; `path` is the project's own file. Raises StudioError."""
        mark: dict[str, str | float] = {"time": time.time()} | ({"path": str(path)} if path else {})
        if self._lock is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._lock = _locked(_lock_of(self._file))
            except OSError as error:
                raise StudioError(f"{self._folder}: no recovery copy can be written: {error}") from error
        save(replace(project, extra={**project.extra, KEY: mark}), self._file)

    def clear(self) -> None:
        """Delete the copy: everything is saved, or was given up."""
        self._file.unlink(missing_ok=True)
        self.close()
        _lock_of(self._file).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the copy and leave it for the next start, as a crash does."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _recovered(file: Path) -> Recovered:
    project = load(file)
    mark = project.extra.get(KEY)
    known = mark if isinstance(mark, Mapping) else {}
    path, when = known.get("path"), known.get("time")
    plain = replace(project, extra={key: value for key, value in project.extra.items() if key != KEY})
    return Recovered(
        file=file,
        project=plain,
        path=Path(path) if isinstance(path, str) else None,
        time=float(when) if isinstance(when, int | float) else 0.0,
    )


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


def _held(lock: Path) -> bool:
    """Whether a living window holds the lock."""
    if not lock.exists():
        return False
    try:
        os.close(_locked(lock))
    except OSError:
        return True
    return False


def _locked(lock: Path) -> int:
    """The lock file, open and locked until closed or until the process ends. Raises OSError."""
    file = os.open(lock, os.O_RDWR | os.O_CREAT)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file
