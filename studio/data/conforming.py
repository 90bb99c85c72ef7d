"""Columns brought into the form that their kind needs: numbers and times read from texts, files by paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from studio.data import spelling
from studio.data.cells import CHUNK, Cells, Decoded, Held, Listed, Values
from studio.data.columns import Planned, in_register
from studio.data.dates import ISO, format_of, mostly, read_date
from studio.data.findings import is_missing, looked_at
from studio.data.listed_files import with_files
from studio.data.odd_values import Odd, Usable, judged
from studio.data.raw import Array, DataError
from studio.data.series import Texts
from studio.data.table import Places, Table
from studio.data.transforms.classes import class_text
from studio.data.unfit import told_place
from studio.errors import Problem

LOOKED_AT = 1000
"""Values from which it is found how a column writes numbers or dates."""
YEARS = (1000, 3000)
"""Numbers between these that are to be times are years."""
LATER = "Correct it; or let such values of its column count as missing, or leave their rows out, in its card."
MILLISECONDS = 1e11
"""Numbers from here on that are to be times count milliseconds since 1970, smaller ones seconds."""


class OddValueError(ValueError):
    """A value that cannot be read as its kind; `at` is its place among the values."""

    def __init__(self, at: int, value: str) -> None:
        super().__init__(value)
        self.at, self.value = at, value


@dataclass(frozen=True, slots=True)
class Reading:
    """How values become those of a kind; "" of `written` leaves them. Picklable."""

    kind: str
    written: str = ""

    def __call__(self, values: Values) -> Values:
        """Values as the kind has them. Raises OddValueError."""
        found, odd = self.read(values)
        if odd:
            raise OddValueError(odd[0], str(values[odd[0]]))
        return found

    def read(self, values: Values) -> tuple[Values, list[int]]:
        """Values as the kind has them, and the places of those that are not of it, which become missing."""
        if self.kind == "number":
            return _numbers(values, self.written)
        if self.kind == "time":
            return _times(values, self.written or ISO)
        if self.kind == "text" and isinstance(values, np.ndarray):
            return [None if is_missing(value) else class_text(value) for value in values.tolist()], []
        return values, []


@dataclass(frozen=True, slots=True)
class Conformed:
    """Cells that are read when they are asked for; `lenient` takes values of another kind as missing.

    `column` and `places` tell where one stands.
    """

    cells: Cells
    reading: Reading
    lenient: bool = False
    column: str = ""
    places: Places | None = field(default=None, compare=False)

    def __len__(self) -> int:
        """How many samples."""
        return len(self.cells)

    def take(self, rows: Array) -> Values:
        """The values at these rows. Raises DataError."""
        values = self.cells.take(rows)
        if self.lenient:
            return self.reading.read(values)[0]
        try:
            return self.reading(values)
        except OddValueError as error:
            where = told_place(self.places, int(rows[error.at]), self.column)
            message = f"{where}: {error.value[:40]!r} is no {self.reading.kind}."
            raise DataError(message, LATER) from None


@dataclass(frozen=True, slots=True)
class Conforming:
    """Columns whose values are as their kinds need them; `rows` are those that can be used."""

    planned: dict[str, Planned]
    rows: Array
    warnings: tuple[Problem, ...] = ()


def conformed(planned: Mapping[str, Planned], table: Table, rows: Array) -> Conforming:
    """Bring columns into their form at the rows that are wanted. Raises DataError that says where one cannot
    be, unless the settings say what is done then.
    """
    found = {name: _conformed(one, table, rows) for name, one in planned.items()}
    left = [one.left for one in found.values() if len(one.left)]
    kept = rows[~np.isin(rows, np.concatenate(left))] if left else rows
    warnings = tuple(warning for one in found.values() for warning in one.warnings)
    return Conforming(in_register({name: one.planned for name, one in found.items()}), kept, warnings)


def reading_of(kind: str, cells: Cells) -> Reading | None:
    """How a column's values are to be read as a kind; None where they are of it."""
    held = isinstance(cells, Held | Texts | Listed)
    values = cells.take(looked_at(cells, LOOKED_AT) if held else np.arange(min(len(cells), LOOKED_AT)))
    if isinstance(values, np.ndarray):
        if kind == "text" or (kind == "time" and values.dtype.kind != "M"):
            return Reading(kind, "numbers" if kind == "time" else "")
        return None
    texts = [value.strip() for value in values if isinstance(value, str) and not is_missing(value)]
    if not texts and any(not is_missing(value) for value in values):
        return None
    if kind == "number":
        return Reading(kind, spelling.way_of(texts))
    return Reading(kind, format_of(texts) or mostly(texts) or ISO) if kind == "time" else None


def _conformed(one: Planned, table: Table, rows: Array) -> Usable:
    cells = one.column.cells
    if one.column.field is not None or isinstance(cells, Decoded):
        return Usable(one)
    if one.kind in ("image", "mask", "audio"):
        return with_files(one, table, rows) if isinstance(cells, Texts | Listed) else Usable(one)
    reading = reading_of(one.kind, cells)
    if reading is None:
        return Usable(one)
    if isinstance(cells, Held | Texts | Listed):
        return _all(one, table, reading, rows)
    lenient = one.odd != "error"
    made = _with_cells(one, Conformed(cells, reading, lenient, one.name, table.places), reading)
    return judged(made, table, _odd_later(made, table, rows))


def _with_cells(one: Planned, cells: Cells, reading: Reading) -> Planned:
    return replace(one, column=replace(one.column, cells=cells), written=reading.written)


def _all(one: Planned, table: Table, reading: Reading, rows: Array) -> Usable:
    """A column that is in memory; odd values of rows that are not wanted anyway count as missing."""
    values = one.column.cells.take(np.arange(len(one.column.cells)))
    found, places = reading.read(values)
    cells = Held(found) if isinstance(found, np.ndarray) else Listed(found)
    made = _with_cells(one, cells, reading)
    odd = np.intersect1d(places, rows).tolist() if places else []
    if not odd:
        return Usable(made)
    there = sum(not is_missing(value) for value in values)
    told = f"{str(values[odd[0]])[:40]!r} is no {reading.kind}"
    if reading.kind == "number":
        told += f"; {there - len(places)} of {len(values)} values are"
    return judged(made, table, _odd(one, table, reading.kind, odd, told))


def _odd(one: Planned, table: Table, kind: str, rows: Sequence[int], told: str) -> Odd:
    hint = "Correct the value, choose another kind for the column, or leave it out."
    return Odd(rows, f"no {kind}", f"{table.where(rows[0], one.name)}: {told}.", hint)


def _odd_later(one: Planned, table: Table, rows: Array) -> Odd:
    """The odd values of a column that is read when it is asked for."""
    cells = one.column.cells
    assert isinstance(cells, Conformed)
    odd: list[int] = []
    first = ""
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        values = cells.cells.take(some)
        places = cells.reading.read(values)[1]
        first = first or (str(values[places[0]]) if places else "")
        odd += some[places].tolist()
    if not odd:
        return Odd((), "", "", "")
    return _odd(one, table, cells.reading.kind, odd, f"{first[:40]!r} is no {cells.reading.kind}")


def _numbers(values: Values, written: str) -> tuple[Values, list[int]]:
    if isinstance(values, np.ndarray):
        return values, []
    odd: list[int] = []
    found = np.full(len(values), np.nan)
    for at, value in enumerate(values):
        if is_missing(value):
            continue
        number = spelling.read(value, written) if isinstance(value, str) else _plain(value)
        if number is None:
            odd.append(at)
        else:
            found[at] = number
    return found, odd


def _plain(value: Any) -> float | None:  # noqa: ANN401
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _times(values: Values, written: str) -> tuple[Values, list[int]]:
    if isinstance(values, np.ndarray):
        return values.astype("datetime64[us]") if values.dtype.kind == "M" else _from_numbers(values), []
    odd: list[int] = []
    found = np.full(len(values), np.datetime64("NaT"), "datetime64[us]")
    for at, value in enumerate(values):
        if is_missing(value):
            continue
        read = read_date(str(value).strip(), written)
        if read is None:
            odd.append(at)
            continue
        offset = read.utcoffset()
        found[at] = read.replace(tzinfo=None) - offset if offset else read.replace(tzinfo=None)
    return found, odd


def _from_numbers(values: Array) -> Array:
    """Years, or seconds or milliseconds since 1970."""
    numbers = values.astype(np.float64)
    empty = np.isnan(numbers)
    there = np.abs(numbers[~empty])
    filled = np.where(empty, 0, numbers)
    if len(there) and ((there >= YEARS[0]) & (there <= YEARS[1])).all():
        years = np.floor(filled)
        begins = (years.astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[us]")
        found = begins + ((filled - years) * 365.2425 * 86400e6).astype(np.int64).astype("timedelta64[us]")
    else:
        unit = 1e3 if len(there) and there.max() >= MILLISECONDS else 1e6
        found = (filled * unit).astype(np.int64).astype("datetime64[us]")
    return np.where(empty, np.datetime64("NaT", "us"), found)
