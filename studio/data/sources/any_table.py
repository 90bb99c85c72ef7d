"""A table in any kind of file, recognised by the file's ending: its columns, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.data.raw import DataError
from studio.data.sources import arrow, excel, json_lines
from studio.data.sources.csv_text import CsvPlaces, check_count, open_text
from studio.data.sources.frames import RowPlaces, frame_columns
from studio.data.sources.table import read_frame
from studio.data.table import Places, SourceColumn


@dataclass(frozen=True)
class Opened:
    """A table that was read."""

    path: Path
    columns: dict[str, SourceColumn]
    places: Places


def open_table(path: Path, encoding: str = "UTF-8", least: int = 2) -> Opened:
    """Read a file whole, of so many rows at least. Raises DataError."""
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        frame, places = _parquet(path), RowPlaces(path.name)
    elif suffix in (".arrow", ".feather", ".ipc"):
        frame, places = arrow.read_frame(path), RowPlaces(path.name)
    elif suffix in (".jsonl", ".ndjson", ".json"):
        frame, places = json_lines.read_frame(path), RowPlaces(path.name)
    elif suffix in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        frame, places = excel.read_frame(path), RowPlaces(path.name, 2)
    else:
        text = open_text(path, encoding)
        return Opened(path, frame_columns(read_frame(text, least), text.delimiter), CsvPlaces(path, encoding))
    check_count(path, frame.height, least)
    return Opened(path, frame_columns(frame), places)


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
