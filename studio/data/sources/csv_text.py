"""A CSV file as text: encoding, delimiter, byte order mark and header recognised, ragged rows found."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

from studio.data.file_marks import encoding_of
from studio.data.raw import DataError
from studio.data.sources.above_table import BYTES, NOTHING, Above, above_table, first_delimiter
from studio.data.sources.broken_rows import BadRow
from studio.data.sources.csv_header import has_no_names
from studio.errors import Fix
from studio.project.mending import SetSource

ROWS_SEEN, CELLS_SEEN = 200, 50_000
"""Of a file's beginning, to know whether its first row names the columns."""
_FIRST_LINE = re.compile(rb"[\r\n]*[^\r\n]*")
NO_TEXT = "Save it as a CSV file with the encoding UTF-8, or choose its encoding in the data settings."


@dataclass(frozen=True)
class CsvText:
    """A file's text as UTF-8, and how its table is written. `numbered`: there is no row of names.

    `content` begins with the table; `above` is what stands over it. `tail`: the last column is nothing but
    what delimiters at the ends of rows make; where it was `added`, the row of names had none.
    """

    path: Path
    content: bytes
    delimiter: str
    header: tuple[str, ...]
    numbered: bool
    above: Above = NOTHING
    tail: bool = False
    added: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of the table, each with the row of the file, counted from 1, where it begins."""
        found = _rows(self.path, self.content, self.delimiter, self.above.lines)
        return found if self.numbered else islice(found, 1, None)

    def even(self) -> Iterator[tuple[int, list[str]]]:
        """Those of the rows that have as many values as there are columns."""
        return ((line, cells) for line, row in self.rows() if (cells := self.fitted(row)) is not None)

    def fitted(self, row: list[str]) -> list[str] | None:
        """A row's values by column, a delimiter at its end or not; None where it is too long or short."""
        width = len(self.header)
        if len(row) == width:
            return None if self.added and row[-1].strip() else row
        if 1 < width == len(row) - 1 and not row[-1].strip():
            return row[:-1]
        return [*row, ""] if self.tail and len(row) == width - 1 else None

    def table_of(self, content: bytes) -> bytes:
        """The file's beginning, as UTF-8, as far as it is of the table."""
        rest = content[self.above.size :]
        return with_tail(rest, self.delimiter) if self.added else rest


@dataclass(frozen=True)
class CsvPlaces:
    """Where values stand in a CSV file: it is read again as far as that row."""

    path: Path
    encoding: str
    even: bool = False
    """Whether rows of another width than the others' are left out."""
    repeated: str = "error"

    def where(self, row: int, column: str) -> str:
        """data.csv, row 3, column age"""
        return f"{self.path.name}, row {self._row(row)[0]}, column {column}"

    def cell(self, row: int, column: str) -> str | None:
        """The value as it is written."""
        return self._row(row)[1].get(column)

    def _row(self, row: int) -> tuple[int, dict[str, str]]:
        return _row(self.path, self.encoding, row, self.even, self.repeated)


def open_text(path: Path, encoding: str = "UTF-8", repeated: str = "error") -> CsvText:
    """Read a file; raises DataError that names file and row.

    `repeated` says what is done where columns have the same name: error, or number the later ones.
    """
    return _text_of(path, _decoded(path, encoding), repeated)


def open_beginning(path: Path, encoding: str, most: int, repeated: str = "error") -> CsvText:
    """Whole rows of a file's first so many bytes; raises DataError that names file and row."""
    return _text_of(path, _decoded(path, encoding, most), repeated)


def _text_of(path: Path, content: bytes, repeated: str = "error") -> CsvText:
    """What a file's header says, which is all that is looked at here."""
    if not content[:4096].strip() and not content.strip():
        raise DataError(f"{path.name} is empty.", "Choose a file with a header and a row for each sample.")
    above = _above(content)
    content = content[above.size :]
    first_line = next((line for line in io.BytesIO(content) if line.strip()), b"").decode()
    if not first_line:
        raise DataError(
            f"{path.name} holds no table.", "Choose a file with a header and a row for each sample."
        )
    delimiter = above.delimiter or first_delimiter(first_line)
    cells, *others = _first_rows(path, content, delimiter, above.lines)
    numbered = has_no_names(cells, others)
    added = (
        not numbered
        and '"' not in first_line
        and content[:1].strip() != b""
        and _end_with_delimiters(cells, others)
    )
    if added:
        cells, content = [*cells, ""], with_tail(content, delimiter)
    at = len(cells) - 1
    tail = added or (at > 0 and not any("".join(row[at:]).strip() for row in (cells, *others)))
    names = [f"column{at}" for at in range(1, len(cells) + 1)]
    if not numbered:
        names = _header(path, cells, repeated, above.lines)
    return CsvText(path, content, delimiter, tuple(names), numbered, above, tail, added)


def with_tail(content: bytes, delimiter: str) -> bytes:
    """A table of which the first row ends with a delimiter too, as all others do."""
    end = _FIRST_LINE.match(content)
    assert end is not None
    return content[: end.end()] + delimiter.encode() + content[end.end() :]


def _above(content: bytes) -> Above:
    whole = len(content) <= BYTES
    begins = content if whole else content[: content.rfind(b"\n", 0, BYTES) + 1]
    return above_table(begins.decode(), whole=whole)


def _end_with_delimiters(names: list[str], rows: list[list[str]]) -> bool:
    """Whether each row has one value more than there are names, and that is none."""
    width = len(names)
    ended = (len(row) == width + 1 and not row[-1].strip() for row in rows)
    return bool(rows and names[-1].strip()) and all(ended)


def read_carefully(text: CsvText) -> tuple[dict[str, list[str]], list[BadRow]]:
    """The cells of all rows by column, and the rows that have too few or too many values.

    Raises DataError that names file and row.
    """
    width = len(text.header)
    rows: list[list[str]] = []
    bad: list[BadRow] = []
    for line, row in text.rows():
        cells = text.fitted(row)
        if cells is not None:
            rows.append(cells)
        else:
            bad.append(_uneven(text.path, line, row, width - text.added))
    columns = zip(*rows, strict=True) if rows else [()] * width
    return {name: list(values) for name, values in zip(text.header, columns, strict=True)}, bad


def check_count(path: Path, rows: int, least: int = 2) -> None:
    """Refuse a table with fewer rows."""
    if rows < least:
        raise DataError(
            f"{path.name} holds {'one row' if rows else 'no row'} of data; at least "
            f"{'two are' if least > 1 else 'one is'} needed.",
            "Choose a file with a header and a row for each sample.",
        )


@lru_cache(maxsize=4)
def _row(path: Path, encoding: str, row: int, even: bool, repeated: str) -> tuple[int, dict[str, str]]:
    text = open_text(path, encoding, repeated)
    line, cells = next(islice(text.even() if even else text.rows(), row, None))
    return line, dict(zip(text.header, (cell.strip() for cell in cells), strict=False))


def _decoded(path: Path, encoding: str, most: int | None = None) -> bytes:
    """A file's text as UTF-8 without byte order mark; of the first `most` bytes the lines that are whole."""
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose a CSV file.")
    try:
        with path.open("rb") as file:
            content = file.read() if most is None else _whole_lines(file.read(most), most, encoding)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    if encoding != "UTF-8":
        content = _encoded_anew(path, content, encoding)
    elif content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{path.name} is UTF-16 text, expected UTF-8.", NO_TEXT, fixes=_other_encoding(path))
    if not content.isascii():
        _check_text(path, content)
    if b"\0" in content:
        row = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise DataError(f"{path.name}, row {row}: there is a NUL character; this is no text file.", NO_TEXT)
    return content.removeprefix(b"\xef\xbb\xbf")


def _whole_lines(content: bytes, most: int, encoding: str) -> bytes:
    """What stands before the last end of a line, where a file was read in part only."""
    if len(content) < most:
        return content
    if encoding != "UTF-16":
        return content[: content.rfind(b"\n") + 1]
    text = content[: most - most % 2].decode(encoding, "ignore")
    return text[: text.rfind("\n") + 1].encode(encoding)


def _encoded_anew(path: Path, content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path.name}, row {row}: the byte {content[error.start]:#04x} is no {encoding} text.",
            "Choose another encoding.",
            "encoding",
        ) from None


def _check_text(path: Path, content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise DataError(
            f"{path.name}, row {row}: the byte {byte:#04x} is no UTF-8 text.",
            NO_TEXT,
            fixes=_other_encoding(path),
        ) from None


def _other_encoding(path: Path) -> tuple[Fix, ...]:
    """Read it as what it seems to be."""
    seen = encoding_of(path)
    return (Fix(f"Read it as {seen}", SetSource("encoding", seen)),) if seen else ()


def _rows(path: Path, content: bytes, delimiter: str, above: int = 0) -> Iterator[tuple[int, list[str]]]:
    """All rows that are not blank, and the row of the file where each begins, after so many others."""
    source = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True, skipinitialspace=True)
    begins = above + 1
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                yield begins, row
            begins = above + reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path.name}, row {begins}: the row cannot be read ({error}).",
            "Look at its quotation marks: a text within them ends with one, and one inside it is doubled.",
        ) from None


def _first_rows(path: Path, content: bytes, delimiter: str, above: int) -> list[list[str]]:
    """The first row and some that follow, as far as they can be read."""
    rows = _rows(path, content, delimiter, above)
    found = [next(rows)[1]]
    most = min(ROWS_SEEN, CELLS_SEEN // len(found[0]) + 1)
    with suppress(DataError):
        found.extend(row for _, row in islice(rows, most))
    return found


def _header(path: Path, cells: list[str], repeated: str, above: int) -> list[str]:
    names = [cell.strip() or f"column{at}" for at, cell in enumerate(cells, 1)]
    found: list[str] = []
    for at, name in enumerate(names):
        if name in found and repeated != "number":
            first = names.index(name) + 1
            other = _numbered(name, names)
            raise DataError(
                f"{path.name}, row {above + 1}: the columns {first} and {at + 1} are both called {name}.",
                "Give each column a name of its own.",
                "repeated",
                (Fix(f"Call the second one {other}", SetSource("repeated", "number")),),
            )
        found.append(_numbered(name, [*names, *found]) if name in found else name)
    return found


def _numbered(name: str, taken: list[str]) -> str:
    """The name with the first number that makes it one of its own."""
    return next(other for number in count(2) if (other := f"{name}_{number}") not in taken)


def _uneven(path: Path, line: int, row: list[str], width: int) -> BadRow:
    column = min(width, len(row)) + 1
    return BadRow(
        line,
        f"{path.name}, row {line}, column {column}: expected {width} values, got {len(row)}.",
        "Give every row as many values as the first has; quote texts that hold the delimiter.",
    )
