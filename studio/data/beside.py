"""Columns of numbers side by side in one array, rows first: training takes whole rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.data.cells import Held
from studio.data.raw import Array

FOLD = 32
"""Rows that are compared with as many others at once."""
SPARE = 1.02
"""More rows than the first part of a file lets expect, so that the array need not be moved."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of numbers, and the lowest and the highest of each column; NaN where one is missing."""

    values: Array
    low: Array
    high: Array

    @classmethod
    def of(cls, values: Array) -> Rows:
        """Of at least one row."""
        return cls(values, _extremes(values, np.min), _extremes(values, np.max))


def _extremes(values: Array, extreme: Callable[..., Array]) -> Array:
    """The lowest or highest of each column: of some rows side by side at first, which is quicker."""
    whole = len(values) // FOLD * FOLD
    if not whole or not values.flags.c_contiguous:
        return extreme(values, axis=0)
    folded = extreme(values[:whole].reshape(len(values) // FOLD, -1), axis=0).reshape(FOLD, -1)
    return extreme(np.concatenate((folded, values[whole:])), axis=0)


@dataclass(slots=True)
class Gathered:
    """An array that grows row by row; how much larger it will be is foreseen."""

    names: Sequence[str]
    dtype: Any
    rows: int = 0
    _values: Array = field(default_factory=lambda: np.empty((0, 0)))
    _lows: list[Array] = field(default_factory=list[Array])
    _highs: list[Array] = field(default_factory=list[Array])

    def add(self, parts: Sequence[Rows], share: float) -> None:
        """Add rows; with them, `share` of all is there."""
        self._grow(self.rows + sum(len(one.values) for one in parts), share)
        for one in parts:
            self._values[self.rows : self.rows + len(one.values)] = one.values
            self.rows += len(one.values)
            self._lows.append(one.low)
            self._highs.append(one.high)

    def _grow(self, end: int, share: float) -> None:
        """Have room for so many rows."""
        if end > len(self._values):
            grown = np.empty((max(end, int(end / share * SPARE)), len(self.names)), self.dtype)
            if self.rows:
                grown[: self.rows] = self._values[: self.rows]
            self._values = grown

    def columns(self, decimals: Mapping[str, int]) -> dict[str, Held]:
        """Each column by its name."""
        if not self.rows:
            return {}
        low, high = np.min(self._lows, axis=0), np.max(self._highs, axis=0)
        return {
            name: Held(self._values[: self.rows, at], decimals.get(name), (float(low[at]), float(high[at])))
            for at, name in enumerate(self.names)
        }


def side_by_side(columns: Sequence[Array]) -> Array | None:
    """The array that columns are neighbours in, cut to them; None where they are not."""
    first = columns[0]
    base = first.base
    if not isinstance(base, np.ndarray) or base.ndim != 2 or base.strides[1] != first.itemsize:
        return None
    begin = _address(first)
    for at, one in enumerate(columns):
        alike = one.ndim == 1 and one.base is base and one.dtype == base.dtype and len(one) == len(first)
        if not alike or one.strides[0] != base.strides[0] or _address(one) != begin + at * first.itemsize:
            return None
    row, column = divmod(begin - _address(base), base.strides[0])
    start = column // first.itemsize
    return base[row : row + len(first), start : start + len(columns)]


def _address(values: Array) -> int:
    return int(values.__array_interface__["data"][0])
