"""Rows of a table's file that cannot be read: the first is told with their number, or all are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.data.raw import DataError
from studio.errors import Fix, Problem
from studio.project.mending import SetSource

LARGEST_SHARE = 0.5
"""Of a file's rows: where more cannot be read, the file is of another kind than it seems."""
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file, counted from 1, that cannot be read, and why: a sentence that says where."""

    line: int
    message: str
    hint: str


def left_out(path: Path, bad: Sequence[BadRow], rows: int, how: str) -> tuple[Problem, ...]:
    """Tell of rows that are left out, of so many in all; raises DataError unless `how` is skip."""
    if not bad:
        return ()
    count, first = len(bad), bad[0]
    if how != "skip" or count > LARGEST_SHARE * rows:
        raise _refused(first, count, rows)
    some = ", ".join(str(one.line) for one in bad[:MOST_TOLD]) + (" …" if count > MOST_TOLD else "")
    what, are = ("row", "is") if count == 1 else ("rows", "are")
    text = (
        f"{path.name}: {count:,} of {rows:,} rows cannot be read and {are} left out ({what} {some}). "
        f"{first.message}"
    )
    return (Problem("warning", text, first.hint, field="data.broken"),)


def _refused(first: BadRow, count: int, rows: int) -> DataError:
    many = f" So it is with {count:,} of {rows:,} rows." if count > 1 else ""
    if count > LARGEST_SHARE * rows:
        return DataError(f"{first.message}{many}", first.hint)
    label = f"Leave out {count:,} {'row' if count == 1 else 'rows'}"
    return DataError(
        f"{first.message}{many}", first.hint, "broken", (Fix(label, SetSource("broken", "skip")),)
    )
