"""Whether the first row of a CSV file names its columns, or is a sample as all others are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MOST = 0.5
"""Of some cells: more of them tell what all of them are."""
YEARS = 1000, 2100
MANY = 6
"""So many numbers do not rise by chance."""
FEWEST = 2
"""Rows behind the first that tell something."""


def has_no_names(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first row is like the `rows` that follow.

    All its cells are numbers; or each is like those below it, and most are numbers that are no names, or most
    words that can be classes come again in their column.
    """
    cells = [cell.strip() for cell in first]
    if all(is_number(cell) for cell in cells):
        return True
    others = [row for row in rows if len(row) == len(first) and list(row) != list(first)]
    if len(others) < FEWEST:
        return False
    filled = [at for at, cell in enumerate(cells) if cell]
    words = [at for at in filled if not is_number(cells[at])]
    columns = {at: [value for row in others if (value := row[at].strip())] for at in words}
    if not all(_alike(cells[at], column) for at, column in columns.items()):
        return False
    numbers = [float(cells[at]) for at in filled if is_number(cells[at])]
    if len(numbers) > MOST * len(filled) and not are_names(numbers):
        return True
    classes = {at: set(column) for at, column in columns.items() if len(set(column)) <= MOST * len(column)}
    again = sum(cells[at] in values for at, values in classes.items())
    return again > MOST * len(classes)


def is_number(cell: str) -> bool:
    """Whether a cell reads as one number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _alike(word: str, column: Sequence[str]) -> bool:
    """Whether a word may be a value of a column: that is no column of numbers, or of longer texts."""
    if not column:
        return True
    for is_so in (is_number, _has_spaces, _has_digits):
        share = sum(map(is_so, column)) / len(column)
        if share > MOST and not is_so(word):
            return False
    return True


def _has_spaces(text: str) -> bool:
    return " " in text


def _has_digits(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def are_names(numbers: Sequence[float]) -> bool:
    """Whether numbers rise, or fall, as those that name columns do: years, places, wavelengths."""
    steps = [after - before for before, after in pairwise(numbers)]
    if not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        return False
    years = all(one.is_integer() and YEARS[0] <= one <= YEARS[1] for one in numbers)
    counted = abs(steps[0]) == 1 and numbers[0].is_integer() if steps else False
    even = all(abs(one - steps[0]) < 1e-6 for one in steps)
    return years or len(numbers) >= MANY or (even and (len(steps) > 1 or counted))
