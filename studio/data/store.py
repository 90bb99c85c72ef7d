"""Decoded samples kept on disk, so that no file is decoded twice: an array in a file, and which rows it has.

A store lies in a folder named by what its samples are made from (files with their sizes and times, steps and
what those learned), so that it is never out of date. Several processes may fill one at once: a row is written
before it is marked. Pages may reach the disk in any order; a store whose writers did not end cleanly is begun
anew after a restart of the machine.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import Array

WRITTEN = 1 << 13
"""Bytes of a row from which it is written."""
LARGEST_SHARE = 0.5
"""Of the free disk that a new store may take."""
MOST_BYTES = 40 * 2**30
"""All stores together; those not used for longest go first."""
VALUES, MARKS, ABOUT = "values.bin", "marks.bin", "about.json"


@dataclass(frozen=True)
class Store:
    """The rows of one field: memory-mapped values, and a mark for each row that is there."""

    values: Array
    marks: Array

    def lacking(self, rows: Array) -> Array:
        """Which of these rows are not there yet."""
        return rows[self.marks[rows] == 0]

    def put(self, rows: Array, values: Array) -> None:
        """Add rows. Large ones are written, not mapped: nobody waits for the page that each begins in."""
        if self.values[:1].nbytes < WRITTEN or not isinstance(self.values, np.memmap):
            self.values[rows] = values
        else:
            self._write(rows, values)
        self.marks[rows] = 1

    def _write(self, rows: Array, values: Array) -> None:
        assert isinstance(self.values, np.memmap)
        assert self.values.filename is not None
        size = self.values[:1].nbytes
        with open(self.values.filename, "r+b", buffering=0) as file:
            for row, value in zip(rows.tolist(), values, strict=True):
                file.seek(row * size)
                file.write(np.ascontiguousarray(value, self.values.dtype).data)

    @property
    def complete(self) -> bool:
        """Whether every row is there."""
        return bool(self.marks.all())


def digest(*parts: object) -> str:
    """A name made of what decides about the content."""
    return sha256(repr(parts).encode()).hexdigest()[:32]


def open_store(folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Store | None:
    """The store of that name, made where there is none; None where the disk has no room for it."""
    place = folder / name
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    try:
        if not _usable(place, shape, dtype):
            if not _room(folder, size):
                return None
            _make(place, shape, dtype, size)
        _describe(place, shape, dtype, clean=False)
    except OSError:
        return None
    values = np.memmap(place / VALUES, dtype, "r+", shape=shape)
    return Store(values, np.memmap(place / MARKS, np.uint8, "r+", shape=(shape[0],)))


def attach(folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Store:
    """A store that another process has opened."""
    place = folder / name
    values = np.memmap(place / VALUES, dtype, "r+", shape=shape)
    return Store(values, np.memmap(place / MARKS, np.uint8, "r+", shape=(shape[0],)))


def close_store(folder: Path, name: str, store: Store) -> None:
    """Bring a store to the disk; it is whole from then on."""
    for mapped in (store.values, store.marks):
        if isinstance(mapped, np.memmap):
            mapped.flush()
    with contextlib.suppress(OSError):
        _describe(folder / name, store.values.shape, store.values.dtype, clean=True)


def _usable(place: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    try:
        about = json.loads((place / ABOUT).read_bytes())
        size = (place / VALUES).stat().st_size
        marks = (place / MARKS).stat().st_size
    except (OSError, ValueError):
        return False
    if about.get("shape") != list(shape) or about.get("dtype") != dtype.str or marks != shape[0]:
        return False
    whole = size == int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return whole and (about.get("clean") is True or about.get("started") == _started())


def _room(folder: Path, size: int) -> bool:
    """Make room by deleting the stores not used for longest; says whether there is enough."""
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted((one for one in folder.iterdir() if one.is_dir()), key=_used)
    taken = {one: sum(file.stat().st_size for file in one.iterdir()) for one in others}
    while others and sum(taken[one] for one in others) + size > MOST_BYTES:
        shutil.rmtree(others.pop(0), ignore_errors=True)
    return size <= MOST_BYTES and size <= LARGEST_SHARE * shutil.disk_usage(folder).free


def _used(place: Path) -> float:
    try:
        return (place / ABOUT).stat().st_mtime
    except OSError:
        return 0.0


def _make(place: Path, shape: tuple[int, ...], dtype: np.dtype[Any], size: int) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, length in ((VALUES, size), (MARKS, shape[0])):
        with (place / name).open("wb") as file:
            file.truncate(length)
    _describe(place, shape, dtype, clean=False)


def _describe(place: Path, shape: tuple[int, ...], dtype: np.dtype[Any], *, clean: bool) -> None:
    about = {
        "shape": list(shape),
        "dtype": dtype.str,
        "clean": clean,
        "started": _started(),
        "used": time.time(),
    }
    (place / ABOUT).write_text(json.dumps(about))


def _started() -> str:
    """What tells one start of the machine from another; "" where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(time.time())
