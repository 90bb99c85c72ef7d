"""A column of Parquet files that is larger than memory: some rows at a time are read, and few are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.table import Places
from studio.data.unfit import refuse_unfit

if TYPE_CHECKING:
    import polars as pl

BLOCK, LEAST_BLOCK = 1 << 18, 1 << 12
"""The most and the least rows of a column that are read together."""
BLOCK_BYTES = 2**25
"""That such rows of all columns may take."""
KEPT = 64
"""Blocks that stay in memory, of all columns together."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file, when it was last changed, and how many rows it has."""

    path: str
    changed: int
    rows: int


@dataclass(frozen=True)
class RowGroups:
    """A column's values in several files, one after the other; `form` is number, text or time. So many rows
    are read `together`; `places` tell where they stand.
    """

    files: tuple[Stored, ...]
    column: str
    form: str
    together: int = BLOCK
    places: Places | None = field(default=None, compare=False)

    on_demand = True

    def __len__(self) -> int:
        """How many samples."""
        return sum(one.rows for one in self.files)

    def take(self, rows: Array) -> Values:
        """The values at these rows. Raises DataError where a file cannot be read any more."""
        rows = np.asarray(rows, np.int64)
        begins = np.cumsum([0, *(one.rows for one in self.files)])
        of = np.searchsorted(begins, rows, side="right") - 1
        within = rows - begins[of]
        blocks = within // self.together
        found: Any = [None] * len(rows) if self.form == "text" else None
        numbers = of * (int(blocks.max(initial=0)) + 1) + blocks
        for number in np.unique(numbers).tolist():
            places = np.flatnonzero(numbers == number)
            file, block = int(of[places[0]]), int(blocks[places[0]])
            values = _block(self.files[file], self.column, self.form, block * self.together, self.together)
            chosen = within[places] - block * self.together
            if self.form == "text":
                for place, value in zip(places, values.gather(chosen).to_list(), strict=True):
                    found[place] = value
                continue
            found = np.empty(len(rows), values.dtype) if found is None else found
            found[places] = values[chosen]
        return np.zeros(0) if found is None else found

    def identity(self) -> str:
        """What the values depend on."""
        return sha256(repr((self.files, self.column, self.form)).encode()).hexdigest()


def read_beside(columns: Sequence[RowGroups], first: int, last: int, dtype: Any = np.float64) -> Array:  # noqa: ANN401
    """Columns of numbers of the same files, rows `first` up to `last`, side by side: read at once."""
    import polars as pl

    kind = pl.Float32 if dtype == np.float32 else pl.Float64
    names, parts, begin = [one.column for one in columns], list[Any](), 0
    for file in columns[0].files:
        start, end = max(first - begin, 0), min(last - begin, file.rows)
        if start < end:
            scan = pl.scan_parquet(file.path, hive_partitioning=False, cache=False).select(names)
            parts.append(_collected(file, scan.slice(start, end - start)).cast(kind).to_numpy(order="c"))
        begin += file.rows
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def fill_beside(columns: Sequence[RowGroups], first: int, last: int, into: Array) -> None:
    """The same as single precision, into an array. Raises DataError for numbers that cannot be trained on."""
    into[:] = read_beside(columns, first, last, np.float32)
    refuse_unfit(into, [one.column for one in columns], np.arange(first, last), columns[0].places)


def _collected(file: Stored, scan: pl.LazyFrame) -> pl.DataFrame:
    import polars as pl

    try:
        return scan.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        told = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{file.path} cannot be read any more ({told}).", "Bring the file back as it was."
        ) from None


def block_rows(columns: int) -> int:
    """How many rows of so many columns are read together."""
    rows = BLOCK
    while rows > LEAST_BLOCK and rows * columns * 8 > BLOCK_BYTES:
        rows //= 2
    return rows


@lru_cache(maxsize=KEPT)
def _block(file: Stored, column: str, form: str, first: int, count: int) -> Any:  # noqa: ANN401
    """Numbers or times as an array, texts as a polars column."""
    import polars as pl

    scan = pl.scan_parquet(file.path, hive_partitioning=False, cache=False).select(column)
    series = _collected(file, scan.slice(first, count))[column]
    if form == "number":
        return series.cast(pl.Float64).to_numpy()
    return series.cast(pl.Datetime("us")).to_numpy() if form == "time" else series.cast(pl.String)
