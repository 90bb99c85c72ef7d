"""The headers of many pictures: their sizes, how they are best decoded, and which cannot be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.decoding.headers import read_header
from studio.data.decoding.pictures import colour_picture, grey_picture, picture
from studio.data.files import texts_of
from studio.data.raw import Array, DataError

THREADS = 8
AT_ONCE = 256
WAITING = 3
"""So many times as long as the processor works on them: files that come no sooner are waited for."""


@dataclass(frozen=True, slots=True)
class Scan:
    """`sizes` are height and width of each picture, (n, 2), 0 where it is broken; `broken` says why by number
    of the picture.
    """

    sizes: Array
    looks: frozenset[str]
    broken: Mapping[int, str]

    @property
    def whole(self) -> Array:
        """The numbers of the pictures that can be read."""
        return np.flatnonzero(self.sizes[:, 0] > 0)

    def decoder(self, colours: str = "auto") -> Callable[[Path], Array]:
        """What makes all pictures alike in channels and bits; `colours` is auto, grey or colour."""
        if colours == "colour" or (colours == "auto" and "colour" in self.looks):
            return colour_picture
        return grey_picture if colours == "grey" or len(self.looks) > 1 else picture


def scan(paths: Sequence[Path]) -> Scan:
    """Read the headers of pictures."""
    files = texts_of(paths)
    parts = [range(start, min(start + AT_ONCE, len(paths))) for start in range(0, len(paths), AT_ONCE)]
    sizes = np.zeros((len(paths), 2), np.int32)
    looks: set[str] = set()
    broken: dict[int, str] = {}

    def read(part: range) -> None:
        for at in part:
            try:
                width, height, look = read_header(files[at])
            except DataError as error:
                broken[at] = error.message
            else:
                sizes[at] = height, width
                looks.add(look)

    _each(parts, read)
    return Scan(sizes, frozenset(looks), dict(sorted(broken.items())))


def _each(parts: Sequence[range], read: Callable[[range], None]) -> None:
    """Read all parts; several at once from where files come from a slow disk. Else threads only hinder."""
    for at, part in enumerate(parts):
        wall, own = time.perf_counter(), time.thread_time()
        read(part)
        if time.perf_counter() - wall > WAITING * (time.thread_time() - own):
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(read, parts[at + 1 :]))
            return


def told_sizes(sizes: Array) -> str:
    """Sizes in a few words: "pictures of 312 sizes, 64×64 to 640×480"."""
    different = np.unique(sizes, axis=0)
    if not len(different):
        return "no pictures"
    area = different[:, 0].astype(np.int64) * different[:, 1]
    least, most = (f"{width}×{height}" for height, width in different[[area.argmin(), area.argmax()]])
    return (
        f"pictures of {len(different)} sizes, {least} to {most}" if least != most else f"pictures of {least}"
    )


def common_size(sizes: Array, most: int = 224) -> tuple[int, int] | None:
    """Width and height that pictures of different sizes are best brought to; None where all are alike.

    The size of more than half of them; else the median, and no more than `most`.
    """
    different, counts = np.unique(sizes, axis=0, return_counts=True)
    if len(different) < 2:
        return None
    if counts.max() * 2 > len(sizes):
        height, width = different[counts.argmax()]
        return int(width), int(height)
    height, width = (float(one) for one in np.median(sizes, axis=0))
    shrink = min(1.0, most / max(height, width))
    return max(1, round(width * shrink)), max(1, round(height * shrink))
