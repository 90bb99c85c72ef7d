"""Series in a table as windows: some rows that are looked at, and those after them, which are foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Held, Listed
from studio.data.findings import is_missing
from studio.data.raw import Array, Column, DataError, located, present
from studio.data.sources.any_table import Opened, open_table
from studio.data.sources.series_columns import columns_named, is_number, numbers_of, time_column, times_of
from studio.data.sources.series_holes import Filled, check_holes, filled, known, told_holes
from studio.data.sources.series_repeats import repeats
from studio.data.table import SourceColumn, Table
from studio.data.transforms.classes import class_text
from studio.data.windows import Windows, starts
from studio.errors import Problem
from studio.project.fields import Field, Role

HISTORY, NEXT = "history", "next"
Names = tuple[Sequence[str], Sequence[str]]
"""The columns that are looked at, and those that are foretold."""
GAP = 1.5
"""Times that lie further apart than so many usual distances have a gap between them."""
SHARE_OF_GAPS = 0.1
"""With more gaps than this among all distances, a series is not regular."""


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
    targets = columns_named(opened, params["target"], "target")
    names = looked_at, targets or looked_at[-1:]
    series, left = _series(opened, time, group)
    breaks, warnings = _breaks(opened, series, time, cut=params["gaps"] == "cut")
    values = {name: numbers_of(opened, name)[series.rows] for name in dict.fromkeys((*names[0], *names[1]))}
    said = columns_named(opened, params["columns"], "columns")
    check_holes(opened, series.rows, values, (*said, *targets), params["missing"])
    whole = {name: filled(one, series.of) for name, one in values.items()}
    history, horizon = params["history"], params["horizon"]
    begins = starts(series.of, breaks, history + horizon, params["stride"])
    kept = known(begins, whole, *names, history, horizon)
    if kept.sum() < 2:
        lost = int((~kept).sum())
        more = f", and {lost} more would lack values" if lost else ""
        raise DataError(
            f"{opened.path.name}: {int(kept.sum())} windows of {history} + {horizon} rows "
            f"fit into {len(series.rows)} rows{more}; at least two are needed.",
            "Make history or horizon shorter.",
            "history",
        )
    table = _table(opened, series, whole, names, begins[kept], params)
    return replace(_told_of(table, whole, names, kept), warnings=(*left, *warnings))


def _told_of(table: Table, whole: Mapping[str, Filled], names: Names, kept: Array) -> Table:
    """The table with what was done about missing values in the evidence."""
    columns = dict(table.columns)
    told = told_holes({name: whole[name].missing for name in names[0]})
    if told:
        columns[HISTORY] = replace(columns[HISTORY], about=f"{columns[HISTORY].about}; {told}")
    lost = int((~kept).sum())
    if lost:
        about = f"{columns[NEXT].about}; {lost} window{'s' * (lost > 1)} left out for missing values"
        columns[NEXT] = replace(columns[NEXT], about=about)
    return replace(table, columns=columns)


def newest(params: Mapping[str, Any], path: Path, encoding: str) -> tuple[Array, dict[int, str]]:
    """The last rows of each series in another file, as they are looked at: (series, history, columns); series
    that are too short, by their number, and why. Raises DataError.
    """
    opened = open_table(path, encoding, least=1)
    time, group, looked_at = _columns(opened, params)
    (series, _), history = _series(opened, time, group), params["history"]
    held = {name: numbers_of(opened, name)[series.rows] for name in looked_at}
    if params["missing"] == "error":
        check_holes(opened, series.rows, held, looked_at, "error")
    whole = [filled(one, series.of) for one in held.values()]
    values, before = np.stack([one.values for one in whole], 1), np.stack([one.before for one in whole], 1)
    found: list[Array] = []
    short: dict[int, str] = {}
    for at in range(int(series.of.max()) + 1):
        own = np.flatnonzero(series.of == at)[-history:]
        name = f"{path.name}, {series.names[at]}" if series.names else path.name
        empty = [one for one, gone in zip(looked_at, before[own[-1]], strict=True) if gone]
        if len(own) < history:
            short[at] = f"{name}: {len(own)} rows; the network looks at {history}."
        elif empty:
            short[at] = f"{name}: {', '.join(empty)} has no value, so that nothing can stand in for it."
        else:
            found.append(values[own])
    if not found:
        raise DataError(next(iter(short.values())), "Give more of the rows that came before.")
    return np.stack(found), short


def _columns(opened: Opened, params: Mapping[str, Any]) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The column of times, the one that tells series apart, and those that are looked at."""
    time = time_column(opened, params["time"])
    group = next(iter(columns_named(opened, params["group"], "group")), None)
    looked_at = columns_named(opened, params["columns"], "columns") or tuple(
        name for name in opened.columns if name not in (time, group) and is_number(opened, name)
    )
    if not looked_at:
        raise DataError(f"{opened.path.name} has no column of numbers to look at.", "Name some.", "columns")
    return time, group, looked_at


def _table(
    opened: Opened,
    series: Series,
    whole: Mapping[str, Filled],
    names: Names,
    begins: Array,
    params: Mapping[str, Any],
) -> Table:
    looked_at, targets = names
    history, horizon = params["history"], params["horizon"]
    flat = "rows" if horizon == 1 else "columns" if len(targets) == 1 else ""
    before = Windows(np.stack([whole[name].values for name in looked_at], 1), begins, history)
    after = Windows(np.stack([whole[name].values for name in targets], 1), begins + history, horizon, flat)
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


def _series(opened: Opened, time: str | None, group: str | None) -> tuple[Series, tuple[Problem, ...]]:
    """All rows, sorted by series and time, but for those that only repeat another, which a warning counts.

    Raises DataError where a time is missing, or comes up twice with other values.
    """
    count = len(next(iter(opened.columns.values())).cells)
    times = np.arange(count, dtype=np.float64) if time is None else times_of(opened, time)
    names, of = _groups(opened, group, count)
    rows = np.lexsort((times, of))
    repeated, other = repeats(opened, rows, times[rows], of[rows])
    if other.any():
        at = int(np.argmax(other))
        first, second = sorted(int(row) for row in rows[at - 1 : at + 1])
        raise DataError(
            f"{opened.places.where(second, str(time))}: {_told(times[second])} comes up twice, first in row "
            f"{_row_of(opened, first)}, with other values.",
            "Leave one of them out, or choose the column that tells several series apart.",
            "group",
        )
    kept = rows[~repeated]
    return Series(kept, times[kept], of[kept], names), _repeated(opened, rows[repeated], time)


def _repeated(opened: Opened, rows: Array, time: str | None) -> tuple[Problem, ...]:
    if not len(rows):
        return ()
    which = "1 row repeats another and is" if len(rows) == 1 else f"{len(rows)} rows repeat another and are"
    told = f"{opened.path.name}: {which} left out, the first in row {_row_of(opened, int(rows.min()))}."
    return (Problem("warning", told, f"Nothing is lost: all their values are there once for each {time}."),)


def _row_of(opened: Opened, row: int) -> str:
    return opened.places.where(row, "").split("row ")[-1].partition(",")[0]


def _groups(opened: Opened, group: str | None, count: int) -> tuple[tuple[str, ...], Array]:
    if group is None:
        return (), np.zeros(count, np.int64)
    values = opened.columns[group].cells.take(np.arange(count))
    listed = ["" if is_missing(value) else class_text(value) for value in values]
    names, of = np.unique(np.array(listed), return_inverse=True)
    return tuple(map(str, names)), of


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
