"""Equal rows of a table found at once: a number for each row, made of the values of all its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from studio.data.cells import Cells, Held
from studio.data.raw import Array
from studio.data.series import Texts

SEEDS = (0x6C6F6F6D, 0x6E657572)
"""Two numbers of 64 bits together never agree by chance."""


def row_hashes(cells: Sequence[Cells], rows: Array) -> Array | None:
    """A number for each row, the same for equal rows alone; None where columns are no single values."""
    if not cells or not all(isinstance(one, Texts) or _is_single(one) for one in cells):
        return None
    import polars as pl

    columns: list[Any] = []
    for at, one in enumerate(cells):
        if isinstance(one, Texts):
            columns.append(one.at(rows).alias(str(at)))
        else:
            columns.append(pl.Series(str(at), np.asarray(one.take(rows))))
    frame = pl.DataFrame(columns)
    first = frame.hash_rows(SEEDS[0]).to_numpy()
    if not repeats(first):
        return first
    second = frame.hash_rows(SEEDS[1]).to_numpy()
    return np.unique(np.stack([first, second], 1), axis=0, return_inverse=True)[1].reshape(-1)


def repeats(values: Array) -> bool:
    """Whether a value comes up twice."""
    ordered = np.sort(values)
    return bool((ordered[1:] == ordered[:-1]).any())


def _is_single(cells: Cells) -> bool:
    return isinstance(cells, Held) and cells.values.ndim == 1 and cells.values.dtype.kind in "biufM"
