"""Which pieces of Python the user has agreed to run, by the sha256 of their text.

Nothing in a project runs by being opened: a Python layer's source, or an importable class by its dotted path,
runs only after the user has trusted exactly that text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from studio.catalog import data_python
from studio.catalog.registry import Layer
from studio.catalog.template import TEMPLATE
from studio.places import user_folder
from studio.project.files import write_atomic

FILE = "trusted.json"
OURS = ("torch.nn.",)
"""Dotted paths that need no trust, like the template: Neuroloom itself brings them."""


class Trust:
    """The trusted texts of a user, kept in a file; and those trusted for this process alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: frozenset[str] | None = None
        self._now: frozenset[str] = frozenset()
        self.version = 0
        """Grows with every text that is trusted, so that what was refused before can be looked at again."""

    def holds(self, text: str) -> bool:
        """Whether a text may run."""
        return _is_ours(text) or digest(text) in self._known()

    def add(self, text: str, keep: bool = True) -> None:
        """Trust a text from now on; for this process alone unless `keep`. Raises OSError."""
        self._now |= {digest(text)}
        self.version += 1
        if keep:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._path, json.dumps(sorted(self._known()), indent=1).encode())
            self._kept = self._known()

    def digests(self) -> tuple[str, ...]:
        """What is trusted, for another process to `take`."""
        return tuple(sorted(self._known()))

    def take(self, digests: Iterable[str]) -> None:
        """Trust for this process what the one that started it trusts."""
        new = frozenset(digests) - self._known()
        if new:
            self._now |= new
            self.version += 1

    def _known(self) -> frozenset[str]:
        if self._kept is None:
            self._kept = frozenset(_read(self._path))
        return self._kept | self._now


def trust() -> Trust:
    """The trust of the user of this process."""
    return _trust_at(user_folder() / FILE)


@cache
def _trust_at(path: Path) -> Trust:
    return Trust(path)


def text_to_trust(layer: Layer) -> str:
    """The text that must be trusted before this layer may run, "" for one that may run anyway."""
    if layer.category != "Custom" or layer.type == "Expression":
        return ""
    return layer.code or layer.target or ""


def digest(text: str) -> str:
    """The sha256 of a text."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _is_ours(text: str) -> bool:
    """A whole source may begin as a dotted path does: only a path, and nothing but one, is ours."""
    path = text.startswith(OURS) and all(part.isidentifier() for part in text.split("."))
    return path or text in (TEMPLATE, data_python.TEMPLATE)


def _read(path: Path) -> Iterable[str]:
    """What the file lists; a file that is broken trusts nothing."""
    try:
        content: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return ()
    return (one for one in content if isinstance(one, str)) if isinstance(content, list) else ()
