"""JSON as a table: an object a line, or one list of objects; objects within them become columns a.b."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.data.raw import DataError, located, present
from studio.data.sources.broken_rows import BadRow, left_out
from studio.data.sources.csv_text import check_count
from studio.data.sources.frames import Choices, RowPlaces, frame_table
from studio.data.table import Table

HINT = 'Each line has to be an object such as {"age": 31, "city": "Oslo"}.'


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Read the table. Raises DataError that names file and row."""
    path = located(params["path"], folder)
    frame, lines, bad = read_rows(path)
    warnings = left_out(path, bad, frame.height + len(bad), params["broken"])
    check_count(path, frame.height)
    table = frame_table(frame, Choices.of(params), path, RowPlaces(path.name, lines=lines))
    return replace(table, warnings=(*table.warnings, *warnings)) if warnings else table


def read_frame(path: Path) -> Any:  # noqa: ANN401
    """A file as a polars frame. Raises DataError for a line that cannot be read."""
    frame, _, bad = read_rows(path)
    left_out(path, bad, frame.height + len(bad), "error")
    return frame


def read_rows(path: Path) -> tuple[Any, list[int], list[BadRow]]:
    """A file as a polars frame, the line of each row (none: they are in order), and lines that are no row."""
    import polars as pl

    content = _content(path)
    try:
        if content.lstrip().startswith(b"["):
            return _flat(pl.read_json(content, infer_schema_length=None)), [], []
        return _flat(pl.read_ndjson(content, infer_schema_length=None)), [], []
    except pl.exceptions.PolarsError:
        return _carefully(path, content)


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose a file of JSON lines.")
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    if not content.strip():
        raise DataError(f"{path.name} is empty.", "Choose a file with an object in each line.")
    return content


def _flat(frame: Any) -> Any:  # noqa: ANN401
    """Objects within objects as columns of their own."""
    import polars as pl

    while nested := [name for name in frame.columns if isinstance(frame[name].dtype, pl.Struct)]:
        name = nested[0]
        inner = frame[name].struct.unnest()
        inner = inner.rename({one: f"{name}.{one}" for one in inner.columns})
        at = frame.columns.index(name)
        frame = frame.drop(name)
        for place, column in enumerate(inner.get_columns()):
            frame = frame.insert_column(at + place, column)
    return frame


def _carefully(path: Path, content: bytes) -> tuple[Any, list[int], list[BadRow]]:
    """Line by line: what is no object is told; a column of several types becomes texts."""
    import polars as pl

    objects, bad = _objects(path, content)
    rows = list(objects.values())
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in names}
    found: list[Any] = []
    for name, values in columns.items():
        try:
            found.append(pl.Series(name, values, strict=True))
        except (TypeError, pl.exceptions.PolarsError):
            texts = [
                None if one is None else one if isinstance(one, str) else json.dumps(one) for one in values
            ]
            found.append(pl.Series(name, texts, pl.String))
    return _flat(pl.DataFrame(found)), list(objects), bad


def _objects(path: Path, content: bytes) -> tuple[dict[int, Mapping[str, Any]], list[BadRow]]:
    """The object of each line, and the lines that are none."""
    rows: dict[int, Mapping[str, Any]] = {}
    bad: list[BadRow] = []
    for at, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            told = getattr(error, "msg", error)
            bad.append(BadRow(at, f"{path.name}, row {at}: the line is no JSON ({told}).", HINT))
            continue
        if isinstance(value, dict):
            rows[at] = value
        else:
            text = f"{path.name}, row {at}: expected an object, got {str(value)[:40]}."
            bad.append(BadRow(at, text, HINT))
    return rows, bad
