"""Moments that come up twice in a series: rows that only repeat another are left out, others are told."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.data.cells import Cells
from studio.data.findings import find_column, is_missing
from studio.data.raw import Array
from studio.data.sources.any_table import Opened


def repeats(opened: Opened, rows: Array, times: Array, of: Array) -> tuple[Array, Array]:
    """Of rows in order of series and time: which repeat the one before, and which have its time but other
    values. What only names the rows may differ.
    """
    twice = np.flatnonzero((np.diff(of) == 0) & (times[1:] == times[:-1])) + 1
    found, other = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    if not len(twice):
        return found, other
    same = np.ones(len(twice), bool)
    for name, column in opened.columns.items():
        if find_column(name, column).kind != "identifier":
            same &= _equal(column.cells, rows[twice - 1], rows[twice])
    found[twice[same]] = True
    other[twice[~same]] = True
    return found, other


def _equal(cells: Cells, first: Array, second: Array) -> Array:
    """Which values are the same, or both missing."""
    one, two = cells.take(first), cells.take(second)
    if not isinstance(one, np.ndarray) or not isinstance(two, np.ndarray):
        return np.array([_same(*pair) for pair in zip(one, two, strict=True)], bool)
    same = (one == two) | ((one != one) & (two != two))
    return same.reshape(len(same), -1).all(1)


def _same(one: Any, two: Any) -> bool:  # noqa: ANN401
    if is_missing(one) or is_missing(two):
        return is_missing(one) and is_missing(two)
    return np.array_equal(one, two)
