"""Rare numbers of tables larger than memory that training would stop at: all rows are looked at for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from studio.data.checks.look import Flaw, Look, counted
from studio.data.columns import Planned
from studio.data.completeness import MOST_EXCLUDED, fillings, is_filled
from studio.data.raw import LARGEST_NUMBER, Array
from studio.data.row_groups import RowGroups, read_beside
from studio.errors import Fix


@dataclass(slots=True)
class _Found:
    """Numbers of one sort in a column: how many, the first rows that have them, and the first of them."""

    count: int = 0
    rows: list[int] = field(default_factory=list[int])
    first: float = 0.0

    def add(self, values: Array, chosen: Array, begin: int) -> None:
        """Numbers that follow; the first of them is in row `begin`."""
        rows = np.flatnonzero(chosen)
        if len(rows):
            self.first = self.first if self.count else float(values[rows[0]])
            self.count += len(rows)
            self.rows += (begin + rows[: MOST_EXCLUDED + 1 - len(self.rows)]).tolist()


@dataclass(frozen=True, slots=True)
class _Column:
    """A column and what cannot be trained on."""

    planned: Planned
    cells: RowGroups
    missing: _Found = field(default_factory=_Found)
    large: _Found = field(default_factory=_Found)


def unfit(look: Look) -> list[Flaw]:
    """Numbers in tables larger than memory that are missing, infinite, or too large."""
    planned = () if look.opened.ready is None else look.opened.ready.planned.values()
    columns = [
        _Column(one, one.column.cells)
        for one in planned
        if isinstance(one.column.cells, RowGroups) and one.column.cells.form == "number"
    ]
    samples = look.opened.samples
    for first in range(0, samples if columns else 0, columns[0].cells.together if columns else 1):
        look.go_on(first / samples)
        last = min(first + columns[0].cells.together, samples)
        read = read_beside([one.cells for one in columns], first, last)
        used = ~look.opened.excluded[first:last]
        for at, one in enumerate(columns):
            _note(one, read[:, at], used, first)
    return [flaw for one in columns for flaw in _flaws(look, one)]


def _note(one: _Column, values: Array, used: Array, first: int) -> None:
    """Look at numbers, NaN where none is."""
    with np.errstate(invalid="ignore"):
        if values.min() >= -LARGEST_NUMBER and values.max() <= LARGEST_NUMBER:
            return
        one.large.add(values, (np.abs(values) > LARGEST_NUMBER) & used, first)
    if one.planned.missing == "error" and not is_filled(one.planned):
        one.missing.add(values, np.isnan(values) & used, first)


def _flaws(look: Look, one: _Column) -> Iterator[Flaw]:
    missing, large = one.missing, one.large
    if missing.count and not np.isin(missing.rows, look.rows()).any():  # else they are told already
        yield _flaw(look, one, missing, "missing", "", fillings([one.planned], missing.count))
    if large.count:
        few = large.count <= MOST_EXCLUDED
        fixes = (look.exclude(large.rows, "samples with such numbers"),) if few else ()
        yield _flaw(look, one, large, "too large or infinite", f": {large.first:g}", fixes)


def _flaw(look: Look, one: _Column, found: _Found, what: str, first: str, fixes: tuple[Fix, ...]) -> Flaw:
    name, is_ = one.planned.name, "is" if found.count == 1 else "are"
    place = look.opened.table.where(found.rows[0], name)
    values = f"{counted(found.count, 'values')} of {look.opened.samples:,}"
    return Flaw(
        "unfit",
        "error",
        f"{name}: {values} {is_} {what}; the first is at {place}{first}.",
        "Training would stop there. Correct them in the file, or say here what is done about them.",
        found.count,
        tuple(found.rows),
        name,
        fixes,
    )
