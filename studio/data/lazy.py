"""A field whose values are made when asked for: cells and the steps that change them, as an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.data.cells import CHUNK, FEW, Cells, Decoded, Sound, Values, chunks
from studio.data.raw import Array, DataError
from studio.data.transforms.step import Chain, applied


@dataclass(frozen=True)
class Lazy:
    """Reads like an array of `shape` (samples first) and `dtype`; rows come by number, slice or array of
    numbers. Picklable, so that other processes can load samples.
    """

    name: str
    cells: Cells
    chain: Chain
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    rows: Array | None = None
    """The row of the cells that each sample is, where some are left out."""

    def __len__(self) -> int:
        """How many samples."""
        return self.shape[0]

    @property
    def ndim(self) -> int:
        """How many dimensions, the samples' own included."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """What all values would take in memory."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    @property
    def together(self) -> int:
        """Rows that are best read together, where the source reads many at once; else 1."""
        return int(getattr(self.cells, "together", 1))

    def __getitem__(self, at: int | slice | Array) -> Array:
        """The values of these samples."""
        if isinstance(at, int | np.integer):
            return self[np.array([at])][0]
        return self.take(np.arange(*at.indices(len(self))) if isinstance(at, slice) else self._numbers(at))

    def take(self, rows: Array) -> Array:
        """The values of samples by their numbers, none of which is counted from the end."""
        rows = self._source(rows)
        if isinstance(self.cells, Decoded):
            found = self._decoded(rows)
        else:
            found = uniform(self.name, applied(self.chain, self.cells.take(rows)))
        if found.shape[1:] != self.shape[1:]:
            raise _differs(self.name, found.shape[1:], self.shape[1:])
        return found.astype(self.dtype, copy=False)

    def _numbers(self, at: Array) -> Array:
        """Row numbers, those counted from the end and those chosen by truth values too."""
        at = np.asarray(at)
        if at.dtype == np.bool_ or (at.size and (at.min() < 0 or at.max() >= len(self))):
            return np.arange(len(self))[at]
        return at.astype(np.int64, copy=False)

    def whole(self) -> Array:
        """All values in memory."""
        found = np.empty(self.shape, self.dtype)
        for start in range(0, len(self), CHUNK):
            found[start : start + CHUNK] = self[start : start + CHUNK]
        return found

    def _decoded(self, rows: Array) -> Array:
        """A few files at a time: before their steps they may be far larger than after."""
        parts = (applied(self.chain, part) for part in chunks(self.cells, rows, FEW))
        values = [one for part in parts for one in part]
        return uniform(self.name, values) if values else np.empty((0, *self.shape[1:]), self.dtype)

    def _source(self, rows: Array) -> Array:
        return rows if self.rows is None else self.rows[rows]


def uniform(name: str, values: Values) -> Array:
    """Values as one array; raises DataError where they differ in size or are no numbers."""
    if isinstance(values, np.ndarray):
        return values
    arrays = [one.wave if isinstance(one, Sound) else np.asarray(one) for one in values]
    if any(one.dtype.kind not in "biuf" for one in arrays):
        raise DataError(
            f"{name}: its values are no numbers yet.",
            "Add a transform that makes numbers of them, such as Tokenize for text.",
            f"fields.{name}",
        )
    for one in arrays[1:]:
        if one.shape != arrays[0].shape:
            raise _differs(name, one.shape, arrays[0].shape)
    return np.stack(arrays)


def _differs(name: str, one: tuple[int, ...], other: tuple[int, ...]) -> DataError:
    sizes = [" × ".join(map(str, shape)) or "a single number" for shape in (other, one)]
    return DataError(
        f"{name}: samples differ in size, {sizes[0]} and {sizes[1]}.",
        "Add a transform that makes them equal: Resize for pictures, PadTokens for texts, "
        "PadSound for sounds.",
        f"fields.{name}",
    )
