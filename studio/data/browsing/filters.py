"""Which samples a filter lets through: `label = 3`, `age > 60`, `part = test`, `excluded`, or any words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from studio.data import spelling
from studio.data.browsing.opened import NOWHERE, Opened, rows_of
from studio.data.browsing.seen import WORDS, Seen
from studio.data.dates import ISO, read_moment
from studio.data.raw import Array, DataError
from studio.data.splits import NAMES, PARTS
from studio.data.transforms.dates import as_times

TERM = re.compile(r"^(?P<name>.+?)\s*(?P<sign><=|>=|!=|==|=|<|>|~)\s*(?P<value>.*)$")
AND = re.compile(r"""(?:\s+and\s+|\s*,\s*)(?=(?:[^"]*"[^"]*")*[^"]*$)""", re.IGNORECASE)
"""Between two terms, and not within quotation marks."""
SIGNS: Mapping[str, Callable[[Array, float], Array]] = {
    "=": np.equal, "==": np.equal, "!=": np.not_equal,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
PROBLEM = "problem"
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: the words of a filter, and the samples it is taken from (None: all).

    `problems` are the samples that the word "problem" stands for.
    """

    text: str = ""
    among: tuple[int, ...] | None = None
    problems: tuple[int, ...] = ()


def filtered(opened: Opened, asked: Asked) -> Array:
    """The rows that all terms let through, ascending. Raises DataError for a term that cannot be."""
    rows = np.arange(opened.samples) if asked.among is None else np.array(asked.among, np.int64)
    for term in filter(None, AND.split(asked.text.strip())):
        rows = rows[_passes(opened, term.strip(), rows, asked.problems)]
    return rows


def _passes(opened: Opened, term: str, rows: Array, problems: tuple[int, ...]) -> Array:
    state = _state(opened, term.lower(), problems)
    if state is not None:
        return np.isin(rows, state)
    found = TERM.match(term)
    if found is None:
        return _holds(opened, term.strip("'\"").lower(), rows)
    name, sign, value = found["name"].strip("'\" "), found["sign"], found["value"].strip("'\" ")
    if name.lower() == "part" and name not in opened.columns:
        return _of_part(opened, sign, value, rows)
    if name.lower() == "row" and name not in opened.columns:
        return SIGNS.get(sign, np.equal)(rows + 1, _row(value))
    if name.lower() == "key" and name not in opened.columns:
        return _compared_words([opened.key(int(row)) for row in rows], sign, value)
    return _compared(_column(opened, name), sign, value, rows)


def _state(opened: Opened, word: str, problems: tuple[int, ...]) -> Array | None:
    """The rows that a word for a state stands for."""
    changes, table = opened.data.changes, opened.table
    if word == "excluded":
        return np.flatnonzero(opened.excluded)
    if word == "used":
        return np.flatnonzero(opened.parts != NOWHERE)
    if word == "changed":
        return opened.changed()
    if word == "weighted":
        return rows_of(table, changes.weights, opened.places)
    if word == "relabelled":
        keys = [key for labels in changes.labels.values() for key in labels]
        return rows_of(table, keys, opened.places)
    return np.array(problems, np.int64) if word == PROBLEM else None


def _of_part(opened: Opened, sign: str, value: str, rows: Array) -> Array:
    part = NAMES.get(value.lower())
    wanted = NOWHERE if value.lower() in ("", "none") else PARTS.index(part) if part else -1
    if wanted < 0 or sign not in ("=", "==", "!="):
        raise DataError(f"There is no part {value}.", "Write part = train, validation, test or none.")
    return (opened.parts[rows] == wanted) != (sign == "!=")


def _row(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise DataError(f"Rows have numbers, and {value} is none.", "Write row > 100.") from None


def _column(opened: Opened, name: str) -> Seen:
    folded = {_folded(one): one for one in opened.columns}
    found = folded.get(_folded(name))
    if found is None:
        listed = ", ".join(list(opened.columns)[:12])
        raise DataError(
            f"There is no column {name} to filter by.", f"The columns are {listed}; also part, row and key."
        )
    return opened.columns[found]


def _folded(name: str) -> str:
    return name.casefold().replace("_", " ")


def _compared(column: Seen, sign: str, value: str, rows: Array) -> Array:
    if column.kind in WORDS:
        return _compared_words(column.words(rows), sign, value)
    if not column.scalar:
        raise DataError(
            f"{column.name} cannot be compared: it is {column.kind}.", "Filter by another column."
        )
    numbers = column.numbers(rows)
    if value.lower() in ("", "missing", "none"):
        return np.isnan(numbers) != (sign == "!=")
    if sign == "~":
        return np.array([value in text for text in column.texts(rows)], bool)
    bound = _bound(column, value)
    with np.errstate(invalid="ignore"):
        return SIGNS[sign](numbers, bound) & ~np.isnan(numbers)


def _bound(column: Seen, value: str) -> float:
    if column.kind == "time":
        return _day(column, value)
    found = spelling.read(value, column.written())
    if found is None:
        raise DataError(f"{column.name} is compared with a number, and {value} is none.", "Write a number.")
    return found


def _day(column: Seen, value: str) -> float:
    """A moment as the table writes its own, or as ISO 8601, in days since 1970."""
    written = column.written() if "%" in column.written() else ISO
    read = read_moment(value, written)
    if read is None:
        shown = [text for text in column.texts(np.arange(min(len(column.cells), LOOKED_AT))) if text]
        example = f" {shown[0]}, or as" if shown and written != ISO else ""
        raise DataError(
            f"{column.name} is compared with a date, and {value} is none.",
            f"Write one as{example} 2026-01-31.",
        )
    moment = as_times([read], column.name, "path")[0]
    return float((moment - np.datetime64(0, "us")) / np.timedelta64(1, "D"))


def _compared_words(words: list[str | None] | list[str], sign: str, value: str) -> Array:
    wanted = value.casefold()
    there = [(word or "").casefold() for word in words]
    if sign == "~":
        return np.array([wanted in word for word in there], bool)
    if sign in ("=", "==", "!="):
        wanted = "" if wanted == "missing" else wanted
        return np.array([(word == wanted) != (sign == "!=") for word in there], bool)
    return _ordered(there, sign, value)


def _ordered(there: list[str], sign: str, value: str) -> Array:
    """Texts that are numbers are compared as numbers."""
    try:
        bound = float(value)
        numbers = np.array([float(word) if word else np.nan for word in there])
    except ValueError:
        raise DataError(f"Texts cannot be compared by {sign}.", "Use =, != or ~ (contains).") from None
    with np.errstate(invalid="ignore"):
        return SIGNS[sign](numbers, bound)


def _holds(opened: Opened, word: str, rows: Array) -> Array:
    """Which samples hold a word in their name or in one of their texts."""
    found = np.array([word in opened.key(int(row)).casefold() for row in rows], bool)
    for column in opened.columns.values():
        if column.kind in WORDS:
            texts = column.words(rows)
            found |= np.array([text is not None and word in text.casefold() for text in texts], bool)
    return found
