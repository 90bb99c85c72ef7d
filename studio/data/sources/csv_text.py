"""A CSV file as columns of texts: delimiter, byte order mark and header recognised, ragged rows refused."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from studio.data.raw import DataError

DELIMITERS = ",;\t"
NO_TEXT = "Save it as a CSV file with the encoding UTF-8."


@dataclass(frozen=True, slots=True)
class Texts:
    """The cells by column; `lines[i]` is the row of the file, counted from 1, where sample i stands."""

    path: Path
    delimiter: str
    columns: dict[str, tuple[str, ...]]
    lines: list[int]

    def wrong(self, sample: int, column: str, what: str, hint: str) -> DataError:
        """The error that names file, row and column."""
        return DataError(f"{self.path.name}, row {self.lines[sample]}, column {column}: {what}.", hint)


def read_texts(path: Path) -> Texts:
    """Read a file; raises DataError that names file and row."""
    text = _decoded(path)
    if not text.strip():
        raise DataError(f"{path.name} is empty.", "Choose a file with a header and a row for each sample.")
    delimiter = _delimiter(text)
    rows, lines = _rows(path, text, delimiter)
    numbered = all(_is_number(cell) for cell in rows[0])
    header = [f"column{at}" for at in range(1, len(rows[0]) + 1)] if numbered else _header(path, rows[0])
    _check_width(path, rows, lines, len(header))
    if not numbered:
        rows, lines = rows[1:], lines[1:]
    if len(rows) < 2:
        raise DataError(
            f"{path.name} holds {'one row' if rows else 'no row'} of data; at least two are needed.",
            "Choose a file with a header and a row for each sample.",
        )
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    return Texts(path, delimiter, _without_empty_tail(cells, rows, numbered), lines)


def _decoded(path: Path) -> str:
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose a CSV file.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{path.name} is UTF-16 text, expected UTF-8.", NO_TEXT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise DataError(f"{path.name}, row {row}: the byte {byte:#04x} is no UTF-8 text.", NO_TEXT) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{path.name}, row {row}: there is a NUL character; this is no text file.", NO_TEXT)
    return text


def _delimiter(text: str) -> str:
    """The one of , ; and tab that the first line has most of, outside quotes."""
    first = next(line for line in io.StringIO(text) if line.strip())
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _rows(path: Path, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """All rows that are not blank, and the row of the file where each begins."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True, skipinitialspace=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path.name}, row {begins}: the row cannot be read ({error}).",
            "Look at its quotation marks: a text within them ends with one, and one inside it is doubled.",
        ) from None
    return rows, lines


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() or f"column{at}" for at, cell in enumerate(cells, 1)]
    for at, name in enumerate(names):
        if name in names[:at]:
            first = names.index(name) + 1
            raise DataError(
                f"{path.name}, row 1: the columns {first} and {at + 1} are both called {name}.",
                "Give each column a name of its own.",
            )
    return names


def _check_width(path: Path, rows: list[list[str]], lines: list[int], width: int) -> None:
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            where = f", column {width + 1}" if len(row) > width else f", column {len(row) + 1}"
            raise DataError(
                f"{path.name}, row {line}{where}: expected {width} values, got {len(row)}.",
                "Give every row as many values as the first has; quote texts that hold the delimiter.",
            )


def _without_empty_tail(
    cells: dict[str, tuple[str, ...]], rows: list[list[str]], numbered: bool
) -> dict[str, tuple[str, ...]]:
    """Leave out a last column without name and values: delimiters at the ends of all rows make it."""
    last = list(cells)[-1]
    nameless = not numbered and last == f"column{len(cells)}"
    if nameless and len(cells) > 1 and not any(row[-1].strip() for row in rows):
        del cells[last]
    return cells


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
