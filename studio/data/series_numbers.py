"""The columns that a series is made of: those with numbers in most rows; and why others are left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from studio.data.findings import find_column
from studio.data.raw import Array, DataError
from studio.data.sources.any_table import Opened
from studio.data.sources.series_columns import is_number, numbers_of
from studio.data.sources.series_holes import MOSTLY, told_holes


@dataclass(frozen=True, slots=True)
class Numbers:
    """Columns of numbers that are `used`, those that are `out` and why, and the rows of each used one that
    are `missing`; `last` is the last of all, `empty` are columns without any value.
    """

    used: tuple[str, ...]
    out: Mapping[str, str]
    missing: Mapping[str, Array]
    last: str
    empty: tuple[str, ...]

    def told(self) -> tuple[str, ...]:
        """What is done about missing values, as evidence."""
        holes = told_holes(self.missing)
        parts = [f"{holes} rows"] if holes else []
        parts += [f"left out: {name}, {why}" for name, why in self.out.items()]
        parts += [f"left out: {name}, without any value" for name in self.empty]
        return tuple(parts)


def numbers_in(opened: Opened, others: Collection[str]) -> Numbers:
    """The columns of numbers but for these `others`."""
    names = [name for name in opened.columns if name not in others]
    listed = [name for name in names if is_number(opened, name)]
    found = {name: _missing(opened, name) for name in listed}
    out = {name: one for name, one in found.items() if isinstance(one, str)}
    missing = {name: one for name, one in found.items() if not isinstance(one, str)}
    empty = tuple(name for name in names if name not in found and _is_empty(opened, name))
    return Numbers(tuple(missing), out, missing, listed[-1] if listed else "", empty)


def _missing(opened: Opened, name: str) -> Array | str:
    """The rows that lack a value, or why the column cannot be used."""
    try:
        missing = np.isnan(numbers_of(opened, name))
    except DataError as error:
        return error.message.partition(": ")[2].rstrip(".")
    count = int(missing.sum())
    return missing if count <= MOSTLY * len(missing) else f"missing in {count} of {len(missing)} rows"


def _is_empty(opened: Opened, name: str) -> bool:
    found = find_column(name, opened.columns[name])
    return found.seen > 0 and found.missing == found.seen
