"""How many samples each class, or each range of numbers, has: of every target."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from studio.data.browsing.opened import NOWHERE, Opened
from studio.data.browsing.seen import Seen
from studio.data.findings import spread
from studio.data.raw import Array

BINS = 10
MOST = 100_000
"""Samples that are counted."""
Bars = tuple[tuple[str, int], ...]


def target_counts(opened: Opened) -> dict[str, Bars]:
    """Bars of each target by its name, of the samples that are in a part (all where none is)."""
    rows = np.flatnonzero(opened.parts != NOWHERE)
    rows = rows if len(rows) else opened.used
    rows = rows[spread(len(rows), MOST)]
    found = {one.name: counts(one, rows) for one in opened.targets}
    return {name: bars for name, bars in found.items() if bars}


def counts(column: Seen, rows: Array) -> Bars:
    """Classes with the number of their samples, or ranges with those of their numbers."""
    if column.kind == "category" and not column.shape:
        words = [word for word in column.words(rows) if word is not None]
        names, numbers = np.unique(np.array(words), return_counts=True)
        by_name = dict(zip(names.tolist(), numbers.tolist(), strict=True))
        order = column.classes if column.classes is not None else column.names(words)
        return tuple((name, by_name.get(name, 0)) for name in order)
    if not column.scalar or column.kind == "time":
        return ()
    values = column.numbers(rows)
    values = values[np.isfinite(values)]
    if not len(values):
        return ()
    found, edges = np.histogram(values, BINS)
    names = [f"{a:.4g} – {b:.4g}" for a, b in pairwise(edges)]
    return tuple(zip(names, found.tolist(), strict=True))
