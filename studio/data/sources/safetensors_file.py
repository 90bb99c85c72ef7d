"""Safetensors files: each tensor is a field, mapped into memory; nothing in them can be run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import Array, DataError, RawData, located, present
from studio.data.sources.arrays import raw_of

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """Map the tensors; x_train and x_test are one field, whose second piece is the test part."""
    path = located(params["path"], folder)
    return raw_of(path, _mapped(path), params["target"])


def _mapped(path: Path) -> dict[str, Array]:
    """The tensors by name. The library checks the file, whose tensors are then mapped by their places."""
    from safetensors import SafetensorError, safe_open

    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose a .safetensors file.")
    try:
        with safe_open(path, framework="numpy"):
            pass
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header: dict[str, Any] = json.loads(file.read(length))
    except (SafetensorError, OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read as safetensors ({error}).", "Save it again.") from None
    header.pop("__metadata__", None)
    if not header:
        raise DataError(f"{path.name} holds no tensors.", "Choose another file.")
    return {name: _tensor(path, name, about, 8 + length) for name, about in sorted(header.items())}


def _tensor(path: Path, name: str, about: Mapping[str, Any], begin: int) -> Array:
    dtype = DTYPES.get(about["dtype"])
    if dtype is None:
        raise DataError(
            f"{path.name}: {name} is of type {about['dtype']}, which no array of numbers here has.",
            "Save it as float32 or float16.",
        )
    shape = tuple(about["shape"])
    if 0 in shape:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", begin + about["data_offsets"][0], shape)
