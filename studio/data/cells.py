"""One column of the data: a value for each sample, had when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from studio.data.files import texts_of
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
SIX = 6
"""Digits of a decimal number that single precision keeps."""
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

    Of a mapped file, another process gets the place. `decimals` are given where single precision stands for
    numbers of so many decimals; `bounds` are the lowest and the highest value where they are known, NaN where
    one is missing.
    """

    values: Array
    decimals: int | None = None
    bounds: tuple[float, float] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """As the place where the values lie, or the values themselves."""
        place = place_of(self.values)
        told = (self.decimals, self.bounds)
        return (Held, (self.values, *told)) if place is None else (held_at, (place, *told))

    @property
    def finite(self) -> bool:
        """Whether it is known that no value is missing or infinite."""
        return self.bounds is not None and bool(np.isfinite(self.bounds).all())

    def __len__(self) -> int:
        """How many samples."""
        return len(self.values)

    def take(self, rows: Array) -> Values:
        """A copy of these rows, as numbers were written."""
        found = np.asarray(self.values[rows])
        return found if self.decimals is None else _as_written(found, self.decimals)


def held_at(place: Place, decimals: int | None, bounds: tuple[float, float] | None) -> Held:
    """The values that another process held."""
    return Held(mapped(place), decimals, bounds)


def _as_written(values: Array, decimals: int) -> Array:
    """The double nearest to the decimal number that each single one stands for: of so many decimals, or of
    six digits.
    """
    wide = values.astype(np.float64)
    with np.errstate(all="ignore"):
        found = np.round(wide, decimals)
        others = np.flatnonzero(found.astype(np.float32) != values)
        if len(others):
            left = wide[others]
            shift = SIX - 1 - np.floor(np.log10(np.abs(left)))
            six = np.where(shift < 0, left, np.round(left * 10.0**shift) / 10.0**shift)
            found[others] = np.where(six.astype(np.float32) == values[others], six, left)
        return found


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
        for path in texts_of(self.paths):
            told.update(f"{path}\0{_stamp(path)}\n".encode())
        return told.hexdigest()


def _stamp(path: str) -> str:
    """Size and time of a file; of one that is gone, which may be left out, nothing."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_size}\0{found.st_mtime_ns}"


def chunks(cells: Cells, rows: Array, size: int = CHUNK) -> Iterator[Values]:
    """The values at some rows, a part at a time."""
    for start in range(0, len(rows), size):
        yield cells.take(rows[start : start + size])
