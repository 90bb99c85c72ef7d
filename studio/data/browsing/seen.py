"""A column as a person sees it: its values before any step, with the labels that were corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.data.cells import CHUNK, Cells, Values
from studio.data.column_facts import ColumnFacts
from studio.data.conforming import Reading, reading_of
from studio.data.dates import told_moment
from studio.data.findings import is_missing
from studio.data.raw import Array, Column
from studio.data.table import SourceColumn, Table

WIDE = 40
"""Numbers of one field that are seen as a column each; more are told in one."""
WORDS = ("category", "text", "identifier")
DECODED = ("image", "mask", "audio")


@dataclass(frozen=True, slots=True)
class Piece:
    """One number of a field of several, or several that stand for a class."""

    cells: Cells
    at: int
    width: int = 1

    def __len__(self) -> int:
        """How many samples."""
        return len(self.cells)

    def take(self, rows: Array) -> Values:
        """The number at these rows, or the place of the largest of several."""
        found = np.asarray(self.cells.take(rows))[:, self.at : self.at + self.width]
        return found[:, 0] if self.width == 1 else found.argmax(axis=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """`of` is the column of the source that it belongs to; settings go by that name.

    `others` are labels that were corrected, by row.
    """

    name: str
    cells: Cells
    kind: str
    role: str
    of: str
    classes: tuple[str, ...] | None = None
    shape: tuple[int, ...] = ()
    others: Mapping[int, str] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None
    """The lowest and highest value that there may be, where the source knows it."""

    @property
    def scalar(self) -> bool:
        """Whether each sample has one number, class or time of it."""
        return self.kind in ("number", "category", "time") and not self.shape

    @property
    def whole(self) -> bool:
        """Whether it is a column of the source, and not a part of one: settings can be made for it."""
        return self.name == self.of

    def numbers(self, rows: Array) -> Array:
        """Numbers (float64, NaN where there is none); times as days, classes as their places."""
        if self.kind in WORDS:
            names = self.words(rows)
            order = {name: at for at, name in enumerate(self.names(names))}
            return np.array([np.nan if name is None else order[name] for name in names], np.float64)
        found = np.asarray(self._reading().read(self._all(rows))[0])
        if found.dtype.kind == "M":
            days = (found - np.datetime64(0, "us")) / np.timedelta64(1, "D")
            return np.where(np.isnat(found), np.nan, days)
        return found.astype(np.float64).reshape(len(found), -1)[:, 0]

    def words(self, rows: Array) -> list[str | None]:
        """Texts, or the names of classes; None where there is none."""
        values = self._all(rows)
        if self.classes is not None and isinstance(values, np.ndarray):
            known = self.classes
            found = [known[at] if 0 <= at < len(known) else str(at) for at in values.astype(int).tolist()]
        else:
            listed = values.tolist() if isinstance(values, np.ndarray) else values
            found = [None if is_missing(value) else str(value) for value in listed]
        if not self.others:
            return found
        return [self.others.get(int(row), word) for row, word in zip(rows, found, strict=True)]

    def written(self) -> str:
        """How the table writes the dates or numbers of this column."""
        return self._reading().written

    def names(self, words: Iterable[str | None]) -> list[str]:
        """The classes that words name, in their order."""
        there = {word for word in words if word is not None}
        known = [name for name in self.classes or () if name in there]
        return known + sorted(there.difference(known))

    def texts(self, rows: Array) -> list[str]:
        """Values as they are written in a table."""
        if self.kind in WORDS:
            return ["" if word is None else word for word in self.words(rows)]
        if self.kind in DECODED or self.shape:
            return [_told(self)] * len(rows)
        return [_text(value) for value in self.cells.take(rows)]

    def parts(self, rows: Array) -> Iterator[tuple[Array, Values]]:
        """Rows and their values, a part at a time."""
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            yield some, self.cells.take(some)

    def _reading(self) -> Reading:
        """How training reads numbers and times of this column."""
        kind = "time" if self.kind == "time" else "number"
        return reading_of(kind, self.cells) or Reading(kind)

    def _all(self, rows: Array) -> Values:
        found = [part for _, part in self.parts(rows)]
        if found and all(isinstance(part, np.ndarray) for part in found):
            return np.concatenate([np.asarray(part) for part in found])
        return [value for part in found for value in part]


def seen_columns(
    table: Table, facts: Iterable[ColumnFacts], others: Mapping[str, Mapping[int, str]]
) -> dict[str, Seen]:
    """All that can be seen of a sample; a field that joins columns which are there themselves is left out."""
    found: dict[str, Seen] = {}
    for fact in facts:
        column, named = table.columns[fact.name], table.columns_of.get(fact.name, ())
        if len(named) > 1 and all(one.name in table.columns for one in named):
            continue
        whole = _whole(fact, column, others.get(fact.name, {}))
        for one in _pieces(whole, named) if _splits(whole) else (whole,):
            found[one.name] = one
    return found


def _whole(fact: ColumnFacts, column: SourceColumn, others: Mapping[int, str]) -> Seen:
    own = column.field
    classes = own.classes if own is not None else None
    shape = own.shape if own is not None else _shape(column, fact.kind)
    kind = "category" if classes is not None and not shape else fact.kind
    low, high = (own.low, own.high) if own is not None else (None, None)
    bounds = (low, high) if low is not None and high is not None else None
    shape = shape if shape != (1,) else ()
    return Seen(fact.name, column.cells, kind, fact.role, fact.name, classes, shape, others, bounds)


def _shape(column: SourceColumn, kind: str) -> tuple[int, ...]:
    if kind != "number" or not len(column.cells):
        return ()
    first = column.cells.take(np.arange(1))
    return first.shape[1:] if isinstance(first, np.ndarray) else ()


def _splits(one: Seen) -> bool:
    return one.kind == "number" and len(one.shape) == 1 and one.shape[0] <= WIDE


def _pieces(one: Seen, named: Iterable[Column]) -> Iterator[Seen]:
    columns = tuple(named) or tuple(Column(f"{one.name}[{at}]") for at in range(one.shape[0]))
    at = 0
    for column in columns:
        kind = "number" if column.classes is None else "category"
        cells = Piece(one.cells, at, column.width)
        yield Seen(column.name, cells, kind, one.role, one.of, column.classes)
        at += column.width


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, np.datetime64):
        return told_moment(value)
    if is_missing(value) or value != value:
        return ""
    if isinstance(value, str):
        return value.strip()
    try:
        return f"{float(np.asarray(value).reshape(-1)[0]):.6g}"
    except (TypeError, ValueError):
        return str(value)


def _told(one: Seen) -> str:
    shape = "×".join(map(str, one.shape))
    return f"{one.kind} {shape}".strip()
