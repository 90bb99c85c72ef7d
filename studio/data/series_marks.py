"""What tells that a table is a series: times in order, one as far from the next as another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.cells import Cells, Held
from studio.data.dates import told_moment
from studio.data.findings import find_column
from studio.data.guess import Guess
from studio.data.raw import Array, DataError
from studio.data.series_numbers import numbers_in
from studio.data.sources.any_table import Opened
from studio.data.sources.beginning import Begun, beginning
from studio.data.sources.series_columns import time_column, times_of
from studio.data.sources.series_repeats import repeats
from studio.data.transforms.classes import class_text
from studio.project.params import Value

LEAST = 16
"""Rows from which an order means something."""
NEAR = 0.12
"""By what share of the usual distance others may differ: months are not of one length."""
EVEN, MOSTLY = 0.95, 0.7
"""Shares of distances that are usual: of even ones, and where weekends or single rows are missing."""
SURE, LIKELY, UNLIKELY = 0.97, 0.6, 0.3
FEW = 0.1
"""Of more rows that only repeat others it is not taken for granted that they can be left out."""
OFTEN = 8
"""Whole numbers that tell series apart come up so often on average."""
OVERLAP = 1.5
"""So often moments come up on average where numbers, which may be weekdays too, tell series apart."""
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


@dataclass(frozen=True, slots=True)
class _Found:
    """The evidence, the column that tells several series apart ("" for one), and how many moments."""

    told: str
    group: str
    count: int


def series_guess(path: Path, source: str, encoding: str = "") -> Guess | None:
    """The table in a file as series, with the evidence, or hardly likely with what stands in the way; None
    where its beginning is no series.
    """
    begun = beginning(path, source, encoding or "UTF-8")
    times = _times(begun.opened) if begun else None
    if begun is None or times is None:
        return None
    params: dict[str, Value | Path] = {"encoding": encoding} if encoding else {}
    found = _one(begun.opened, times) or _several(begun.opened, times)
    history = _history(begun, found.count if found else len(np.unique(times.values)))
    if history != USUAL_HISTORY:
        params["history"] = history
    if found is None:
        why = _why_none(begun.opened, times)
        return Guess("TimeSeries", path, why, UNLIKELY, params) if why else None
    numbers = numbers_in(begun.opened, (times.name, found.group))
    if not numbers.used:
        return None
    if found.group:
        params["group"] = found.group
    if numbers.last != numbers.used[-1]:
        why = f"No target yet: {numbers.last}, the last column of numbers, is {numbers.out[numbers.last]}. "
        return Guess("TimeSeries", path, f"{why}Name another under target", UNLIKELY, params)
    if numbers.out:
        params["columns"] = ", ".join(numbers.used)
    told = "; ".join((found.told, *numbers.told()))
    return Guess("TimeSeries", path, f"{told}: {WOULD}", LIKELY if found.group else SURE, params)


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


def _one(opened: Opened, times: _Times) -> _Found | None:
    """The evidence of a single series: its times rise, or fall, by equal distances."""
    rows = np.argsort(times.values, kind="stable")
    repeated, other = repeats(opened, rows, times.values[rows], np.zeros(len(rows)))
    if other.any() or repeated.sum() > FEW * len(rows):
        return None
    distances: Array = np.diff(np.delete(times.values, rows[repeated]))
    rising, falling = bool((distances > 0).all()), bool((distances < 0).all())
    even = _evenness(np.abs(distances)) if rising or falling else ""
    if not even:
        return None
    order = "in order" if rising else "the newest first"
    told = f"{_apart(times, even, np.abs(distances))}, {order}{_left(int(repeated.sum()))}"
    return _Found(told, "", len(distances) + 1)


def _several(opened: Opened, times: _Times) -> _Found | None:
    """The evidence of several series: a column within each of whose values the times are evenly spaced."""
    for name in _groups(opened, times):
        values = opened.columns[name].cells.take(np.arange(len(times.values)))
        _, of = np.unique(np.array([str(value) for value in values]), return_inverse=True)
        rows = np.lexsort((times.values, of))
        repeated, other = repeats(opened, rows, times.values[rows], of[rows])
        kept = rows[~repeated]
        distances = np.diff(times.values[kept])[np.diff(of[kept]) == 0]
        if other.any() or len(distances) < LEAST or repeated.sum() > FEW * len(rows):
            continue
        even = _evenness(distances)
        if even:
            told = f"{_apart(times, even, distances)} for each {name}{_left(int(repeated.sum()))}"
            return _Found(told, name, len(np.unique(times.values)))
    return None


def _groups(opened: Opened, times: _Times) -> list[str]:
    """Columns that may tell series apart: classes, and whole numbers that come up often."""
    kinds = {name: find_column(name, one) for name, one in opened.columns.items() if name != times.name}
    classes = [name for name, one in kinds.items() if one.kind == "category"]
    if OVERLAP * len(np.unique(times.values)) > len(times.values):
        return classes
    numbers = [name for name, one in kinds.items() if one.kind == "number"]
    few = [name for name in numbers[:-1] if OFTEN * kinds[name].different <= kinds[name].seen]
    return [*classes, *(name for name in few if _whole(opened.columns[name].cells))]


def _whole(cells: Cells) -> bool:
    values = cells.values if isinstance(cells, Held) else np.zeros((1, 1))
    return values.ndim == 1 and values.dtype.kind in "buif" and bool((values == np.round(values)).all())


def _why_none(opened: Opened, times: _Times) -> str:
    """What keeps a table with evenly spaced times from being a series: moments that come up twice."""
    moments = np.unique(times.values)
    if len(moments) in (len(times.values), *range(LEAST)) or not _evenness(np.diff(moments)):
        return ""
    rows = np.argsort(times.values, kind="stable")
    repeated, other = repeats(opened, rows, times.values[rows], np.zeros(len(rows)))
    if not other.any():
        count = f"{int(repeated.sum())} of {len(rows)} rows"
        return f"Perhaps a series: {count} only repeat another, and would be left out"
    where = f"{times.name} {_written(opened, times, int(rows[np.argmax(other)]))}"
    return (
        f"Not yet a series: {where} comes up more than once with other values ({int(other.sum())} of "
        f"{len(rows)} rows), and no column tells several series apart. Leave all but one out, or name such a "
        "column under group"
    )


def _written(opened: Opened, times: _Times, row: int) -> str:
    value = opened.columns[times.name].cells.take(np.array([row]))[0]
    return told_moment(value) if isinstance(value, np.datetime64) else class_text(value)


def _left(count: int) -> str:
    which = "1 row that repeats" if count == 1 else f"{count} rows that repeat"
    return f"; {which} another left out" if count else ""


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


def _history(begun: Begun, count: int) -> int:
    """Rows to look at: fewer where the parts of a short series would not hold such windows."""
    if begun.rows is None:
        return USUAL_HISTORY
    return min(USUAL_HISTORY, max(1, int(PART * count) // 2))
