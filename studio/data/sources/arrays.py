"""NumPy's own files: each array of an .npz, or the one of an .npy, is a field; nothing in them is run."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.findings import spread
from studio.data.raw import (
    LARGEST_NUMBER,
    Array,
    DataError,
    RawData,
    class_field,
    identifier,
    located,
    number_field,
    present,
)
from studio.data.sources.array_parts import pieces, targets_of, test_rows
from studio.project.fields import Field

MOST_CLASSES = 10_000
SMALL = 2**20
"""Bytes of an .npy file that is read at once rather than mapped."""
LOOKED_AT = 2**29
"""Bytes of an array whose values are all looked at; of a larger one, some samples are."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """Read the arrays; x_train and x_test are one field, whose second piece is the test part."""
    path = located(params["path"], folder)
    return raw_of(path, load_arrays(path), params["target"])


def raw_of(path: Path, stored: Mapping[str, Array], target: str) -> RawData:
    """Arrays of a file as fields; `target` names those to predict. Raises DataError."""
    parts = pieces(path, stored)
    targets = targets_of(path, parts, target)
    arrays: dict[str, Array] = {}
    fields: dict[str, Field] = {}
    for name, names in parts.items():
        array = stored[names[0]] if len(names) == 1 else np.concatenate([stored[one] for one in names])
        key = identifier(name, fields)
        arrays[key], fields[key] = field_of(path, key, array, name in targets)
    return RawData(arrays, fields, test_rows(stored, parts))


def load_arrays(path: Path) -> dict[str, Array]:
    """The arrays of an .npz or .npy file by name (`x` for the latter's); raises DataError, runs nothing.

    An .npy file is mapped into memory, not read.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an .npz or .npy file.")
    try:
        if path.stat().st_size > SMALL and _is_npy(path):
            return {"x": np.lib.format.open_memmap(path, mode="r")}
        with path.open("rb") as file:  # numpy itself leaves a damaged one open
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"x": loaded}
            found = {name: loaded[name] for name in loaded.files}
    except (MemoryError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error, SyntaxError) as error:
        raise _unreadable(path, error) from None
    if not found:
        raise DataError(f"{path.name} holds no arrays.", "Choose another file.")
    return found


def _is_npy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX


def _unreadable(path: Path, error: Exception) -> DataError:
    if "pickle" in str(error).lower() or "Python objects" in str(error):
        return DataError(
            f"{path.name} holds Python objects, never loaded as they could run programs, or no arrays.",
            "Save plain arrays of numbers: numpy.savez('data.npz', x=x, y=y).",
        )
    return DataError(
        f"{path.name} cannot be read as NumPy arrays ({error}).",
        "Save it again with numpy.savez or numpy.save.",
    )


def field_of(path: Path, name: str, array: Array, target: bool) -> tuple[Array, Field]:
    """An array as a field, its dimensions arranged; of many bytes not all values are looked at.

    Raises DataError that names file and array.
    """
    kind = array.dtype.kind
    role = "target" if target else "input"
    if kind in "US" and array.ndim == 1:
        classes, indices = np.unique(array.astype(str), return_inverse=True)
        return indices.astype(np.int64), class_field(name, map(str, classes), role)
    if kind not in "buif":
        raise DataError(
            f"{path.name}: {name} is of type {array.dtype}, expected numbers.",
            "Save plain arrays of numbers, or texts of one dimension as labels.",
        )
    some, rows = looked_at(array)
    if kind == "f":
        check_finite(path, name, some, rows)
    _check_size(path, name, some)
    if target:
        return _target(path, name, array)
    arranged, field = _input(name, some if kind == "f" else array)
    return (arranged if len(arranged) == len(array) else as_input(array)), field


def looked_at(array: Array) -> tuple[Array, Array]:
    """The samples whose values are looked at, and their rows: all, or of a large array some of all parts."""
    share = LOOKED_AT / max(array.nbytes, 1)
    rows = spread(len(array), max(1, int(len(array) * min(1.0, share))))
    return (array if len(rows) == len(array) else array[rows]), rows


def check_finite(path: Path, name: str, array: Array, rows: Array) -> None:
    """Refuse values that are no numbers; `rows` are the samples' own numbers. Raises DataError."""
    wrong = ~np.isfinite(array)
    if wrong.any():
        where = np.argwhere(wrong)[0]
        raise DataError(
            f"{path.name}: {name}, row {int(rows[where[0]])} holds {array[tuple(where)]} "
            f"(values that are no numbers: {int(wrong.sum())}).",
            "Fill them in or leave these samples out.",
        )


def _check_size(path: Path, name: str, array: Array) -> None:
    """Numbers that training could not hold: single precision for fractions, 64 bits for whole numbers."""
    kind = array.dtype.kind
    if array.dtype.itemsize < 8 or kind not in "fu" or not array.size:
        return
    most = LARGEST_NUMBER if kind == "f" else np.iinfo(np.int64).max
    worst = max(array.max(), array.min(), key=abs)
    if abs(worst) > most:
        raise DataError(
            f"{path.name}: {name} holds {worst:.6g}, which is too large; numbers go up to {most:.2g}.",
            "Correct the value, or give the array in another unit.",
        )


def _target(path: Path, name: str, array: Array) -> tuple[Array, Field]:
    flat = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.dtype.kind == "b" and flat.ndim == 1:
        return flat.astype(np.int64), class_field(name, ("False", "True"))
    if array.dtype.kind == "f" or flat.ndim > 1:
        shaped = array[:, None] if array.ndim == 1 else array
        return shaped, number_field(name, shaped, "target")
    low, high = int(flat.min()), int(flat.max())
    if low < 0 or high >= MOST_CLASSES:
        raise DataError(
            f"{path.name}: {name} holds whole numbers from {low} to {high}; classes have to be 0, 1, 2, …",
            "Number the classes from 0, or save the array as float to predict numbers.",
        )
    return flat.astype(np.int64), class_field(name, map(str, range(high + 1)))


def _input(name: str, array: Array) -> tuple[Array, Field]:
    """The field of an input. Truth values stay what they are: masks and conditions."""
    if array.dtype.kind == "b":
        return array, replace(number_field(name, looked_at(array)[0].astype(np.float32)), dtype="bool")
    found = as_input(array)
    shows = array.dtype == np.uint8 or array.dtype.kind == "f"
    return found, number_field(name, found, picture=shows and found.ndim == 4 and found.shape[1] in (1, 3))


def as_input(array: Array) -> Array:
    """Values as a network takes them: bytes of three dimensions or more are pictures, whose channels come
    first; numbers alone get a dimension. What is mapped is not copied.
    """
    if array.dtype == np.uint8 and array.ndim in (3, 4):
        if array.ndim == 4 and array.shape[-1] in (1, 3, 4) and array.shape[1] not in (1, 3, 4):
            moved = array.transpose(0, 3, 1, 2)
            return moved if isinstance(array, np.memmap) else np.ascontiguousarray(moved)
        return array[:, None] if array.ndim == 3 else array
    return array[:, None] if array.dtype.kind == "f" and array.ndim == 1 else array
