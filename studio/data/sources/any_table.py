"""A table in any kind of file, recognised by the file's ending: its columns, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.data.raw import DataError
from studio.data.sources import arrow, excel, json_lines
from studio.data.sources.broken_rows import BadRow, left_out
from studio.data.sources.csv_text import CsvPlaces, check_count, open_text
from studio.data.sources.frames import RowPlaces, frame_columns
from studio.data.sources.table import read_rows
from studio.data.table import Places, SourceColumn


@dataclass(frozen=True)
class Opened:
    """A table that was read, but for its `bad` rows; `lines` are those of the others where there are such."""

    path: Path
    columns: dict[str, SourceColumn]
    places: Places
    bad: Sequence[BadRow] = ()
    lines: Sequence[int] = ()

    @property
    def height(self) -> int:
        """How many rows were read."""
        return min((len(one.cells) for one in self.columns.values()), default=0)


def open_table(path: Path, encoding: str = "UTF-8", least: int = 2, broken: str = "error") -> Opened:
    """Read a file whole, of so many rows at least; rows that cannot be read are left out where `broken` is
    skip. Raises DataError.
    """
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        frame, places = _parquet(path), RowPlaces(path.name)
    elif suffix in (".arrow", ".feather", ".ipc"):
        frame, places = arrow.read_frame(path), RowPlaces(path.name)
    elif suffix in (".jsonl", ".ndjson", ".json"):
        frame, lines, bad = json_lines.read_rows(path)
        left_out(path, bad, frame.height + len(bad), broken)
        check_count(path, frame.height, least)
        return Opened(path, frame_columns(frame), RowPlaces(path.name, lines=lines), bad, lines)
    elif suffix in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        sheet = excel.read_sheet(path)
        frame, places = sheet.frame, sheet.places(path)
    else:
        return _csv(path, encoding, least, broken)
    check_count(path, frame.height, least)
    return Opened(path, frame_columns(frame), places)


def _csv(path: Path, encoding: str, least: int, broken: str) -> Opened:
    text = open_text(path, encoding)
    frame, bad = read_rows(text)
    left_out(path, bad, frame.height + len(bad), broken)
    check_count(path, frame.height, least)
    lines = [line for line, _ in text.even()] if bad else []
    return Opened(
        path, frame_columns(frame, text.delimiter), CsvPlaces(path, encoding, even=bool(bad)), bad, lines
    )


def _parquet(path: Path):  # noqa: ANN202
    import polars as pl

    try:
        return pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        told = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{path.name} cannot be read as Parquet ({told}).",
            "It may be cut off or damaged; bring it again.",
        ) from None
