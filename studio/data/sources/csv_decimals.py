"""Plain decimal numbers of a CSV file, read by decimals.c into rows.

Few cells may be written in a way that it does not know: they are read one by one. Where there are more, or
there is no compiler, others read the file.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from studio.compiled import compiled
from studio.data.raw import Array

PADDING = 16
"""Characters that must follow the last one."""
LONGEST = 2000
"""Characters of a number that is read by itself."""
RARE = 64
"""One cell of so many may be written in another way."""
_WRITTEN = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class NotPlainError(Exception):
    """There is something else than rows of so many plain numbers."""


@dataclass(frozen=True, slots=True)
class Decimals:
    """Rows of plain numbers: the columns that are read in single precision, and all others."""

    delimiter: str
    single: Sequence[int]
    double: Sequence[int]

    def read(self, content: Array, size: int) -> tuple[Array, Array]:
        """The numbers of both kinds in whole lines, each side by side; NaN where a cell is empty.

        PADDING must follow the first `size` characters. Raises NotPlainError.
        """
        library = _library()
        if library is None:
            raise NotPlainError
        rows = library.count_lines(content.ctypes.data, size)
        singles = np.empty((rows, len(self.single)), np.float32)
        doubles = np.empty((rows, len(self.double)), np.float64)
        places = np.empty(len(self.single) + len(self.double), np.int32)
        places[list(self.single)] = np.arange(len(self.single))
        places[list(self.double)] = -1 - np.arange(len(self.double))
        arrays = (
            places.ctypes.data,
            singles.ctypes.data,
            len(self.single),
            doubles.ctypes.data,
            len(self.double),
        )
        mark, width, at, cell = self.delimiter.encode(), len(places), 0, ctypes.c_int64()
        for _ in range(rows * width // RARE + RARE):
            at = library.read_cells(content.ctypes.data, at, size, mark, width, *arrays, ctypes.byref(cell))
            if at == size:
                break
            row, column = divmod(cell.value, width)
            written, after = _written(
                content[at : min(at + LONGEST, size)], None if column + 1 == width else mark
            )
            place = int(places[column])
            with np.errstate(over="ignore"):  # who asked looks for what is infinite
                (singles if place >= 0 else doubles)[row, max(place, -1 - place)] = float(written)
            at, cell.value = at + after, cell.value + 1
        if at < size or cell.value != rows * width:
            raise NotPlainError
        return singles, doubles


def _written(content: Array, delimiter: bytes | None) -> tuple[bytes, int]:
    """The number that some characters begin with, up to a delimiter or the end of the line, and where the
    next one begins. Raises NotPlainError.
    """
    found, stop, _ = content.tobytes().partition(delimiter or b"\n")
    number = found if delimiter else found.removesuffix(b"\r")
    if not stop or not _WRITTEN.fullmatch(number):
        raise NotPlainError
    return number, len(found) + 1


@cache
def _library() -> ctypes.CDLL | None:
    """What decimals.c has, where it could be compiled."""
    library = compiled(Path(__file__).with_name("decimals.c"))
    if library is not None:
        whole, place = ctypes.c_int64, ctypes.c_void_p
        library.count_lines.argtypes, library.count_lines.restype = [place, whole], whole
        cells = [place, whole, whole, ctypes.c_char, whole, place, place, whole, place, whole, place]
        library.read_cells.argtypes, library.read_cells.restype = cells, whole
    return library
