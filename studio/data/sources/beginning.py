"""The beginning of a table in a file of any kind: its first rows, read without the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.data.raw import DataError
from studio.data.sources import arrow, excel, json_lines
from studio.data.sources.any_table import Opened
from studio.data.sources.csv_text import open_beginning
from studio.data.sources.frames import RowPlaces, frame_columns
from studio.data.sources.table import read_frame

ROWS = 4000
BYTES = 2**20
"""Of a text that are read; a file of JSON that is no larger is read whole."""


@dataclass(frozen=True)
class Begun:
    """The first rows of a table; `rows` is how many there are in all, None where more follow."""

    opened: Opened
    rows: int | None


def beginning(path: Path, source: str, encoding: str = "UTF-8") -> Begun | None:
    """The first rows of a table that the source would read; None where that cannot be done."""
    import polars as pl

    delimiter = ","
    try:
        if source == "CSV":
            text = open_beginning(path, encoding, BYTES)
            frame, delimiter = read_frame(text), text.delimiter
            rows = frame.height if path.stat().st_size < BYTES else None
        else:
            frame = _frame(path, source)
            rows = frame.height if frame.height < ROWS else None
    except (DataError, OSError, ValueError, pl.exceptions.PolarsError):
        return None
    columns = frame_columns(frame.head(ROWS), delimiter)
    return Begun(Opened(path, columns, RowPlaces(path.name)), rows) if columns else None


def _frame(path: Path, source: str) -> Any:  # noqa: ANN401
    """The first rows as a polars frame. Raises DataError, OSError or an error of polars."""
    import polars as pl

    if source == "Parquet":
        return pl.scan_parquet(path, hive_partitioning=False).head(ROWS).collect()
    if source == "Excel":
        return excel.read_frame(path, most=ROWS)
    small = path.stat().st_size < BYTES
    if source == "Arrow":
        return arrow.read_frame(path) if small else pl.scan_ipc(path).head(ROWS).collect()
    if source == "JSONLines":
        return json_lines.read_frame(path) if small else pl.scan_ndjson(path).head(ROWS).collect()
    raise DataError(f"{path.name} is no table.")
