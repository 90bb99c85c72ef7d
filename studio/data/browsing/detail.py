"""All that is known of one sample: its values before and after the steps, its file, what it looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.browsing.opened import Opened
from studio.data.browsing.pages import Row, page
from studio.data.browsing.seen import Seen
from studio.data.raw import Array, DataError

LARGE = 640
FEW = 6
"""Numbers of a larger value that are shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """A column of one sample: what the source says, and what the network gets (before normalisation)."""

    name: str
    kind: str
    role: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One sample; `path` is the file that it comes from, where it has one of its own."""

    row: Row
    values: tuple[Value, ...]
    path: Path | None


def detail(opened: Opened, row: int) -> Detail:
    """Read one sample whole."""
    rows = np.array([row])
    shown = page(opened, rows, LARGE)[0]
    values = tuple(
        Value(name, one.kind, one.role, _before(one, rows), _after(opened, one, row))
        for name, one in opened.columns.items()
    )
    return Detail(shown, values, path_of(opened, row))


def path_of(opened: Opened, row: int) -> Path | None:
    """The file of a sample, where it has one of its own."""
    for one in opened.columns.values():
        paths: Sequence[Path] | None = getattr(one.cells, "paths", None)
        if paths is not None:
            return Path(paths[row])
    return None


def _before(one: Seen, rows: Array) -> str:
    try:
        if one.kind in ("image", "mask", "audio"):
            return _shape(one.cells.take(rows)[0])
        return one.texts(rows)[0] or "missing"
    except DataError as error:
        return error.message


def _after(opened: Opened, one: Seen, row: int) -> str:
    """What a column's steps make of it; "" where the sample is in no part, or the value stays as it is."""
    ready, planned = opened.ready, opened.planned.get(one.of)
    if ready is None or planned is None or one.of not in ready.named:
        return ""
    place = np.flatnonzero(ready.source_rows == row)
    if not len(place):
        return ""
    try:
        return _shape(np.asarray(ready.raw.arrays[ready.named[one.of]][place][0])) if one.whole else ""
    except DataError as error:
        return error.message


def _shape(value: Any) -> str:  # noqa: ANN401
    """A value in few words: a number, some numbers, or its shape, type and range."""
    if hasattr(value, "rate"):
        seconds = np.asarray(value.wave).shape[-1] / value.rate
        return f"{seconds:.2f} s at {value.rate:,} Hz"
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{array.item():.6g}" if array.dtype.kind in "fiu" else str(array.item())
    if array.size <= FEW:
        return ", ".join(f"{one:.4g}" for one in array.ravel().tolist())
    shape = "×".join(map(str, array.shape))
    return f"{shape} {array.dtype}, {array.min():.4g} to {array.max():.4g}"
