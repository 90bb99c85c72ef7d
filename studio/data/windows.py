"""Windows of series: which rows make one, and their values when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from studio.data.cells import Values
from studio.data.raw import Array

LARGE = 256 * 2**20
"""Bytes of all windows, from which they are made batch by batch."""


@dataclass(frozen=True, eq=False)
class Windows:
    """`length` rows of `values` (rows, columns) from each of `starts`, copied when they are asked for.

    `flat` leaves the dimension of columns out, which is then 1, or that of rows.
    """

    values: Array
    starts: Array
    length: int
    flat: str = ""

    def __len__(self) -> int:
        """How many windows."""
        return len(self.starts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one window."""
        full = (self.length, self.values.shape[1])
        return full[:1] if self.flat == "columns" else full[1:] if self.flat == "rows" else full

    @property
    def on_demand(self) -> bool:
        """Whether all windows together are too large to be made at once."""
        return len(self) * self.length * self.values.shape[1] * self.values.itemsize > LARGE

    def take(self, rows: Array) -> Values:
        """Windows (samples, length, columns)."""
        view = sliding_window_view(self.values, self.length, axis=0)
        found = np.ascontiguousarray(view[self.starts[rows]].transpose(0, 2, 1))
        return found.reshape(len(rows), *self.shape)


def starts(series: Array, breaks: Array, length: int, stride: int) -> Array:
    """Where windows of so many rows begin; none crosses into another series, nor a break.

    `series` numbers the series of each row, in which rows lie together; `breaks[i]` says that row i does not
    follow the one before.
    """
    edges = np.flatnonzero(breaks | np.concatenate([[True], np.diff(series) != 0]))
    ends = np.append(edges[1:], len(series))
    runs = [np.arange(begin, end - length + 1, stride) for begin, end in zip(edges, ends, strict=True)]
    return np.concatenate(runs).astype(np.int64) if runs else np.zeros(0, np.int64)
