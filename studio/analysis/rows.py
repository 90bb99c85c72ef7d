"""New rows for a run that was trained on a table: typed, given by column, or in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.file_marks import encoding_of
from studio.data.findings import is_missing
from studio.data.raw import Array, DataError
from studio.data.row_ways import classes_of, fields_of, fills, through
from studio.data.sources.any_table import Opened, open_table
from studio.data.transforms.classes import class_text
from studio.data.ways import Way
from studio.errors import StudioError
from studio.project.fields import Field

TABLES = frozenset(
    {".csv", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods"}
)
UTF_8 = "UTF-8"
CORRECT = "Correct the value."
VALUES = ("number", "time", "category")
"""Kinds that a person can type a value of."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Reads rows for the fields that a network takes, which the columns of `ways` make.

    `encoding` is how the file of the training wrote its letters; a new file may write them as UTF-8.
    """

    ways: Mapping[str, Way]
    wanted: Mapping[str, Field]
    encoding: str = UTF_8

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in the order of a row."""
        return tuple(way.column for way in self.ways.values())

    @property
    def typable(self) -> bool:
        """Whether a row can be typed: all its values are numbers, classes or times."""
        return all(way.kind in VALUES for way in self.ways.values())

    def typed(self, text: str) -> dict[str, Array]:
        """A row as text, values in the order of the columns. Raises StudioError."""
        cells = _cells(text)
        if len(cells) != len(self.ways):
            names = ", ".join(self.names[:12]) + (", …" if len(self.ways) > 12 else "")
            raise StudioError(
                f"{' and '.join(self.wanted)} takes {len(self.ways)} value{'s' * (len(self.ways) != 1)}, "
                f"got {len(cells)}.",
                f"Give them in this order, with commas between: {names}.",
            )
        return self.by_column(dict(zip(self.names, cells, strict=True)))

    def by_column(self, row: Mapping[str, Any]) -> dict[str, Array]:
        """A row as values by column. Raises StudioError."""
        columns = {name: [row[name]] for name in self.names}
        for way in self.ways.values():
            _check_value(way, columns[way.column][0])
        return self._made(columns, Path())

    def given(self, row: Mapping[str, Any]) -> bool:
        """Whether plain values are given for all columns, and nothing else."""
        plain = all(value is None or isinstance(value, str | int | float) for value in row.values())
        return plain and set(row) == set(self.names)

    def in_file(self, path: Path) -> tuple[dict[str, Array], dict[int, str]]:
        """The rows of a table (columns that are not needed may be there too), and those that cannot be used,
        by their number in the file from 0, each with why. Raises StudioError where none can be.
        """
        opened = open_table(path, self._encoding(path), least=1, broken="skip")
        columns = self._columns(opened)
        wrong: dict[int, list[str]] = {}
        for way in self.ways.values():
            for row, message in self._faults(way, columns[way.column], path.parent):
                wrong.setdefault(row, []).append(f"{opened.places.where(row, way.column)}: {message}")
        told = {row: " ".join(messages) for row, messages in sorted(wrong.items())}
        kept = [row for row in range(opened.height) if row not in told]
        if not kept:
            count = opened.height
            all_of = f"None of the {count} rows can be used" if count > 1 else "The one row cannot be used"
            raise StudioError(f"{all_of}: {next(iter(told.values()))}", "Correct the values.")
        chosen = {name: [values[row] for row in kept] for name, values in columns.items()}
        return self._made(chosen, path.parent), in_order(opened, told)

    def _columns(self, opened: Opened) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {}
        for way in self.ways.values():
            if way.column not in opened.columns:
                listed = ", ".join(list(opened.columns)[:20])
                raise StudioError(
                    f"{opened.path.name} has no column {way.column}, which the network needs.",
                    f"Its columns are {listed}.",
                )
            cells = opened.columns[way.column].cells
            columns[way.column] = list(cells.take(np.arange(len(cells))))
        return columns

    def _faults(self, way: Way, values: Sequence[Any], folder: Path) -> Iterator[tuple[int, str]]:
        """The rows whose value cannot be used, and why."""
        known: dict[Any, str] = {}
        field = self.wanted.get(way.column)
        for row, value in enumerate(values):
            key = value if isinstance(value, str | int | float | None) else row
            if key not in known:
                known[key] = _fault(way, value, folder, field)
            if known[key]:
                yield row, known[key]

    def _encoding(self, path: Path) -> str:
        seen = encoding_of(path) or UTF_8
        return seen if seen == UTF_8 or self.encoding == UTF_8 else self.encoding

    def _made(self, columns: Mapping[str, list[Any]], folder: Path) -> dict[str, Array]:
        found = fields_of(self.ways, self.wanted, columns, folder)
        for name, array in found.items():
            if array.shape[1:] != self.wanted[name].shape:
                shapes = (self.wanted[name].shape, array.shape[1:])
                expected, got = ("×".join(map(str, one)) or "one number" for one in shapes)
                raise StudioError(
                    f"{name} takes {expected} for each sample, got {got}.",
                    "Give other values, or train anew.",
                )
        return found


def in_order(opened: Opened, told: Mapping[int, str]) -> dict[int, str]:
    """Rows at fault by their number among all rows of the file, those among them that could not be read."""
    if not opened.bad:
        return dict(told)
    lines = sorted([*opened.lines, *(one.line for one in opened.bad)])
    place = {line: at for at, line in enumerate(lines)}
    found = {place[one.line]: one.message for one in opened.bad}
    found |= {place[opened.lines[row]]: message for row, message in told.items()}
    return dict(sorted(found.items()))


def _fault(way: Way, value: Any, folder: Path, field: Field | None) -> str:  # noqa: ANN401
    """Why a value cannot be used; "" where it can."""
    try:
        if way.kind in VALUES:
            _check_value(way, value)
        else:
            through(way, [value], folder, field)
    except (DataError, StudioError) as error:
        return error.message if error.hint == CORRECT else f"{error.message} {error.hint}".strip()
    return ""


def _check_value(way: Way, value: Any) -> None:  # noqa: ANN401
    if way.kind not in VALUES:
        return
    classes = classes_of(way)
    if classes is None or (is_missing(value) and fills(way)):
        through(way, [value], Path())
    elif class_text(value) not in classes:
        told = ", ".join(classes[:12])
        raise StudioError(f"{way.column} has no class {class_text(value)!r}.", f"It takes one of {told}.")


def _cells(text: str) -> list[str]:
    """What stands between , ; tab or spaces."""
    text = text.strip()
    delimiter = next((one for one in ("\t", ";", ",") if one in text), None)
    if delimiter is None:
        return text.split()
    cells = next(csv.reader([text.rstrip(delimiter)], delimiter=delimiter, skipinitialspace=True))
    return [cell.strip() for cell in cells]
