"""Many files by their names below one folder: as paths where those are asked for, which take long to make."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload


class Files(Sequence[Path]):
    """Reads like a tuple of paths: `names` with slashes, below `root`. Soon sent to another process."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self._root, self._names = os.path.join(root, ""), names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, at: int) -> Path: ...

    @overload
    def __getitem__(self, at: slice) -> list[Path]: ...

    def __getitem__(self, at: int | slice) -> Path | list[Path]:
        if isinstance(at, slice):
            return [Path(self._root + name) for name in self._names[at]]
        return Path(self._root + self._names[at])

    def texts(self) -> list[str]:
        """The same as texts."""
        return [self._root + name for name in self._names]


def texts_of(paths: Iterable[Path]) -> list[str]:
    """Paths as texts, which opening and looking at many files takes less time with."""
    return paths.texts() if isinstance(paths, Files) else [os.fspath(one) for one in paths]


def content_of(path: str | Path) -> bytes:
    """The bytes of a file. Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        return file.read()
