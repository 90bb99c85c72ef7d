"""Pictures, masks and sounds that a table lists, as they are looked at: file by file, none checked before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Decoded, Listed, Values
from studio.data.column_facts import ColumnFacts
from studio.data.decoding.pictures import mask, picture
from studio.data.listed_files import listed_paths
from studio.data.raw import Array, DataError
from studio.data.series import Texts
from studio.data.table import SourceColumn, Table

KINDS = ("image", "mask", "audio")


@dataclass(frozen=True)
class Files(Decoded):
    """Files that may not be there."""

    def take(self, rows: Array) -> Values:
        """These files' content. Raises DataError."""
        for row in rows[self.absent(rows)][:1].tolist():
            raise DataError(f"Row {row + 1} names no file.", "Fill in its path, or leave the row out.")
        return super().take(rows)


def with_files_read(table: Table, facts: Iterable[ColumnFacts]) -> Table:
    """The table with the content of files in place of their paths."""
    columns = dict(table.columns)
    for one in facts:
        column = columns[one.name]
        if one.kind in KINDS and isinstance(column.cells, Texts | Listed):
            columns[one.name] = _read(column, one.kind, table.folder)
    return replace(table, columns=columns)


def _read(column: SourceColumn, kind: str, folder: Path | None) -> SourceColumn:
    listed = listed_paths(column.cells.take(np.arange(len(column.cells))), folder)
    lacking = np.array([at for at, path in enumerate(listed) if path is None], np.int64)
    return replace(column, cells=Files([path or Path() for path in listed], _decoder(kind), lacking))


def _decoder(kind: str) -> Callable[[Path], Any]:
    if kind == "audio":
        from studio.data.decoding.sounds import sound

        return sound
    return mask if kind == "mask" else picture
