"""Values that are not of their column's kind, and files that cannot be read: told with their place and their
number, taken as missing, or left out, as the settings say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from studio.data.columns import Planned
from studio.data.raw import Array, DataError
from studio.data.table import Table
from studio.errors import Fix, Problem
from studio.project.mending import DecideOdd

NONE = np.zeros(0, np.int64)
STANDS_IN = "median"
"""What stands in for values that are to count as missing where nothing is said of those."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A column that is of its kind; `left` are the rows that cannot be used, `warnings` tell of them."""

    planned: Planned
    left: Array = field(default_factory=lambda: NONE)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Odd:
    """Rows of a column with odd values: what those are ("no number"), and a sentence about the first that
    says where it is.
    """

    rows: Sequence[int]
    are: str
    first: str
    hint: str
    fillable: bool = True
    """Whether something can stand in for them."""


def judged(one: Planned, table: Table, odd: Odd) -> Usable:
    """The column as the settings say of odd values. Raises DataError that offers what can be done."""
    count = len(odd.rows)
    if not count:
        return Usable(one)
    if one.odd == "error" or (one.odd == "missing" and not odd.fillable):
        raise DataError(odd.first, odd.hint, fixes=_fixes(one, odd))
    as_missing = one.odd == "missing"
    single = count == 1
    what = "values" if odd.fillable else "files"
    is_, done = ("is", "counts as missing") if single else ("are", "count as missing")
    if not as_missing:
        done = "left out with its row" if single else "left out with their rows"
    text = f"{one.name}: {count:,} of {table.samples:,} {what} {is_} {odd.are} and {done}. {odd.first}"
    hint = "Correct them in the file, if they matter."
    warning = Problem("warning", text, hint, field=f"data.fields.{one.name}")
    return Usable(one, NONE if as_missing else np.asarray(odd.rows, np.int64), (warning,))


def _fixes(one: Planned, odd: Odd) -> tuple[Fix, ...]:
    """What can be done about odd values, but for correcting them."""
    count = len(odd.rows)
    lines = f"{count:,} {'row' if count == 1 else 'rows'}"
    rows = Fix(f"Leave out {lines}", DecideOdd(one.name, "skip"), rank=1)
    if not odd.fillable or one.role == "target" or one.missing == "skip":
        return (rows,)
    if one.missing == "error" and not one.proposed:  # steps of the user's own fill nothing in
        return (rows,)
    way = STANDS_IN if one.missing == "error" else ""
    told = f": the {way} stands in" if way else ""
    values = f"{count:,} {'value' if count == 1 else 'values'}"
    label = f"Take {values} as missing{told}"
    return (Fix(label, DecideOdd(one.name, "missing", way)), rows)
