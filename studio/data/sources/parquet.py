"""Parquet files as a table: read at once where they are small, else some rows when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.data.memory import budget
from studio.data.raw import DataError, located
from studio.data.row_groups import RowGroups, Stored, block_rows
from studio.data.sources.csv_text import check_count
from studio.data.sources.frames import Choices, RowPlaces, chosen_targets, frame_table
from studio.data.table import Places, SourceColumn, Table
from studio.errors import Problem

SHARE = 0.5
"""Of the memory that data may take, what a table read at once may take."""
BYTES = 24
"""That one value may take while it is read, by and large."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The file, or those of the folder."""
    try:
        return _found(located(params["path"], folder))
    except DataError:
        return ()


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Read the table. Raises DataError that names the file."""
    import polars as pl

    path = located(params["path"], folder)
    paths = _found(path)
    schemas = [schema_of(one) for one in paths]
    _check_equal(paths, schemas)
    stored = tuple(stored_of(one) for one in paths)
    count = sum(one.rows for one in stored)
    check_count(path, count)
    choices = Choices.of(params)
    if count * len(schemas[0]) * BYTES > SHARE * budget():
        return on_demand(path, stored, schemas[0], choices, _Places(stored))
    try:
        frame = pl.concat([pl.read_parquet(one, hive_partitioning=False) for one in paths])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, error) from None
    return frame_table(frame, choices, path, _Places(stored))


def _found(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    found = tuple(sorted(one for one in path.rglob("*.parquet") if one.is_file()))
    if not found:
        raise DataError(f"{path} holds no Parquet file.", "Choose a folder with files such as a.parquet.")
    return found


def schema_of(path: Path) -> dict[str, Any]:
    import polars as pl

    try:
        return dict(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, error) from None


def stored_of(path: Path) -> Stored:
    import polars as pl

    rows = int(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
    return Stored(str(path), path.stat().st_mtime_ns, rows)


def _unreadable(path: Path, error: Exception) -> DataError:
    told = str(error).strip().partition("\n")[0]
    return DataError(
        f"{path.name} cannot be read as Parquet ({told}).", "It may be cut off or damaged; bring it again."
    )


def _check_equal(paths: Sequence[Path], schemas: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a folder of files that are no parts of one table."""
    for path, schema in zip(paths, schemas, strict=True):
        if schema != schemas[0]:
            odd = next(name for name in (*schema, *schemas[0]) if schema.get(name) != schemas[0].get(name))
            told = [f"{of.get(odd, 'no such column')}" for of in (schema, schemas[0])]
            raise DataError(
                f"{path.name}, column {odd}: {told[0]}, but {told[1]} in {paths[0].name}.",
                "All files of the folder have to have the same columns.",
            )


class _Places:
    """Where a row stands: its file, and its number there from 1."""

    def __init__(self, stored: Sequence[Stored]) -> None:
        self._stored = stored

    def where(self, row: int, column: str) -> str:
        """part-0.parquet, row 3, column age"""
        for one in self._stored:
            if row < one.rows:
                return RowPlaces(Path(one.path).name).where(row, column)
            row -= one.rows
        return column

    def cell(self, row: int, column: str) -> str | None:
        """Not known."""
        return None


def on_demand(
    path: Path, stored: tuple[Stored, ...], schema: Mapping[str, Any], choices: Choices, places: Places
) -> Table:
    """A table that memory has no room for: no value is read before it is asked for."""
    targets = chosen_targets(tuple(schema), choices, path)
    count = sum(one.rows for one in stored)
    columns: dict[str, SourceColumn] = {}
    left: list[str] = []
    together = block_rows(len(schema))
    for name, dtype in schema.items():
        form = _form(dtype)
        if form is None:
            left.append(name)
            continue
        kind = _kind(form, choices.target_kind) if name in targets else ""
        role = "ignore" if name in choices.ignored else "target" if name in targets else ""
        columns[name] = SourceColumn(RowGroups(stored, name, form, together, places), kind, role)
    told = f"{path.name} holds {count:,} rows, more than memory has room for: rows are read as they are used"
    notes = [f"{told}, and equal rows are not looked for."]
    notes += [f"{path.name}: column {name} holds no plain values and is left out." for name in left]
    warnings = tuple(
        Problem("warning", note, "Put duplicates_together off to agree.", field="data.path") for note in notes
    )
    folder = path if path.is_dir() else path.parent
    return Table(columns, True, choices.missing, warnings=warnings, places=places, folder=folder)


def _form(dtype: Any) -> str | None:  # noqa: ANN401
    import polars as pl

    if dtype.is_numeric():
        return "number"
    if dtype in (pl.Date, pl.Datetime):
        return "time"
    return "text" if dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum) else None


def _kind(form: str, chosen: str) -> str:
    if chosen == "classes":
        return "category"
    return "category" if form == "text" and chosen == "auto" else form
