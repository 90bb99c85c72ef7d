"""Rows that are read many together: their blocks, of which few stay in memory, and which rows are of one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from studio.data.raw import Array

TOGETHER = 4
"""Blocks whose rows are mixed with each other in an epoch, and that stay in memory meanwhile."""
RUNS = 20
"""Stretches of rows that stand for all of them."""


class Blocks:
    """The blocks used last. Another process begins with none."""

    def __init__(self, most: int = TOGETHER + 1) -> None:
        self._most = most
        self._known: OrderedDict[int, Array] = OrderedDict()

    def __reduce__(self) -> tuple[Any, ...]:
        """As one without blocks."""
        return Blocks, (self._most,)

    def take(self, rows: Array, size: int, make: Callable[[int], Array]) -> Array:
        """The values at some rows; `make` makes a block, of `size` rows but the last, by its number."""
        of = rows // size
        found: Array | None = None
        for number in np.unique(of).tolist():
            block = self._block(number, make)
            places = np.flatnonzero(of == number)
            if found is None:
                found = np.empty((len(rows), *block.shape[1:]), block.dtype)
            found[places] = block[rows[places] - number * size]
        assert found is not None
        return found

    def _block(self, number: int, make: Callable[[int], Array]) -> Array:
        if number not in self._known:
            while len(self._known) >= self._most:
                self._known.popitem(last=False)
            self._known[number] = make(number)
        self._known.move_to_end(number)
        return self._known[number]


def edges(rows: Array, size: int) -> Array:
    """Where in ascending row numbers each block begins that holds any, and their end."""
    starts = np.flatnonzero(np.diff(rows // size, prepend=-1))
    return np.append(starts, len(rows))


def mixed(edges: Array, generator: torch.Generator) -> torch.Tensor:
    """All places between the first and the last edge: a few blocks at a time, and their places at random."""
    order = torch.randperm(len(edges) - 1, generator=generator).tolist()
    found, filled = torch.empty(int(edges[-1] - edges[0]), dtype=torch.int64), 0
    for start in range(0, len(order), TOGETHER):
        few = order[start : start + TOGETHER]
        rows = torch.cat([torch.arange(int(edges[one]), int(edges[one + 1])) for one in few])
        found[filled : filled + len(rows)] = rows[torch.randperm(len(rows), generator=generator)]
        filled += len(rows)
    return found


def in_runs(rows: Array, size: int, most: int) -> Array:
    """At most so many of the rows, from few blocks."""
    spread = rows[np.linspace(0, len(rows) - 1, RUNS).astype(np.int64)]
    chosen = np.unique(np.searchsorted(rows, spread // size * size))
    run = np.arange(max(most // len(chosen), 1))
    places = (chosen[:, None] + run).ravel()
    return rows[np.unique(places[places < len(rows)])]
