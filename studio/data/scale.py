"""Normalisation: learned from the training part, applied to every part and to what is predicted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.data.raw import Array
from studio.data.threads import over_rows
from studio.project.fields import Field

NUMBERS = 1 << 17
"""Numbers that are looked at together: they stay near the processor."""
SMALLEST = 1e-30
"""A smaller spread counts as none: its inverse is beyond single precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """(value - offset) * factor; both have the shape of one sample, or one that broadcasts to it."""

    offset: Array
    factor: Array

    def apply(self, array: Array) -> Array:
        """The normalised samples as float32; double precision within where the samples come in it."""
        wide = np.float64 if array.dtype == np.float64 else np.float32
        result = array.astype(wide)
        result -= self.offset.astype(wide)
        result *= self.factor.astype(wide)
        return result.astype(np.float32, copy=False)


def fit(samples: Array, field: Field, how: str, rows: Array | None = None) -> Scale:
    """The scale that gives mean 0 and deviation 1 ("standard") or 0 to 1 ("range") over these samples, or
    those at `rows`.

    Pictures and other fields of three or more dimensions are scaled per channel (the first dimension), others
    per feature (the last). What does not vary is only shifted.
    """
    dims = samples.ndim - 1
    kept = 1 if dims >= 3 or field.picture else max(dims, 1)
    axes = tuple(axis for axis in range(samples.ndim) if axis != kept)
    found = _merged(_told(samples, axes, rows))
    if how == "range":
        offset, spread = found.low, found.high - found.low
    else:
        offset, spread = found.mean, np.sqrt(found.squares / found.count)
    varies = spread > np.maximum(1e-9 * np.abs(offset), SMALLEST)
    return Scale(offset, np.where(varies, 1.0 / np.where(varies, spread, 1.0), 1.0))


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of some numbers, each with the shape of one sample."""

    count: int
    mean: Array
    squares: Array
    low: Array
    high: Array


def _told(samples: Array, axes: tuple[int, ...], rows: Array | None) -> list[_Told]:
    """What is known of the samples, part by part, in double precision."""
    size = max(int(np.prod(samples.shape[1:], dtype=np.int64)), 1)
    together = max(NUMBERS // size, 1)

    def span(first: int, last: int) -> _Told:
        parts: list[_Told] = []
        for start in range(first, last, together):
            chosen = slice(start, min(start + together, last))
            part = np.asarray(samples[chosen if rows is None else rows[chosen]])
            low, high = (of(axis=axes, keepdims=True)[0].astype(np.float64) for of in (part.min, part.max))
            wide = part.astype(np.float64)
            mean = wide.mean(axis=axes, keepdims=True)
            wide -= mean
            np.square(wide, out=wide)
            squares = wide.sum(axis=axes, keepdims=True)[0]
            parts.append(_Told(part.size // max(mean.size, 1), mean[0], squares, low, high))
        return _merged(parts)

    return over_rows(len(samples) if rows is None else len(rows), span)


def _merged(parts: Sequence[_Told]) -> _Told:
    """What is known of all parts together (Chan, Golub, LeVeque 1979)."""
    found = parts[0]
    for one in parts[1:]:
        count, apart = found.count + one.count, one.mean - found.mean
        found = _Told(
            count,
            found.mean + apart * (one.count / count),
            found.squares + one.squares + np.square(apart) * (found.count * one.count / count),
            np.minimum(found.low, one.low),
            np.maximum(found.high, one.high),
        )
    return found
