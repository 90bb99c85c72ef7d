"""Columns brought into the form that their kind needs: numbers and times read from texts, files by paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from studio.data import spelling
from studio.data.cells import Cells, Decoded, Held, Listed, Values
from studio.data.columns import Planned, in_register, with_pictures
from studio.data.dates import ISO, format_of, read_date
from studio.data.decoding.pictures import mask
from studio.data.decoding.scanning import scan
from studio.data.findings import is_missing
from studio.data.raw import Array, DataError
from studio.data.series import Texts
from studio.data.table import Table
from studio.data.transforms.classes import class_text

LOOKED_AT = 1000
"""Values from which it is found how a column writes numbers or dates."""
YEARS = (1000, 3000)
"""Numbers between these that are to be times are years."""
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
        if self.kind == "number":
            return _numbers(values, self.written)
        if self.kind == "time":
            return _times(values, self.written or ISO)
        if self.kind == "text" and isinstance(values, np.ndarray):
            return [None if is_missing(value) else class_text(value) for value in values.tolist()]
        return values


@dataclass(frozen=True, slots=True)
class Conformed:
    """Cells that are read when they are asked for."""

    cells: Cells
    reading: Reading

    def __len__(self) -> int:
        """How many samples."""
        return len(self.cells)

    def take(self, rows: Array) -> Values:
        """The values at these rows. Raises DataError."""
        try:
            return self.reading(self.cells.take(rows))
        except OddValueError as error:
            message = f"Sample {int(rows[error.at])}: {error.value[:40]!r} is no {self.reading.kind}."
            raise DataError(message, "Correct the value, or choose another kind for the column.") from None


def conformed(planned: Mapping[str, Planned], table: Table) -> dict[str, Planned]:
    """Columns whose values are as their kinds need them. Raises DataError that says where one is not."""
    return in_register({name: _conformed(one, table) for name, one in planned.items()})


def reading_of(kind: str, cells: Cells) -> Reading | None:
    """How a column's values are to be read as a kind; None where they are of it."""
    values = cells.take(np.arange(min(len(cells), LOOKED_AT)))
    if isinstance(values, np.ndarray):
        if kind == "text" or (kind == "time" and values.dtype.kind != "M"):
            return Reading(kind, "numbers" if kind == "time" else "")
        return None
    texts = [value.strip() for value in values if isinstance(value, str) and not is_missing(value)]
    if not texts and any(not is_missing(value) for value in values):
        return None
    if kind == "number":
        return Reading(kind, spelling.comma_of(texts))
    return Reading(kind, format_of(texts) or ISO) if kind == "time" else None


def _conformed(one: Planned, table: Table) -> Planned:
    cells = one.column.cells
    if one.column.field is not None or isinstance(cells, Decoded):
        return one
    if one.kind in ("image", "mask", "audio"):
        return _with_files(one, table) if isinstance(cells, Texts | Listed) else one
    reading = reading_of(one.kind, cells)
    if reading is None:
        return one
    if isinstance(cells, Held | Texts | Listed):
        found = _all(one, table, reading)
        cells = Held(found) if isinstance(found, np.ndarray) else Listed(found)
    else:
        cells = Conformed(cells, reading)
    return replace(one, column=replace(one.column, cells=cells), written=reading.written)


def _all(one: Planned, table: Table, reading: Reading) -> Values:
    values = one.column.cells.take(np.arange(len(one.column.cells)))
    try:
        return reading(values)
    except OddValueError as error:
        told = f"{error.value[:40]!r} is no {reading.kind}"
        if reading.kind == "number":
            there = [str(value) for value in values if not is_missing(value)]
            fits = sum(spelling.number(text, _comma(reading.written)) is not None for text in there)
            told += f"; {fits} of {len(values)} values are"
        raise DataError(
            f"{table.where(error.at, one.name)}: {told}.",
            "Correct the value, choose another kind for the column, or leave it out.",
        ) from None


def _comma(written: str) -> spelling.Comma:
    return "decimal" if written == "decimal" else "thousands"


def _numbers(values: Values, written: str) -> Values:
    if isinstance(values, np.ndarray):
        return values
    found = np.full(len(values), np.nan)
    comma = _comma(written)
    for at, value in enumerate(values):
        if is_missing(value):
            continue
        number = spelling.number(value, comma) if isinstance(value, str) else float(value)
        if number is None:
            raise OddValueError(at, str(value))
        found[at] = number
    return found


def _times(values: Values, written: str) -> Values:
    if isinstance(values, np.ndarray):
        return values.astype("datetime64[us]") if values.dtype.kind == "M" else _from_numbers(values)
    found = np.full(len(values), np.datetime64("NaT"), "datetime64[us]")
    for at, value in enumerate(values):
        if is_missing(value):
            continue
        read = read_date(str(value).strip(), written)
        if read is None:
            raise OddValueError(at, str(value))
        offset = read.utcoffset()
        found[at] = read.replace(tzinfo=None) - offset if offset else read.replace(tzinfo=None)
    return found


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


def _with_files(one: Planned, table: Table) -> Planned:
    """Paths in a table as the files they name; they begin at the table's folder."""
    paths: list[Path] = []
    folder = table.folder or Path()
    for row, value in enumerate(one.column.cells.take(np.arange(len(one.column.cells)))):
        if is_missing(value):
            raise DataError(
                f"{table.where(row, one.name)}: the path is missing.", "Fill it in, or leave the row out."
            )
        path = folder / str(value).strip()
        if not path.is_file():
            raise DataError(
                f"{table.where(row, one.name)}: there is no file {path}.",
                "Put the file there, or correct the path; paths begin at the table's folder.",
            )
        paths.append(path)
    if one.kind != "audio":
        return _with_pictures(one, table, paths)
    from studio.data.decoding.sounds import sound

    return replace(one, column=replace(one.column, cells=Decoded(paths, sound)))


def _with_pictures(one: Planned, table: Table, paths: Sequence[Path]) -> Planned:
    scanned = scan(paths)
    for row, message in scanned.broken.items():
        raise DataError(
            f"{table.where(row, one.name)}: {message}", "Replace the file, or take the row out of the table."
        )
    decode = mask if one.kind == "mask" else scanned.decoder()
    return with_pictures(one, Decoded(paths, decode), scanned.sizes)
