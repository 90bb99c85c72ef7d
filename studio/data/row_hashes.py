"""Equal rows of a table found at once: a number for each row, made of the values of all its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from studio.data.beside import side_by_side
from studio.data.cells import Cells, Held
from studio.data.raw import Array
from studio.data.series import Texts
from studio.data.threads import over_rows

SEEDS = (0x6C6F6F6D, 0x6E657572)
"""Two numbers of 64 bits together never agree by chance."""
STIRS = np.uint32(0x45D9F3B)
TOGETHER = 2048
"""Rows that are worked on at a time: they stay near the processor."""


def row_hashes(cells: Sequence[Cells], rows: Array) -> Array | None:
    """A number for each row, the same for equal rows alone; None where columns are no single values."""
    if not cells or not all(isinstance(one, Texts) or _is_single(one) for one in cells):
        return None
    held = [one.values for one in cells if isinstance(one, Held)]
    together = side_by_side(held) if len(held) == len(cells) else None
    if together is not None and together.dtype == np.float32:
        return _of_neighbours(together, rows)
    import polars as pl

    columns: list[Any] = []
    for at, one in enumerate(cells):
        if isinstance(one, Texts):
            columns.append(one.at(rows).alias(str(at)))
        else:
            assert isinstance(one, Held)
            columns.append(pl.Series(str(at), np.ascontiguousarray(one.values[rows])))
    frame = pl.DataFrame(columns)
    first = frame.hash_rows(SEEDS[0]).to_numpy()
    if not repeats(first):
        return first
    second = frame.hash_rows(SEEDS[1]).to_numpy()
    return np.unique(np.stack([first, second], 1), axis=0, return_inverse=True)[1].reshape(-1)


def _of_neighbours(values: Array, rows: Array) -> Array:
    """Numbers of 64 bits for rows that lie together: the sum of their numbers' bits, stirred, each times a
    random odd number.
    """
    weights = np.random.default_rng(SEEDS).integers(0, 2**64, values.shape[1], np.uint64) | np.uint64(1)
    found = np.empty(len(rows), np.uint64)

    def span(first: int, last: int) -> None:
        for start in range(first, last, TOGETHER):
            end = min(start + TOGETHER, last)
            bits = (values[rows[start:end]] + np.float32(0)).view(np.uint32)  # -0 is 0
            bits ^= bits >> np.uint32(16)
            bits *= STIRS
            bits ^= bits >> np.uint32(15)
            np.matmul(bits.astype(np.uint64), weights, out=found[start:end])

    over_rows(len(rows), span)
    return found


def repeats(values: Array) -> bool:
    """Whether a value comes up twice."""
    ordered = np.sort(values)
    return bool((ordered[1:] == ordered[:-1]).any())


def _is_single(cells: Cells) -> bool:
    return isinstance(cells, Held) and cells.values.ndim == 1 and cells.values.dtype.kind in "biufM"
