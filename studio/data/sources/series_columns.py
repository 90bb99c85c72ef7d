"""Columns of a table that hold a series: which are its times and its numbers, and their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.data.cells import Cells, Held
from studio.data.conforming import OddValueError, Reading, reading_of
from studio.data.findings import find_column
from studio.data.raw import Array, DataError, target_names
from studio.data.sources.any_table import Opened

NAMES_OF_TIME = frozenset(
    {"time", "date", "datetime", "timestamp", "year", "month", "day", "hour", "step", "t"}
)
LISTS_SEEN = 100


def columns_named(opened: Opened, setting: str, param: str) -> tuple[str, ...]:
    """The columns that a setting lists. Raises DataError for one that is not there."""
    names = target_names(setting)
    for name in names:
        if name not in opened.columns:
            listed = ", ".join(list(opened.columns)[:20])
            raise DataError(f"{opened.path.name} has no column {name}.", f"Its columns are {listed}.", param)
    return names


def is_number(opened: Opened, name: str) -> bool:
    """Whether a column holds a number a row."""
    column = opened.columns[name]
    return find_column(name, column).kind == "number" and not _holds_lists(column.cells)


def _holds_lists(cells: Cells) -> bool:
    first = cells.take(np.arange(min(len(cells), LISTS_SEEN)))
    return np.ndim(first) > 1 if isinstance(first, np.ndarray) else any(map(np.ndim, first))


def time_column(opened: Opened, setting: str) -> str | None:
    """The column of times: the one that is set, the first of times, or one so named whose numbers rise."""
    if setting.strip():
        return columns_named(opened, setting, "time")[0]
    kinds = {name: find_column(name, column).kind for name, column in opened.columns.items()}
    times = [name for name, kind in kinds.items() if kind == "time"]
    rising = [name for name in kinds if name.lower() in NAMES_OF_TIME and _rises(opened, name)]
    return next(iter((*times, *rising)), None)


def _rises(opened: Opened, name: str) -> bool:
    cells = opened.columns[name].cells
    values = cells.values if isinstance(cells, Held) else np.zeros(0)
    return len(values) > 1 and values.dtype.kind == "f" and bool((np.diff(values) >= 0).all())


def times_of(opened: Opened, name: str) -> Array:
    """Times, or numbers that stand for them. Raises DataError where one is missing."""
    cells = opened.columns[name].cells
    rows = np.arange(len(cells))
    values = cells.take(rows)
    if not isinstance(values, np.ndarray):
        reading = reading_of("time", cells) or Reading("time")
        values = _read(opened, name, reading, values)
    empty = np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
    if empty.any():
        where = opened.places.where(int(np.argmax(empty)), name)
        raise DataError(f"{where}: the time is missing.", "Fill it in, or leave the row out.", "time")
    return values


def numbers_of(opened: Opened, name: str) -> Array:
    """Numbers, NaN where there is none. Raises DataError where a value is no number, or not finite."""
    cells = opened.columns[name].cells
    values = cells.take(np.arange(len(cells)))
    if not isinstance(values, np.ndarray):
        values = _read(opened, name, reading_of("number", cells) or Reading("number"), values)
    if values.dtype.kind not in "buif" or values.ndim > 1:
        raise DataError(f"{opened.path.name}: {name} holds no numbers.", "Choose other columns.", "columns")
    values = values.astype(np.float64)
    odd = np.isinf(values)
    if odd.any():
        where = opened.places.where(int(np.argmax(odd)), name)
        raise DataError(
            f"{where}: the value is not finite, as in {int(odd.sum())} of {len(values)} rows.",
            "Correct it, or leave the column out.",
            "columns",
        )
    return values


def _read(opened: Opened, name: str, reading: Reading, values: Any) -> Array:  # noqa: ANN401
    try:
        return np.asarray(reading(values))
    except OddValueError as error:
        where = opened.places.where(error.at, name)
        raise DataError(
            f"{where}: {error.value[:40]!r} is no {reading.kind}.", "Correct the value.", "columns"
        ) from None
