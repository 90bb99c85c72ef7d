"""Arrays in files that are mapped into memory: where they lie, so that another process maps them itself."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from studio.data.raw import Array

Place = tuple[str, int, tuple[int, ...], tuple[int, ...], str]
"""File, offset of the first value, shape, strides, type."""


def place_of(values: Array) -> Place | None:
    """Where a mapped array, or a view of one, lies; None for one in memory."""
    root: Any = values
    while isinstance(root, np.ndarray) and not isinstance(root.base, mmap.mmap):
        root = root.base
    if not isinstance(root, np.memmap) or root.filename is None:
        return None
    begin = values.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return str(root.filename), root.offset + begin, values.shape, values.strides, values.dtype.str


def mapped(place: Place) -> Array:
    """The array at a place, mapped anew, read only."""
    path, offset, shape, strides, dtype = place
    kind = np.dtype(dtype)
    if 0 in shape:
        return np.empty(shape, kind)
    first = offset + sum(min(0, (size - 1) * step) for size, step in zip(shape, strides, strict=True))
    past = offset + sum(max(0, (size - 1) * step) for size, step in zip(shape, strides, strict=True))
    content = np.memmap(path, np.uint8, "r", offset=first, shape=(past + kind.itemsize - first,))
    return np.ndarray(shape, kind, buffer=content, offset=offset - first, strides=strides)
