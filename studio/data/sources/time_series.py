"""Series in a table as windows: some rows that are looked at, and those after them, which are foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Cells, Held, Listed
from studio.data.conforming import OddValueError, Reading, reading_of
from studio.data.findings import find_column, is_missing
from studio.data.raw import Array, Column, DataError, located, present, target_names
from studio.data.sources.any_table import Opened, open_table
from studio.data.table import SourceColumn, Table
from studio.data.windows import Windows, starts
from studio.errors import Problem
from studio.project.fields import Field, Role

HISTORY, NEXT = "history", "next"
NAMES_OF_TIME = frozenset(
    {"time", "date", "datetime", "timestamp", "year", "month", "day", "hour", "step", "t"}
)
GAP = 1.5
"""Times that lie further apart than so many usual distances have a gap between them."""
SHARE_OF_GAPS = 0.1
"""With more gaps than this among all distances, a series is not regular."""
LISTS_SEEN = 100


@dataclass(frozen=True, slots=True)
class Series:
    """All series, one after the other, each in the order of its times; `rows` are those of the file."""

    rows: Array
    times: Array
    of: Array
    names: tuple[str, ...]


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Make the windows. Raises DataError that names file, row and column."""
    opened = open_table(located(params["path"], folder), params["encoding"])
    time, group, looked_at = _columns(opened, params)
    targets = _named(opened, params["target"], "target")
    targets = targets or looked_at[-1:]
    series = _series(opened, time, group)
    breaks, warnings = _breaks(opened, series, time, cut=params["gaps"] == "cut")
    values = {name: numbers_of(opened, name)[series.rows] for name in dict.fromkeys((*looked_at, *targets))}
    length = params["history"] + params["horizon"]
    begins = starts(series.of, breaks, length, params["stride"])
    if len(begins) < 2:
        raise DataError(
            f"{opened.path.name}: {len(begins)} windows of {params['history']} + {params['horizon']} rows "
            f"fit into {len(series.rows)} rows; at least two are needed.",
            "Make history or horizon shorter.",
            "history",
        )
    return _table(opened, series, values, (looked_at, targets), begins, params, warnings)


def newest(params: Mapping[str, Any], path: Path, encoding: str) -> tuple[Array, dict[int, str]]:
    """The last rows of each series in another file, as they are looked at: (series, history, columns); series
    that are too short, by their number, and why. Raises DataError.
    """
    opened = open_table(path, encoding, least=1)
    time, group, looked_at = _columns(opened, params)
    series, history = _series(opened, time, group), params["history"]
    values = np.stack([numbers_of(opened, name)[series.rows] for name in looked_at], 1)
    found: list[Array] = []
    short: dict[int, str] = {}
    for at in range(int(series.of.max()) + 1):
        last = values[series.of == at][-history:]
        if len(last) == history:
            found.append(last)
        else:
            name = f"{path.name}, {series.names[at]}" if series.names else path.name
            short[at] = f"{name}: {len(last)} rows; the network looks at {history}."
    if not found:
        raise DataError(next(iter(short.values())), "Give more of the rows that came before.")
    return np.stack(found), short


def _columns(opened: Opened, params: Mapping[str, Any]) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The column of times, the one that tells series apart, and those that are looked at."""
    time = time_column(opened, params["time"])
    group = next(iter(_named(opened, params["group"], "group")), None)
    looked_at = _named(opened, params["columns"], "columns") or tuple(
        name for name in opened.columns if name not in (time, group) and is_number(opened, name)
    )
    if not looked_at:
        raise DataError(f"{opened.path.name} has no column of numbers to look at.", "Name some.", "columns")
    return time, group, looked_at


def _table(
    opened: Opened,
    series: Series,
    values: Mapping[str, Array],
    names: tuple[Sequence[str], Sequence[str]],
    begins: Array,
    params: Mapping[str, Any],
    warnings: tuple[Problem, ...],
) -> Table:
    looked_at, targets = names
    history, horizon = params["history"], params["horizon"]
    flat = "rows" if horizon == 1 else "columns" if len(targets) == 1 else ""
    before = Windows(np.stack([values[name] for name in looked_at], 1), begins, history)
    after = Windows(np.stack([values[name] for name in targets], 1), begins + history, horizon, flat)
    ends = begins + history + horizon - 1
    times = series.times[begins + history]
    columns = {
        HISTORY: SourceColumn(
            before, "number", "input", _field(HISTORY, before, "input"), about=_rows_of(history, looked_at)
        ),
        NEXT: SourceColumn(
            after,
            "number",
            "target",
            _field(NEXT, after, "target"),
            about=f"then {_rows_of(horizon, targets)}",
        ),
        "time": SourceColumn(
            Held(times),
            "time" if _are_times(series) else "number",
            "ignore",
            about="of the first row foretold",
        ),
    }
    if series.names:
        listed = [series.names[at] for at in series.of[begins]]
        columns["series"] = SourceColumn(Listed(listed), "category", "ignore")
    called = targets if horizon == 1 else [f"{targets[0]} +{at}" for at in range(1, horizon + 1)]
    moments = series.times.astype("datetime64[us]").astype(np.int64) if _are_times(series) else series.times
    return Table(
        columns,
        columns_of={NEXT: tuple(map(Column, called))} if flat else {},
        warnings=warnings,
        places=_Places(opened, series.rows, begins),
        spans=np.stack([moments[begins], moments[ends]], 1) if params["by_time"] else None,
    )


def _field(name: str, windows: Windows, role: Role) -> Field:
    low, high = float(windows.values.min()), float(windows.values.max())
    return Field(name, windows.shape, "float32", None, role, low, high)


def _rows_of(count: int, columns: Sequence[str]) -> str:
    """24 rows of load, wind"""
    listed = ", ".join(columns[:4]) + (" …" if len(columns) > 4 else "")
    return f"{count} row{'s' if count > 1 else ''} of {listed}"


def _are_times(series: Series) -> bool:
    return series.times.dtype.kind == "M"


@dataclass(frozen=True)
class _Places:
    """Where the first row of a window stands."""

    opened: Opened
    rows: Array
    begins: Array

    def where(self, row: int, column: str) -> str:
        """sunspots.csv, row 3, column history"""
        return self.opened.places.where(int(self.rows[self.begins[row]]), column)

    def cell(self, row: int, column: str) -> str | None:
        """Not known."""
        return None


def _named(opened: Opened, setting: str, param: str) -> tuple[str, ...]:
    names = target_names(setting)
    for name in names:
        if name not in opened.columns:
            listed = ", ".join(list(opened.columns)[:20])
            raise DataError(f"{opened.path.name} has no column {name}.", f"Its columns are {listed}.", param)
    return names


def is_number(opened: Opened, name: str) -> bool:
    column = opened.columns[name]
    return find_column(name, column).kind == "number" and not _holds_lists(column.cells)


def _holds_lists(cells: Cells) -> bool:
    first = cells.take(np.arange(min(len(cells), LISTS_SEEN)))
    return np.ndim(first) > 1 if isinstance(first, np.ndarray) else any(map(np.ndim, first))


def time_column(opened: Opened, setting: str) -> str | None:
    if setting.strip():
        return _named(opened, setting, "time")[0]
    kinds = {name: find_column(name, column).kind for name, column in opened.columns.items()}
    times = [name for name, kind in kinds.items() if kind == "time"]
    rising = [name for name in kinds if name.lower() in NAMES_OF_TIME and _rises(opened, name)]
    return next(iter((*times, *rising)), None)


def _rises(opened: Opened, name: str) -> bool:
    cells = opened.columns[name].cells
    values = cells.values if isinstance(cells, Held) else np.zeros(0)
    return len(values) > 1 and values.dtype.kind == "f" and bool((np.diff(values) >= 0).all())


def _series(opened: Opened, time: str | None, group: str | None) -> Series:
    """All rows, sorted by series and time. Raises DataError where a time is missing or comes up twice."""
    count = len(next(iter(opened.columns.values())).cells)
    times = np.arange(count, dtype=np.float64) if time is None else times_of(opened, time)
    names, of = _groups(opened, group, count)
    rows = np.lexsort((times, of))
    twice = np.flatnonzero((np.diff(of[rows]) == 0) & (times[rows][1:] == times[rows][:-1]))
    if len(twice):
        first, second = sorted(int(row) for row in rows[twice[0] : twice[0] + 2])
        raise DataError(
            f"{opened.places.where(second, str(time))}: {_told(times[second])} comes up twice, first in row "
            f"{_row_of(opened, first)}.",
            "Leave one of them out, or choose the column that tells several series apart.",
            "group",
        )
    return Series(rows, times[rows], of[rows], names)


def _row_of(opened: Opened, row: int) -> str:
    return opened.places.where(row, "").split("row ")[-1].partition(",")[0]


def _groups(opened: Opened, group: str | None, count: int) -> tuple[tuple[str, ...], Array]:
    if group is None:
        return (), np.zeros(count, np.int64)
    values = opened.columns[group].cells.take(np.arange(count))
    listed = ["" if is_missing(value) else str(value) for value in values]
    names, of = np.unique(np.array(listed), return_inverse=True)
    return tuple(map(str, names)), of


def times_of(opened: Opened, name: str) -> Array:
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
    cells = opened.columns[name].cells
    values = cells.take(np.arange(len(cells)))
    if not isinstance(values, np.ndarray):
        values = _read(opened, name, reading_of("number", cells) or Reading("number"), values)
    if values.dtype.kind not in "buif" or values.ndim > 1:
        raise DataError(f"{opened.path.name}: {name} holds no numbers.", "Choose other columns.", "columns")
    odd = ~np.isfinite(values)
    if odd.any():
        where = opened.places.where(int(np.argmax(odd)), name)
        raise DataError(
            f"{where}: the value is missing or not finite, as in {int(odd.sum())} of {len(values)} rows.",
            "Fill it in, or leave the column out.",
            "columns",
        )
    return values.astype(np.float64)


def _read(opened: Opened, name: str, reading: Reading, values: Any) -> Array:  # noqa: ANN401
    try:
        return np.asarray(reading(values))
    except OddValueError as error:
        where = opened.places.where(error.at, name)
        raise DataError(
            f"{where}: {error.value[:40]!r} is no {reading.kind}.", "Correct the value.", "columns"
        ) from None


def _breaks(
    opened: Opened, series: Series, time: str | None, *, cut: bool
) -> tuple[Array, tuple[Problem, ...]]:
    """After which rows one is missing, where the series are regular."""
    none = np.zeros(len(series.rows), bool)
    inner = np.diff(series.of) == 0
    distances = np.diff(series.times).astype(np.float64)
    if time is None or not inner.any():
        return none, ()
    usual = float(np.median(distances[inner]))
    gaps = inner & (distances > GAP * usual)
    count = int(gaps.sum())
    if not count or count > SHARE_OF_GAPS * inner.sum():
        return none, ()
    at = int(np.argmax(gaps))
    what = "no window reaches across them" if cut else "windows reach across them as if nothing were missing"
    told = (
        f"{opened.path.name}: {count} gap{'s' * (count > 1)} in {time}, the first after "
        f"{_told(series.times[at])}; {what}."
    )
    warning = Problem("warning", told, "Fill in the rows, or set gaps to cut.", field="data.gaps")
    return (np.concatenate([[False], gaps]) if cut else none), () if cut else (warning,)


def _told(time: Any) -> str:  # noqa: ANN401
    if isinstance(time, np.datetime64):
        return str(time.astype("datetime64[s]")).replace("T00:00:00", "").replace("T", " ")
    return f"{float(time):.15g}"
