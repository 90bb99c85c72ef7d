"""A CSV file larger than memory: written once as Parquet into the cache; its rows are read as they are used.

It is read piece by piece; a piece ends with a row. What is written is named by the file (its size, its time,
how it begins and ends) and by how it is read, so that it is never out of date.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.data.memory import budget
from studio.data.progress import progress
from studio.data.raw import DataError
from studio.data.row_groups import block_rows
from studio.data.sources.above_table import NOTHING
from studio.data.sources.broken_rows import BadRow, left_out
from studio.data.sources.csv_quick import MISSING, is_even, is_odd, plain, read_part
from studio.data.sources.csv_text import NO_TEXT, CsvText, open_beginning, read_carefully
from studio.data.store import digest
from studio.places import cache_folder

if TYPE_CHECKING:
    import polars as pl

SHARE = 0.5
"""Of the memory that data may take, what a file that is read at once may be large."""
PIECE, HEAD, SEEN = 2**24, 2**20, 1000
LONGEST_ROW = 2**26
PART_BYTES = 2**28
"""Of numbers that are written into one file."""
ROOM = 1.0
"""Of the file's size, what may be needed on the disk."""
ABOUT = "about.json"
MOST_BAD = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """The files that hold the rows, the rows that could not be read, the columns that begin as numbers and
    hold texts, and how many lines are above the table.
    """

    paths: tuple[Path, ...]
    mixed: tuple[str, ...]
    bad: tuple[BadRow, ...]
    rows: int
    above: int = 0


@dataclass(slots=True)
class _Reading:
    """How far the file is read: the rows that wait to be written, the files, and what went wrong."""

    folder: Path
    names: list[str]
    numbers: list[str]
    mixed: list[str]
    waiting: list[pl.DataFrame] = field(default_factory=list["pl.DataFrame"])
    height: int = 0
    rows: int = 0
    lines: int = 0
    parts: int = 0
    bad: list[BadRow] = field(default_factory=list[BadRow])


class _OddColumnsError(Exception):
    """Columns that hold more than the plain numbers they begin with."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(*names)
        self.names = names


def is_large(path: Path) -> bool:
    """Whether memory has no room for all of a file."""
    return path.is_file() and path.stat().st_size > SHARE * budget()


def written(path: Path, params: Mapping[str, Any]) -> Written:
    """The file as Parquet, made where it is not there yet. Raises DataError."""
    place = cache_folder() / "tables" / _name(path, params)
    found = _there(place)
    if found is not None:
        os.utime(place / ABOUT)
        return found
    try:
        _make_room(place.parent, path)
        _write(path, params, place)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be made ready in {place.parent}: {error.strerror or error}.",
            "Make room on that disk, or save the file as Parquet yourself.",
        ) from None
    found = _there(place)
    assert found is not None
    return found


def _name(path: Path, params: Mapping[str, Any]) -> str:
    told = path.stat()
    with path.open("rb") as file:
        begin = file.read(HEAD)
        file.seek(max(told.st_size - HEAD, 0))
        end = file.read()
    how = [(name, params[name]) for name in ("encoding", "repeated", "broken")]
    return digest(told.st_size, told.st_mtime_ns, begin, end, how)


def _there(place: Path) -> Written | None:
    try:
        about = json.loads((place / ABOUT).read_bytes())
        bad = tuple(BadRow(*one) for one in about["bad"])
        paths = tuple(place / name for name in about["files"])
        return Written(paths, tuple(about["mixed"]), bad, about["rows"], about["above"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _make_room(folder: Path, path: Path) -> None:
    """Delete what was not used for longest until there is enough. Raises DataError where there is not."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = int(ROOM * path.stat().st_size)
    others = sorted((one for one in folder.iterdir() if _there(one) is not None), key=_used)
    while shutil.disk_usage(folder).free < wanted and others:
        shutil.rmtree(others.pop(0), ignore_errors=True)
    if shutil.disk_usage(folder).free < wanted:
        raise DataError(
            f"{path.name} is larger than memory has room for, and {folder} has no room for "
            f"{wanted / 2**30:.1f} GiB to make it ready.",
            "Make room on that disk, or save the file as Parquet yourself.",
        )


def _used(place: Path) -> float:
    return (place / ABOUT).stat().st_mtime


def _write(path: Path, params: Mapping[str, Any], place: Path) -> None:
    """Read the file from its beginning to its end, and write its rows."""
    text = open_beginning(path, params["encoding"], HEAD, params["repeated"])
    head = read_part(text.content, text.delimiter, list(text.header), text.numbered, rows=SEEN)
    numbers = [name for name in text.header if plain(head[name].drop_nulls())]
    names, mixed = list(text.header), list[str]()
    if not text.numbered and names[-1] == f"column{len(names)}" and not head[names[-1]].count():
        names.pop()  # delimiters at the ends of all rows make it
    folder = place.with_name(f"{place.name}.{os.getpid()}")
    with progress.of(f"{path.name} is made ready: it is larger than memory has room for"):
        try:
            while True:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                try:
                    _write_rows(path, text, params, _Reading(folder, names, numbers, mixed))
                    break
                except _OddColumnsError as error:
                    mixed += error.names
                    numbers = [name for name in numbers if name not in error.names]
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _write_rows(path: Path, text: CsvText, params: Mapping[str, Any], reading: _Reading) -> None:
    size, first = path.stat().st_size, True
    reading.lines = text.above.lines
    for piece, read in _pieces(path, params["encoding"]):
        progress.note(read / size)
        content = text.table_of(piece) if first else piece
        numbered = text.numbered or not first
        frame = _frame(text, content, reading, numbered=numbered, broken=params["broken"])
        reading.lines += content.count(b"\n")
        first = False
        reading.waiting.append(frame.select(reading.names))
        reading.height += frame.height
        if reading.height * 8 * frame.width >= min(PART_BYTES, budget() // 8):
            _write_part(reading, whole=False)
    _write_part(reading, whole=True)
    left_out(path, reading.bad, reading.rows + len(reading.bad), params["broken"])
    about = {
        "rows": reading.rows,
        "above": text.above.lines,
        "files": [f"{at:05}.parquet" for at in range(reading.parts)],
        "mixed": reading.mixed,
        "bad": [(one.line, one.message, one.hint) for one in reading.bad],
    }
    (reading.folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _write_part(reading: _Reading, *, whole: bool) -> None:
    """Write what waits, whole blocks of rows as they are read later; what is over waits on."""
    import polars as pl

    if not reading.height:
        return
    frame = pl.concat(reading.waiting)
    together = block_rows(frame.width)
    ready = frame if whole else frame.head(frame.height // together * together)
    if ready.height:
        place = reading.folder / f"{reading.parts:05}.parquet"
        ready.write_parquet(place, compression="lz4", row_group_size=together)
        reading.parts += 1
        reading.rows += ready.height
    reading.waiting = [frame.tail(frame.height - ready.height)]
    reading.height -= ready.height


def _pieces(path: Path, encoding: str) -> Iterator[tuple[bytes, int]]:
    """Whole rows as UTF-8 without byte order mark, and how many bytes of the file have been read."""
    import codecs

    decoder = codecs.getincrementaldecoder(encoding)()
    left, lines, read = b"", 0, 0
    with path.open("rb") as file:
        while chunk := file.read(PIECE):
            read += len(chunk)
            try:
                text = decoder.decode(chunk, final=len(chunk) < PIECE)
            except UnicodeDecodeError as error:
                row = lines + left.count(b"\n") + chunk.count(b"\n", 0, error.start) + 1
                told = f"the byte {error.object[error.start]:#04x} is no {encoding} text"
                raise DataError(f"{path.name}, row {row}: {told}.", NO_TEXT, "encoding") from None
            content = left + (text.removeprefix("\ufeff") if read == len(chunk) else text).encode()
            end = _end_of_row(content)
            if not end and len(content) > LONGEST_ROW:
                raise DataError(
                    f"{path.name}, row {lines + 1}: no end of the row is found.",
                    "Look at its quotation marks and line ends.",
                )
            if end:
                lines += content.count(b"\n", 0, end)
                yield content[:end], read
            left = content[end:]
    if left.strip():
        yield left, read


def _end_of_row(content: bytes) -> int:
    """Where the last row that is whole ends: behind a line's end that is not within quotes."""
    end = content.rfind(b"\n") + 1
    if b'"' not in content:
        return end
    quotes = content.count(b'"', 0, end)
    while end and quotes % 2:
        before = content.rfind(b"\n", 0, end - 1) + 1
        quotes -= content.count(b'"', before, end)
        end = before
    return end


def _frame(text: CsvText, content: bytes, reading: _Reading, *, numbered: bool, broken: str) -> pl.DataFrame:
    """The rows of a piece. Raises DataError for one that cannot be read, unless those are left out."""
    import polars as pl

    header = list(text.header)
    kinds = dict.fromkeys(reading.numbers, pl.Float64)
    if b"\0" in content:
        row = reading.lines + content.count(b"\n", 0, content.index(b"\0")) + 1
        raise DataError(
            f"{text.path.name}, row {row}: there is a NUL character; this is no text file.", NO_TEXT
        )
    try:
        if not is_odd(content):
            frame = read_part(content, text.delimiter, header, numbered, kinds=kinds, empty=True)
            short = frame[header[-1]].null_count() and not is_even(
                content.rstrip(), text.delimiter, len(header)
            )
            if not short:
                return frame
    except pl.exceptions.PolarsError:
        pass
    return _careful(replace(text, content=content, numbered=numbered, above=NOTHING), reading, broken)


def _further(message: str, lines: int) -> str:
    """What is told of a row of a piece, by its row in the file."""
    return re.sub(r", row (\d+)", lambda found: f", row {int(found[1]) + lines}", message, count=1)


def _careful(text: CsvText, reading: _Reading, broken: str) -> pl.DataFrame:
    """The rows of a piece that are whole, numbers where they are to be such. Raises _OddColumnsError."""
    import polars as pl

    try:
        cells, bad = read_carefully(text)
    except DataError as error:
        raise DataError(_further(error.message, reading.lines), error.hint) from None
    for one in bad[: MOST_BAD if broken == "skip" else 1]:
        told = BadRow(one.line + reading.lines, _further(one.message, reading.lines), one.hint)
        left_out(text.path, [told], 10, broken)
        reading.bad.append(told)
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    empty = {name: pl.when(~pl.col(name).is_in(list(MISSING))).then(pl.col(name)) for name in reading.numbers}
    frame = frame.with_columns(**empty)
    numbers = frame.select(pl.col(reading.numbers).cast(pl.Float64, strict=False))
    odd = [name for name in reading.numbers if numbers[name].null_count() > frame[name].null_count()]
    if odd:
        raise _OddColumnsError(odd)
    return frame.with_columns(numbers.iter_columns())
