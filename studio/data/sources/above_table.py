"""What stands above a table in a text or on a sheet: a line that says the delimiter, comments, a title.

Only the beginning is looked at. A row counts as the one that names the columns where it could not be another;
whatever reads evenly from its first line on has nothing above it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from studio.data.sources.csv_header import are_names, is_number
from studio.errors import Problem

DELIMITERS = ",;\t|"
BYTES, LINES, MOST = 65_536, 120, 60
"""Of a text that are looked at, and how many of its lines may be above the table."""
FEWEST = 2
"""Rows of which a table has more than its names."""
EVEN, MOSTLY = 0.9, 0.5
LONGEST = 60
_SAID = re.compile(r'"?sep=([,;\t|:^~])\1*"?\s*', re.IGNORECASE)
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Above:
    """So many lines, and bytes of UTF-8, are above a table; `said` counts those that say something, `first`
    is how the first of them begins. `delimiter` is "" where the table's first line tells it.
    """

    lines: int = 0
    size: int = 0
    delimiter: str = ""
    said: int = 0
    first: str = ""

    @property
    def told(self) -> str:
        """3 lines above the table are left out, the first of them: Stations of 2024"""
        if not self.said:
            return ""
        lines = "1 line above the table is" if self.said == 1 else f"{self.said} lines above the table are"
        return f"{lines} left out{', the first of them' if self.said > 1 else ''}: {self.first}"

    def warnings(self, path: Path) -> tuple[Problem, ...]:
        """That lines are left out."""
        if not self.said:
            return ()
        hint = "If these are data, write them in rows as wide as the others."
        return (Problem("warning", f"{path.name}: {self.told}.", hint, field="data.path"),)


NOTHING = Above()


def above_table(text: str, *, whole: bool) -> Above:
    """What is above the table in a text, or in the beginning of one that is not `whole`."""
    lines = list(islice(io.StringIO(text, newline=""), LINES + 1))
    lines = lines[: LINES if whole else min(LINES, len(lines) - 1)] if lines else []
    if not lines:
        return NOTHING
    said = _SAID.fullmatch(lines[0])
    begin, delimiter = (1, said[1]) if said else (0, "")
    rest = lines[begin:]
    comments = _comments(rest)
    if comments:
        fitting = delimiter or _fitting(rest[comments:])
        count = _above_named(rest, comments, fitting)
        delimiter = fitting if count else delimiter
    else:
        count, delimiter = _title(rest, delimiter)
    listed = [line.strip() for line in rest[:count] if line.strip(" \t\r\n,;|\"'")]
    first = listed[0].replace('"', "").strip("#,;|' \t")[:LONGEST] if listed else ""
    count += begin
    return Above(count, len("".join(lines[:count]).encode()), delimiter, len(listed), first)


def names_at(rows: Sequence[Row], *, least: int = 3, ragged: bool = False) -> int | None:
    """Which row names the columns of a table of at least so many, where other rows stand above it.

    A row with one name too few may be the row of names, unless the rows are `ragged` and it is not the only
    one.
    """
    reaches = Counter(reach for row in rows if (reach := _reach(row)) > 1)
    if not reaches:
        return None
    width = max(reaches, key=lambda one: (reaches[one], one))
    whole = (at for at, row in enumerate(rows) if _reach(row) == width and _filled(row) >= width - 1)
    at = next(whole, 0)
    others = rows[at + 1 :]
    if not 0 < at < MOST or width < least or len(others) < FEWEST:
        return None
    doubtful = rows[:at] if at == 1 or not ragged else ()
    if any(_filled(row) >= max(width - 1, 2) for row in doubtful):
        return None
    reach = [_reach(row) for row in others]
    within = sum(one <= width for one in reach) >= EVEN * len(others)
    full = reach.count(width) >= MOSTLY * len(others)
    return at if within and full and _names(rows[at], others) else None


def first_delimiter(line: str) -> str:
    """The one of , ; | and tab that a line has most of, outside quotes."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _comments(lines: Sequence[str]) -> int:
    """How many lines there are before the first that is no comment, if the first is one."""
    there = [at for at, line in enumerate(lines) if line.strip()]
    if not there or not lines[there[0]].startswith("#"):
        return 0
    return next((at for at in there if not lines[at].startswith("#")), 0)


def _above_named(lines: Sequence[str], comments: int, delimiter: str) -> int:
    """How many of the comments are above the table: the last may name the columns, and a first row that is
    like all others is no comment.
    """
    body = [row for _, row in _rows(lines[comments:], delimiter)]
    noted = _rows(lines[:comments], delimiter)
    if not body or not noted:
        return 0
    row, others = body[0], body[1:]
    if _names(row, others):
        return comments
    parted = all(len(one) > 1 for one in body)
    if all(len(one) == len(row) for _, one in noted) or not (parted or _is_uneven(lines, "")):
        return 0
    at, last = noted[-1]
    numbers = any(is_number(cell) for cell in row)
    if len(last) == max(map(len, body)) > 1 and (numbers or not last[0][1:2].isspace()):
        return at
    return comments


def _is_uneven(lines: Sequence[str], said: str) -> bool:
    """Whether most rows are not as wide as the first, as they would be read from that on."""
    first = next((line for line in lines if line.strip()), "")
    rows = [row for _, row in _rows(lines, said or first_delimiter(first))]
    return sum(not _alike(row, rows[0]) for row in rows[1:]) > MOSTLY * (len(rows) - 1)


def _title(lines: Sequence[str], said: str) -> tuple[int, str]:
    """How many lines are above the row of names, and the delimiter."""
    first = next((line for line in lines if line.strip()), "")
    as_is = [row for _, row in _rows(lines, said or first_delimiter(first))]
    if len(as_is) <= FEWEST:
        return 0, said
    uneven = _is_uneven(lines, said)
    found: list[tuple[int, int, str]] = []
    for delimiter in said or DELIMITERS:
        rows = _rows(lines, delimiter)
        least = 2 if uneven or len(as_is[0]) == 1 else 3
        at = names_at([row for _, row in rows], least=least, ragged=uneven)
        if at is not None and (uneven or len(as_is[0]) > 1 or _all_even([row for _, row in rows[at:]])):
            found.append((len(rows[at][1]), rows[at][0], delimiter))
    if found:
        return max(found)[1:]
    count, delimiter = _pairs(lines, said or first_delimiter(first))
    return count, delimiter or said


def _pairs(lines: Sequence[str], delimiter: str) -> tuple[int, str]:
    """How many lines are above a blank one, where words and what they stand for are as wide as the table: the
    first column holds words there, and numbers or dates below.
    """
    rows = _rows(lines, delimiter)
    for at, (begin, row) in enumerate(rows[:MOST]):
        gap = at and not lines[begin - 1].strip()
        as_wide = all(1 < len(row) == len(one) and not _has_digit(one[0]) for _, one in rows[:at])
        if not gap or not as_wide:
            continue
        below = [one for _, one in rows[at + 1 :]]
        like = sum(_alike(one, row) and _has_digit(one[0]) for one in below)
        if like >= EVEN * len(below) and _names(row, below):
            return begin, delimiter
    return 0, ""


def _alike(row: Row, first: Row) -> bool:
    """Whether a row is as wide as the first, but for a delimiter at its end."""
    return len(row) == len(first) or (len(row) == len(first) + 1 and not row[-1].strip())


def _all_even(rows: Sequence[Row]) -> bool:
    return len({len(row) for row in rows}) == 1


def _fitting(lines: Sequence[str]) -> str:
    """The delimiter that parts each line into the most, and the same number if one does; or the first's."""
    found: list[tuple[bool, int, str]] = []
    for delimiter in DELIMITERS:
        widths = {len(row) for _, row in _rows(lines, delimiter)}
        if widths and min(widths) > 1:
            found.append((len(widths) == 1, min(widths), delimiter))
    return max(found)[2] if found else first_delimiter(lines[0])


def _rows(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of lines before it."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    found: list[tuple[int, list[str]]] = []
    begin = 0
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                found.append((begin, row))
            begin = reader.line_num
    except csv.Error:
        return []
    return found


def _names(row: Row, others: Sequence[Row]) -> bool:
    """Whether a row names columns: no number is in it but years and the like, and below are values."""
    cells = [cell.strip() for cell in row]
    filled = [cell for cell in cells if cell]
    numbers = [float(cell) for cell in filled if is_number(cell)]
    counted = len(numbers) > 1 and are_names(numbers)
    if len(set(filled)) < len(filled) or len(numbers) == len(filled) or (numbers and not counted):
        return False
    if len(others) < FEWEST:
        return False
    for at, name in enumerate(cells):
        below = [cell for one in others if at < len(one) and (cell := one[at].strip())]
        told = name and (not _has_digit(name) or (counted and is_number(name)))
        if told and sum(map(_has_digit, below)) > MOSTLY * max(len(below), 1):
            return True
    return False


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _reach(row: Row) -> int:
    """How many cells there are up to the last that is filled."""
    return max((at for at, cell in enumerate(row, 1) if cell.strip()), default=0)
