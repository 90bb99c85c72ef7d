"""What tells that a table is a series: times in order, one as far from the next as another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.findings import find_column
from studio.data.guess import Guess
from studio.data.raw import Array, DataError
from studio.data.sources.any_table import Opened
from studio.data.sources.beginning import Begun, beginning
from studio.data.sources.time_series import is_number, numbers_of, time_column, times_of
from studio.project.params import Value

LEAST = 16
"""Rows from which an order means something."""
NEAR = 0.12
"""By what share of the usual distance others may differ: months are not of one length."""
EVEN, MOSTLY = 0.95, 0.7
"""Shares of distances that are usual: of even ones, and where weekends or single rows are missing."""
SURE, LIKELY = 0.97, 0.6
USUAL_HISTORY, PART = 24, 0.15
"""How many rows are looked at where there is room, and the share of rows that the smallest part has."""
WOULD = "windows of the past would foretell what comes next"
DAY = 86_400.0
UNITS = (
    (365.25 * DAY, "year"),
    (30.4375 * DAY, "month"),
    (7 * DAY, "week"),
    (DAY, "day"),
    (3600.0, "hour"),
    (60.0, "minute"),
    (1.0, "second"),
)


@dataclass(frozen=True, slots=True)
class _Times:
    """A column of times: its values, whether these are dates rather than numbers, and where they stand."""

    name: str
    values: Array
    dates: bool


def series_guess(path: Path, source: str, encoding: str = "") -> Guess | None:
    """The table in a file as series, with the evidence; None where its beginning is no series."""
    begun = beginning(path, source, encoding or "UTF-8")
    times = _times(begun.opened) if begun else None
    if begun is None or times is None:
        return None
    params: dict[str, Value | Path] = {"encoding": encoding} if encoding else {}
    found = _one(times) or _several(begun.opened, times)
    numbers = [name for name in begun.opened.columns if name != times.name and is_number(begun.opened, name)]
    whole = [name for name in numbers if _complete(begun.opened, name)]
    if found is None or not whole or numbers[-1] != whole[-1]:
        return None
    told, group, count = found
    if len(whole) < len(numbers):
        params["columns"] = ", ".join(whole)
        told += f"; left out for missing values: {', '.join(one for one in numbers if one not in whole)}"
    if group:
        params["group"] = group
    history = _history(begun, count)
    if history != USUAL_HISTORY:
        params["history"] = history
    return Guess("TimeSeries", path, f"{told}: {WOULD}", LIKELY if group else SURE, params)


def _times(opened: Opened) -> _Times | None:
    """The column of times, where all its values are there."""
    try:
        name = time_column(opened, "")
        values = times_of(opened, name) if name else np.zeros(0)
    except DataError:
        return None
    dates = values.dtype.kind == "M"
    values = values.astype("datetime64[us]").astype(np.int64) / 1e6 if dates else values
    return _Times(name, values, dates) if name and len(values) >= LEAST else None


def _one(times: _Times) -> tuple[str, str, int] | None:
    """The evidence of a single series: its times rise, or fall, by equal distances."""
    distances = np.diff(times.values)
    rising, falling = bool((distances > 0).all()), bool((distances < 0).all())
    even = _evenness(np.abs(distances)) if rising or falling else ""
    if not even:
        return None
    order = "in order" if rising else "the newest first"
    return f"{_apart(times, even, np.abs(distances))}, {order}", "", len(times.values)


def _several(opened: Opened, times: _Times) -> tuple[str, str, int] | None:
    """The evidence of several series: a column within each of whose values the times are evenly spaced."""
    for name, column in opened.columns.items():
        if name == times.name or find_column(name, column).kind != "category":
            continue
        names = [str(value) for value in column.cells.take(np.arange(len(times.values)))]
        _, of = np.unique(np.array(names), return_inverse=True)
        rows = np.lexsort((times.values, of))
        distances = np.diff(times.values[rows])[np.diff(of[rows]) == 0]
        even = _evenness(distances) if len(distances) >= LEAST and (distances > 0).all() else ""
        if even:
            return f"{_apart(times, even, distances)} for each {name}", name, len(np.unique(times.values))
    return None


def _evenness(distances: Array) -> str:
    """ "even", "mostly", or "" where distances differ too much."""
    usual = float(np.median(distances))
    share = float((np.abs(distances - usual) <= NEAR * usual).mean())
    return "even" if share >= EVEN else "mostly" if share >= MOSTLY else ""


def _apart(times: _Times, even: str, distances: Array) -> str:
    usual = float(np.median(distances))
    distance = _duration(usual) if times.dates else f"{usual:g}"
    what = "Dates" if times.dates else "Numbers"
    return f"{what} {'mostly ' if even == 'mostly' else ''}{distance} apart in {times.name}"


def _duration(seconds: float) -> str:
    """A distance in time in the largest unit that it is nearly a whole number of: one day, 15 minutes."""
    for unit, word in UNITS:
        count = round(seconds / unit)
        slack = NEAR if word in ("year", "month") else 1e-3
        if count and abs(seconds - count * unit) <= slack * unit:
            return f"one {word}" if count == 1 else f"{count} {word}s"
    return f"{seconds:g} seconds"


def _complete(opened: Opened, name: str) -> bool:
    """Whether a column of numbers has one in every row."""
    try:
        return len(numbers_of(opened, name)) > 0
    except DataError:
        return False


def _history(begun: Begun, count: int) -> int:
    """Rows to look at: fewer where the parts of a short series would not hold such windows."""
    if begun.rows is None:
        return USUAL_HISTORY
    return min(USUAL_HISTORY, max(1, int(PART * count) // 2))
