"""One column of the data: a value for each sample, had when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from studio.data.mapped import Place, mapped, place_of
from studio.data.raw import Array

Values = Array | list[Any]
"""Values of some samples in order: an array whose first dimension is the sample, or, where they differ in
size or are no numbers, a list. A missing value is NaN, NaT or None.

By kind: number, category with known classes: an array. category, text, identifier: texts. image: arrays of
shape (channels, height, width), uint8, uint16 or float32. mask: integer arrays (height, width). audio: Sound.
time: datetime64[us].
"""
CHUNK = 1024
FEW = 16
"""Files that are decoded at once: of large ones not many fit in memory."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of audio: float32 of shape (channels, samples), -1 to 1, at `rate` samples a second."""

    wave: Array
    rate: int


class Cells(Protocol):
    """A column's values. Must be picklable: processes that load samples get it."""

    def __len__(self) -> int:
        """How many samples."""
        ...

    def take(self, rows: Array) -> Values:
        """The values at these rows, in their order; raises DataError that names the sample."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Values in memory, or in a file that is mapped into it.

    Of a mapped file, another process gets the place.
    """

    values: Array

    def __reduce__(self) -> tuple[Any, ...]:
        """As the place where the values lie, or the values themselves."""
        place = place_of(self.values)
        return (Held, (self.values,)) if place is None else (held_at, (place,))

    def __len__(self) -> int:
        """How many samples."""
        return len(self.values)

    def take(self, rows: Array) -> Values:
        """A copy of these rows."""
        return np.asarray(self.values[rows])


def held_at(place: Place) -> Held:
    """The values that another process held."""
    return Held(mapped(place))


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts, or other values that make no array."""

    values: Sequence[Any]

    def __len__(self) -> int:
        """How many samples."""
        return len(self.values)

    def take(self, rows: Array) -> Values:
        """These rows."""
        return [self.values[row] for row in rows]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Files that are read when asked for.

    `decode` is a plain function, or a value that is called like one; it raises DataError. `lacking` are the
    rows for which there is no file.
    """

    paths: Sequence[Path]
    decode: Callable[[Path], Any]
    lacking: Array | None = None

    def __len__(self) -> int:
        """How many samples."""
        return len(self.paths)

    def take(self, rows: Array) -> Values:
        """These files' content."""
        return [self.decode(self.paths[row]) for row in rows]

    def absent(self, rows: Array) -> Array:
        """Which of these rows have no file."""
        return np.zeros(len(rows), bool) if self.lacking is None else np.isin(rows, self.lacking)

    def identity(self) -> str:
        """What the content depends on: which files, how large, changed when, and how they are read."""
        name = getattr(self.decode, "__qualname__", repr(self.decode))
        told = sha256(f"{self.decode.__module__}.{name}".encode())
        for path in self.paths:
            told.update(f"{path}\0{_stamp(path)}\n".encode())
        return told.hexdigest()


def _stamp(path: Path) -> str:
    """Size and time of a file; of one that is gone, which may be left out, nothing."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size}\0{found.st_mtime_ns}"


def chunks(cells: Cells, rows: Array, size: int = CHUNK) -> Iterator[Values]:
    """The values at some rows, a part at a time."""
    for start in range(0, len(rows), size):
        yield cells.take(rows[start : start + size])
