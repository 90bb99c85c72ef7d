"""Missing values of series: the last value before stands in, so that nothing later is known early."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.data.raw import Array, DataError
from studio.data.sources.any_table import Opened

MOSTLY = 0.5
"""A column that is missing in a larger share of the rows is looked at only where it is named."""
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Filled:
    """A column without holes: `missing` are the rows that had none, `before` those before the first value of
    their series, in which that one stands, or 0 where the series has none at all.
    """

    values: Array
    missing: Array
    before: Array


def filled(values: Array, of: Array) -> Filled:
    """Values in the order of their times, NaN where there is none; `of` numbers the series of each row, in
    which rows lie together.
    """
    missing, rows = np.isnan(values), np.arange(len(values))
    if not missing.any():
        return Filled(values, missing, missing)
    edges = np.flatnonzero(np.concatenate([[True], np.diff(of) != 0]))
    begins = np.repeat(edges, np.diff(np.append(edges, len(of))))
    last = np.maximum.accumulate(np.where(missing, -1, rows))
    before = last < begins
    first = np.minimum.accumulate(np.where(missing, len(values), rows)[::-1])[::-1]
    none = before & (of[np.minimum(first, len(of) - 1)] != of)
    none |= before & (first == len(values))
    source = np.where(before, np.minimum(first, len(values) - 1), last)
    return Filled(np.where(none, 0.0, values[source]), missing, before)


def known(
    begins: Array, columns: Mapping[str, Filled], looked_at: Sequence[str], targets: Sequence[str],
    history: int, horizon: int,
) -> Array:  # fmt: skip
    """Which windows know a value of each column that is looked at, and have all that are foretold."""
    kept = np.ones(len(begins), bool)
    for name in looked_at:
        kept &= ~columns[name].before[begins + history - 1]
    for name in targets:
        gone = np.concatenate([[0], np.cumsum(columns[name].missing)])
        kept &= gone[begins + history + horizon] == gone[begins + history]
    return kept


def check_holes(
    opened: Opened, rows: Array, columns: Mapping[str, Array], named: Iterable[str], policy: str
) -> None:
    """Raise DataError where values are missing and may not be, or most of a column that nobody named."""
    for name, values in columns.items():
        missing = np.isnan(values)
        count = int(missing.sum())
        if not count:
            continue
        where, of = opened.places.where(int(rows[missing].min()), name), f"{count} of {len(values)} rows"
        if policy == "error":
            raise DataError(
                f"{where}: the value is missing, as in {of}.",
                "Fill it in, leave the column out, or set missing to last.",
                "columns",
            )
        if count > MOSTLY * len(values) and name not in named:
            others = ", ".join(one for one in columns if np.isnan(columns[one]).mean() <= MOSTLY)
            raise DataError(
                f"{opened.path.name}: {name} is missing in {of}, too many to be filled in.",
                f"Name the columns to look at{f', such as {others}' if others else ''}; "
                f"{name} is used only where it is named.",
                "columns",
            )


def told_holes(columns: Mapping[str, Array]) -> str:
    """missing values filled with the last before: wind 3, sun 1 of 200; nothing where none are missing."""
    counts = {name: int(missing.sum()) for name, missing in columns.items() if missing.any()}
    if not counts:
        return ""
    listed = ", ".join(f"{name} {count}" for name, count in list(counts.items())[:MOST_NAMED])
    more = " …" if len(counts) > MOST_NAMED else ""
    total = len(next(iter(columns.values())))
    return f"missing values filled with the last before: {listed}{more} of {total}"
