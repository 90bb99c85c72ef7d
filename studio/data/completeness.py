"""What cannot be trained on is told with its place: missing values, infinities, numbers too large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.data.cells import Held
from studio.data.columns import Planned
from studio.data.lazy import Lazy
from studio.data.making import Made, missing
from studio.data.raw import LARGEST_NUMBER, Array, DataError
from studio.data.table import Table
from studio.data.transforms import TRANSFORMS
from studio.errors import Fix
from studio.project.mending import DecideMissing, Exclude, LeaveOutColumn

DECODED = ("image", "mask", "audio")
STANDS_IN = {"number": "median", "time": "median", "category": "class", "text": "zero"}
"""What stands in for missing values of a kind where somebody wants that."""
MOST_EXCLUDED = 10_000
"""Samples that one click leaves out by their names."""

FILL = "Fill it in, choose what stands in for missing values, set missing to skip, or leave the column out."


def check_present(table: Table, planned: Mapping[str, Planned], kept: Array) -> None:
    """Refuse missing values that nothing stands in for. Raises DataError that names the first."""
    holes = np.zeros(len(kept), bool)
    first: tuple[int, str] | None = None
    lacking: list[Planned] = []
    for name, one in planned.items():
        if one.ready or one.kind in DECODED or not _in_memory(one):
            continue
        absent = missing(one, kept)
        if len(absent) and absent.all():
            raise DataError(
                f"{table.where(int(kept[0]), name)}: the whole column is empty.",
                f"Add {name} to the columns to leave out.",
                fixes=(Fix(f"Leave out {name}", LeaveOutColumn(name)),),
            )
        if one.missing == "error" and absent.any() and not is_filled(one):
            holes |= absent
            lacking.append(one)
            row = int(np.argmax(absent))
            first = (row, name) if first is None or row < first[0] else first
    if first is not None:
        count = int(holes.sum())
        raise _absent(table, int(kept[first[0]]), first[1], count, fillings(lacking, count))


def check_finite(table: Table, planned: Mapping[str, Planned], made: Mapping[str, Made], kept: Array) -> None:
    """Refuse numbers that training cannot hold. Raises DataError that names the first of a column."""
    for name, one in made.items():
        array = one.array
        if planned[name].ready or isinstance(array, Lazy) or array.dtype.kind != "f":
            continue
        if not planned[name].steps and _surely_finite(planned[name]):
            continue
        with np.errstate(invalid="ignore"):
            if np.abs(array).max(initial=0.0) <= LARGEST_NUMBER:
                continue
            odd = ~(np.abs(array) <= LARGEST_NUMBER).reshape(len(array), -1).all(1)
        at = int(np.argmax(odd))
        row = int(kept[at])
        values = np.asarray(array[at]).reshape(-1)
        if np.isnan(values).any():
            raise _absent(table, row, name, int(np.isnan(array.reshape(len(array), -1)).any(1).sum()))
        largest = float(values[~(np.abs(values) <= LARGEST_NUMBER)][0])
        raise _too_large(table, row, name, largest, kept[odd])


def _surely_finite(one: Planned) -> bool:
    """Whether the source has told bounds that training can hold."""
    cells = one.column.cells
    if not isinstance(cells, Held) or cells.bounds is None:
        return False
    return cells.finite and max(map(abs, cells.bounds)) <= LARGEST_NUMBER


def _in_memory(one: Planned) -> bool:
    return not getattr(one.column.cells, "on_demand", False)


def is_filled(one: Planned) -> bool:
    """Whether a step of a column lets something stand in for missing values."""
    return any(
        fills is not None and fills(step.params)
        for step in one.steps
        for fills in (TRANSFORMS[step.type].fills,)
    )


def fillings(lacking: Sequence[Planned], count: int) -> tuple[Fix, ...]:
    """What can be done about missing values: something stands in, or the rows go."""
    ways = tuple((one.name, STANDS_IN[one.kind]) for one in lacking if one.kind in STANDS_IN)
    fillable = len(ways) == len(lacking) and all(one.proposed and one.role != "target" for one in lacking)
    words = {"median": "the median", "class": "a class of its own", "zero": "an empty text"}
    named = " or ".join(dict.fromkeys(words[way] for _, way in ways))
    fill = (Fix(f"Let {named} stand in", DecideMissing(ways)),) if fillable else ()
    gone = DecideMissing(tuple((one.name, "skip") for one in lacking))
    return (*fill, Fix(f"Leave out {count:,} {'row' if count == 1 else 'rows'}", gone, rank=1))


def _absent(table: Table, row: int, column: str, count: int, fixes: tuple[Fix, ...] = ()) -> DataError:
    message = f"{table.where(row, column)}: the value is missing, as in {count} of {table.samples} rows."
    return DataError(message, FILL, fixes=fixes)


def _too_large(table: Table, row: int, column: str, value: float, rows: Array) -> DataError:
    written = (table.places.cell(row, column) if table.places else None) or f"{value:g}"
    where = f"{table.where(row, column)}: {written}"
    keys = tuple(table.key(int(one)) for one in rows)
    label = f"Leave out {len(keys):,} {'row' if len(keys) == 1 else 'rows'}"
    fixes = (Fix(label, Exclude(keys)),) if len(keys) <= MOST_EXCLUDED else ()
    if not np.isfinite(value):
        return DataError(f"{where} is no finite number.", "Correct the value.", fixes=fixes)
    return DataError(
        f"{where} is too large; numbers go up to {LARGEST_NUMBER:.2g}.",
        "Correct the value, or give the column in another unit.",
        fixes=fixes,
    )
