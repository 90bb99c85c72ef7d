"""Normalisation: learned from the training part, applied to every part and to what is predicted later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.data.raw import Array
from studio.project.fields import Field

CHUNK = 4096
SMALLEST = 1e-30
"""A smaller spread counts as none: its inverse is beyond single precision."""


@dataclass(frozen=True, slots=True)
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


def fit(samples: Array, field: Field, how: str) -> Scale:
    """The scale that gives mean 0 and deviation 1 ("standard") or 0 to 1 ("range") over these samples.

    Pictures and other fields of three or more dimensions are scaled per channel (the first dimension), others
    per feature (the last). What does not vary is only shifted.
    """
    dims = samples.ndim - 1
    kept = 1 if dims >= 3 or field.picture else max(dims, 1)
    axes = tuple(axis for axis in range(samples.ndim) if axis != kept)
    if how == "range":
        offset = samples.min(axis=axes, keepdims=True)[0].astype(np.float64)
        spread = samples.max(axis=axes, keepdims=True)[0].astype(np.float64) - offset
    else:
        offset, spread = _moments(samples, axes)
    varies = spread > np.maximum(1e-9 * np.abs(offset), SMALLEST)
    return Scale(offset, np.where(varies, 1.0 / np.where(varies, spread, 1.0), 1.0))


def _moments(samples: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Mean and standard deviation in double precision, some samples at a time."""
    mean = samples.mean(axis=axes, dtype=np.float64, keepdims=True)
    squares = np.zeros_like(mean)
    for start in range(0, len(samples), CHUNK):
        squares += np.square(samples[start : start + CHUNK] - mean).sum(axis=axes, keepdims=True)
    count = samples.size // max(mean.size, 1)
    return mean[0], np.sqrt(squares / count)[0]
