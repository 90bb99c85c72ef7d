"""CSV files, with any of the usual delimiters, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.data.raw import located, present
from studio.data.sources.broken_rows import BadRow, left_out
from studio.data.sources.csv_large import HEAD, is_large, written
from studio.data.sources.csv_pieces import Pieced, read_pieces
from studio.data.sources.csv_quick import read_quick
from studio.data.sources.csv_text import (
    CsvPlaces,
    CsvText,
    check_count,
    open_beginning,
    open_text,
    read_carefully,
)
from studio.data.sources.frames import Choices, RowPlaces, columns_table, frame_table
from studio.data.sources.parquet import on_demand, schema_of, stored_of
from studio.data.table import Table

if TYPE_CHECKING:
    import polars as pl


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Read the table. Raises DataError that names file, row and column."""
    path = located(params["path"], folder)
    if is_large(path):
        return _of_large(path, params)
    usual = params["encoding"] == "UTF-8" and params["repeated"] == "error"
    pieces = read_pieces(path) if usual else None
    if pieces is not None and not _is_overfull(pieces.text, pieces.texts):
        return _of_pieces(pieces, Choices.of(params), path, CsvPlaces(path, params["encoding"]))
    text = open_text(path, params["encoding"], params["repeated"])
    frame, bad = read_rows(text)
    warnings = left_out(path, bad, frame.height + len(bad), params["broken"])
    check_count(path, frame.height)
    places = CsvPlaces(path, params["encoding"], bool(bad), params["repeated"])
    table = frame_table(frame, Choices.of(params), path, places, text.delimiter)
    return replace(table, warnings=(*table.warnings, *text.above.warnings(path), *warnings))


def _of_large(path: Path, params: Mapping[str, Any]) -> Table:
    """A table that memory has no room for."""
    found = written(path, params)
    check_count(path, found.rows)
    stored = tuple(stored_of(one) for one in found.paths)
    choices = Choices.of(params)
    table = on_demand(path, stored, schema_of(found.paths[0]), choices, RowPlaces(path.name, found.above + 2))
    if choices.target_kind != "classes":
        columns = dict(table.columns)
        columns.update({name: replace(columns[name], kind="number") for name in found.mixed})
        table = replace(table, columns=columns)
    above = open_beginning(path, params["encoding"], HEAD, params["repeated"]).above
    warnings = left_out(path, found.bad, found.rows + len(found.bad), params["broken"])
    return replace(table, warnings=(*table.warnings, *above.warnings(path), *warnings))


def _of_pieces(pieces: Pieced, choices: Choices, path: Path, places: CsvPlaces) -> Table:
    texts, names = dict(pieces.texts), list(pieces.text.header)
    if names[-1] in texts and _is_empty_tail(names, texts[names[-1]]):
        del texts[names.pop()]
    table = columns_table(pieces.numbers, texts, names, choices, path, places, pieces.text.delimiter)
    return replace(table, warnings=(*table.warnings, *pieces.text.above.warnings(path)))


def _is_overfull(text: CsvText, columns: Mapping[str, pl.Series] | pl.DataFrame) -> bool:
    """Whether there are values behind delimiters that seemed to be at the ends of the rows."""
    return text.added and not _is_empty_tail(text.header, columns[text.header[-1]])


def read_frame(text: CsvText, least: int = 2) -> pl.DataFrame:
    """All rows of a file, as `read_rows` has them. Raises DataError for one that cannot be read."""
    found, bad = read_rows(text)
    left_out(text.path, bad, found.height + len(bad), "error")
    check_count(text.path, found.height, least)
    return found


def read_rows(text: CsvText) -> tuple[pl.DataFrame, list[BadRow]]:
    """The file as a polars frame (numbers where all cells of a column are plain ones, texts elsewhere), and
    the rows that cannot be read.
    """
    import polars as pl

    found, bad = read_quick(text.content, text.delimiter, list(text.header), text.numbered), []
    if found is None or _is_overfull(text, found):
        cells, bad = read_carefully(text)
        found = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return _without_empty_tail(found), bad


def _without_empty_tail(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out a last column without name and values: delimiters at the ends of all rows make it."""
    last = frame.columns[-1]
    return frame.drop(last) if _is_empty_tail(frame.columns, frame[last]) else frame


def _is_empty_tail(names: Sequence[str], last: pl.Series) -> bool:
    import polars as pl

    if len(names) < 2 or names[-1] != f"column{len(names)}" or last.dtype != pl.String:
        return False
    return not last.fill_null("").str.strip_chars().ne("").any()
