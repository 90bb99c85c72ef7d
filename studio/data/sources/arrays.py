"""NumPy's own files: each array of an .npz, or the one of an .npy, is a field; nothing in them is run."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

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
    target_names,
)
from studio.project.fields import Field

TARGETS = frozenset({"y", "label", "labels", "target", "targets"})
MOST_CLASSES = 10_000


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """Read the arrays; x_train and x_test are one field, whose second piece is the test part."""
    path = located(params["path"], folder)
    stored = load_arrays(path)
    stored, test = _joined(path, stored)
    _check_lengths(path, stored)
    targets = _targets(path, stored, params["target"])
    arrays: dict[str, Array] = {}
    fields: dict[str, Field] = {}
    for name, array in stored.items():
        key = identifier(name, fields)
        arrays[key], fields[key] = _field(path, key, array, name in targets)
    return RawData(arrays, fields, test)


def load_arrays(path: Path) -> dict[str, Array]:
    """The arrays of an .npz or .npy file by name (`x` for the latter's); raises DataError, runs nothing."""
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an .npz or .npy file.")
    try:
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


def _unreadable(path: Path, error: Exception) -> DataError:
    if "allow_pickle" in str(error) or "pickle" in str(error).lower():
        return DataError(
            f"{path.name} holds Python objects, never loaded as they could run programs, or no arrays.",
            "Save plain arrays of numbers: numpy.savez('data.npz', x=x, y=y).",
        )
    return DataError(
        f"{path.name} cannot be read as NumPy arrays ({error}).",
        "Save it again with numpy.savez or numpy.save.",
    )


def _joined(path: Path, stored: dict[str, Array]) -> tuple[dict[str, Array], Array | None]:
    """x_train and x_test (or train_x and test_x) as x, and the rows of the test."""
    stems = {name: stem for name in stored if (stem := _stem(name)) is not None}
    pairs: dict[str, dict[str, str]] = {}
    for name, (stem, part) in stems.items():
        pairs.setdefault(stem, {})[part] = name
    if not pairs or len(stems) != len(stored) or any(len(pair) != 2 for pair in pairs.values()):
        return stored, None
    for part in ("train", "test"):
        _check_lengths(path, {pair[part]: stored[pair[part]] for pair in pairs.values()})
    joined: dict[str, Array] = {}
    for stem, pair in pairs.items():
        train, test = stored[pair["train"]], stored[pair["test"]]
        if train.shape[1:] != test.shape[1:]:
            raise DataError(
                f"{path.name}: {pair['train']} and {pair['test']} differ: {train.shape} and {test.shape}.",
                "Only the first dimension, the samples, may differ.",
            )
        joined[stem] = np.concatenate([train, test])
    first = len(stored[next(iter(pairs.values()))["train"]])
    return joined, np.arange(first, len(next(iter(joined.values()))))


def _stem(name: str) -> tuple[str, str] | None:
    for part in ("train", "test"):
        for stem in (name.removesuffix(f"_{part}"), name.removeprefix(f"{part}_")):
            if stem and stem != name:
                return stem, part
    return None


def _check_lengths(path: Path, stored: Mapping[str, Array]) -> None:
    for name, array in stored.items():
        if array.ndim == 0:
            raise DataError(
                f"{path.name}: {name} is a single value, not an array of samples.", "Leave it out."
            )
    lengths = {name: len(array) for name, array in stored.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(
            f"{path.name}: the arrays differ in length: {told}.",
            "The first dimension is the sample; it has to be equal in all of them.",
        )
    if not all(lengths.values()):
        raise DataError(f"{path.name} holds no samples: its arrays are empty.", "Choose another file.")
    for name, array in stored.items():
        if not array.size:
            shape = "×".join(map(str, array.shape))
            raise DataError(
                f"{path.name}: {name} has the shape {shape}: its samples are empty.", "Leave it out."
            )


def _targets(path: Path, stored: Mapping[str, Array], setting: str) -> frozenset[str]:
    named = target_names(setting)
    for name in named:
        if name not in stored:
            raise DataError(f"{path.name} holds no array {name}.", f"It holds {', '.join(stored)}.", "target")
    return frozenset(named) or frozenset(name for name in stored if name.lower() in TARGETS)


def _field(path: Path, name: str, array: Array, target: bool) -> tuple[Array, Field]:
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
    if kind == "f":
        _check_finite(path, name, array)
    _check_size(path, name, array)
    return _target(path, name, array) if target else _input(name, array)


def _check_finite(path: Path, name: str, array: Array) -> None:
    wrong = ~np.isfinite(array)
    if wrong.any():
        where = np.argwhere(wrong)[0]
        raise DataError(
            f"{path.name}: {name}, row {int(where[0])} holds {array[tuple(where)]} "
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
    """Bytes of three dimensions or more are pictures, made channels first; numbers alone get a dimension.

    Truth values stay what they are: masks and conditions.
    """
    if array.dtype.kind == "b":
        return array, replace(number_field(name, array.astype(np.float32)), dtype="bool")
    if array.dtype == np.uint8 and array.ndim in (3, 4):
        if array.ndim == 4 and array.shape[-1] in (1, 3, 4) and array.shape[1] not in (1, 3, 4):
            array = np.ascontiguousarray(array.transpose(0, 3, 1, 2))
        array = array[:, None] if array.ndim == 3 else array
        return array, number_field(name, array, picture=array.shape[1] in (1, 3))
    if array.dtype.kind == "f" and array.ndim == 1:
        array = array[:, None]
    picture = array.dtype.kind == "f" and array.ndim == 4 and array.shape[1] in (1, 3)
    return array, number_field(name, array, picture=picture)
