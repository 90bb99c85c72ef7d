"""What a source delivers before anything is decided: named columns, and what it knows of them itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from studio.data.cells import Cells, Held
from studio.data.raw import Array, Column, RawData
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.project import Setting


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column. `kind` and `role` are "" where the source does not know them.

    `field` describes values that need nothing done to them. `warning` tells why the source leaves the column
    out, as long as nobody has decided about it.
    `steps` are proposed in place of those that are usual for the kind. `sizes` are height and width of each
    picture, (n, 2), where they are known. `about` says in a few words what the source made the column of.
    """

    cells: Cells
    kind: str = ""
    role: str = ""
    field: Field | None = None
    warning: Problem | None = None
    steps: tuple[Setting, ...] = ()
    sizes: Array | None = None
    about: str = ""


class Places(Protocol):
    """Where the values of a table stand in its file."""

    def where(self, row: int, column: str) -> str:
        """data.csv, row 3, column age"""
        ...

    def cell(self, row: int, column: str) -> str | None:
        """The value as it is written there; None where that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """All columns of a source, of equal length.

    `stacks`: its numbers and categories make one field `features` together. `missing` is what is done about
    missing values where a column's setting says nothing. `target_kind` says what a column is that was made a
    target: classes, numbers, auto (as its values are), or "" (as it is found). `test` are the rows that the
    source sets apart.
    `keys` name the samples (their numbers where there are none). `columns_of` says what the numbers of a
    ready field of shape (n,) are called. `places` tells where values stand, `folder` is where paths in the
    table begin. `spans` are the first and the last moment (n, 2) that each sample covers: such samples are
    split by time, and none that covers moments of two parts is used.
    """

    columns: Mapping[str, SourceColumn]
    stacks: bool = False
    missing: str = "error"
    target_kind: str = ""
    test: Array | None = None
    validation: Array | None = None
    keys: Sequence[str] | None = None
    columns_of: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    places: Places | None = None
    spans: Array | None = None
    folder: Path | None = None

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return min((len(one.cells) for one in self.columns.values()), default=0)

    def key(self, row: int) -> str:
        """The name of a sample, by which changes to it are kept."""
        return self.keys[row] if self.keys is not None else str(row)

    def where(self, row: int, column: str) -> str:
        """Where a value stands, for messages."""
        if self.places is not None:
            return self.places.where(row, column)
        return f"{column}, sample {self.key(row)}"


def table_of(raw: RawData) -> Table:
    """A source's ready fields as columns."""
    columns = {
        name: SourceColumn(Held(raw.arrays[name]), kind_of(one), one.role, one)
        for name, one in raw.fields.items()
    }
    return Table(columns, test=raw.test, columns_of=raw.columns, warnings=raw.warnings)


def kind_of(field: Field) -> str:
    """The kind of a ready field."""
    if field.picture:
        return "image"
    if field.classes is not None:
        return "mask" if len(field.shape) == 2 else "category"
    return "number"
