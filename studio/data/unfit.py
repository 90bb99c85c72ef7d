"""Numbers that are read as they are used and cannot be trained on: told with their file, row and column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.data.raw import LARGEST_NUMBER, Array, DataError
from studio.data.table import Places

HINT = "Check everything (panel Checks): every such value is found; a click leaves rows out or fills them in."


def refuse_unfit(values: Array, columns: Sequence[str], rows: Array, places: Places | None) -> None:
    """Raise DataError where one of the numbers (rows, columns) is missing, infinite, or too large."""
    if not len(values) or not values.shape[1]:
        return
    with np.errstate(invalid="ignore"):
        if values.min() >= -LARGEST_NUMBER and values.max() <= LARGEST_NUMBER:
            return
        unfit = ~(np.abs(values) <= LARGEST_NUMBER)
    at, column = (int(one) for one in np.argwhere(unfit)[0])
    raise DataError(
        f"{told_place(places, int(rows[at]), columns[column])}: {_what(values[at, column])}.", HINT
    )


def told_place(places: Places | None, row: int, column: str) -> str:
    """Where a value stands."""
    return f"{column}, sample {row}" if places is None else places.where(row, column)


def _what(value: float) -> str:
    if np.isnan(value):
        return "the value is missing"
    return "the number is not finite, or too large for single precision"
