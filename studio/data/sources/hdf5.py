"""HDF5 files: each array is a column; large ones are read by rows when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.cells import Listed, Values
from studio.data.findings import spread
from studio.data.raw import Array, DataError, identifier, located, present, target_names
from studio.data.sources.array_parts import pieces, targets_of, test_rows
from studio.data.sources.arrays import as_input, check_finite, field_of
from studio.data.table import Held, SourceColumn, Table, kind_of

if TYPE_CHECKING:
    import h5py

IN_MEMORY = 2**28
"""Bytes of an array that is read at once."""
LOOKED_AT = 2**24
"""Bytes of a larger one that are looked at to see what it holds."""
AT_ONCE = 2**26
"""Bytes that bounds of whole numbers are taken from at once."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """Samples of arrays in a file, one after the other, read when asked for; each process opens the file.

    `stamp` is the file's time: another one means another file.
    """

    path: Path
    stamp: int
    names: tuple[str, ...]
    counts: tuple[int, ...]
    target: bool = False

    def __len__(self) -> int:
        """How many samples."""
        return sum(self.counts)

    def take(self, rows: Array) -> Values:
        """These samples, arranged as a network takes them. Raises DataError."""
        values = self._read(rows, ())
        if values.dtype.kind == "f":
            check_finite(self.path, " and ".join(self.names), values, rows)
        return values if self.target else as_input(values)

    def thin(self, rows: Array) -> Array:
        """A part of each sample that tells most of them apart: what lies in its middle."""
        shape = _dataset(_opened(self.path, self.stamp), self.names[0]).shape
        return self._read(rows, tuple(size // 2 for size in shape[1:-1]))

    def _read(self, rows: Array, within: tuple[int, ...]) -> Array:
        rows = np.asarray(rows, np.int64)
        file = _opened(self.path, self.stamp)
        first = 0
        found: Array | None = None
        for name, count in zip(self.names, self.counts, strict=True):
            here = np.flatnonzero((rows >= first) & (rows < first + count))
            if len(here) or found is None:
                values = _rows(self.path, _dataset(file, name), rows[here] - first, within)
                if found is None:
                    found = np.empty((len(rows), *values.shape[1:]), values.dtype)
                found[here] = values
            first += count
        assert found is not None
        return found


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """All arrays of numbers and texts, or those that are named; x_train and x_test are one column."""
    path = located(params["path"], folder)
    stamp = path.stat().st_mtime_ns
    stored = _chosen(path, _listed(path, _opened(path, stamp)), params["arrays"])
    parts = pieces(path, stored)
    targets = targets_of(path, parts, params["target"])
    columns: dict[str, SourceColumn] = {}
    for name, names in parts.items():
        key = identifier(name, columns)
        datasets = [stored[one] for one in names]
        columns[key] = _column(path, stamp, key, datasets, name in targets)
    return Table(columns, test=test_rows(stored, parts))


def _column(path: Path, stamp: int, key: str, datasets: list[h5py.Dataset], target: bool) -> SourceColumn:
    role = "target" if target else "input"
    if datasets[0].dtype.kind in "SO":
        texts = [text for one in datasets for text in _texts(path, one)]
        return SourceColumn(Listed(texts), "", role if target else "")
    if sum(one.nbytes for one in datasets) <= IN_MEMORY or (target and datasets[0].ndim < 2):
        array, field = field_of(path, key, np.concatenate([one[()] for one in datasets]), target)
        return SourceColumn(Held(array), kind_of(field), role, field)
    names = tuple(str(one.name).lstrip("/") for one in datasets)
    cells = FileRows(path, stamp, names, tuple(len(one) for one in datasets), target)
    most = max(1, LOOKED_AT // max(1, datasets[0].nbytes // len(datasets[0])))
    some = np.asarray(cells.take(spread(len(cells), most)))
    _, field = field_of(path, key, some, target)
    if field.dtype == "int64":
        bounds = [_bounds(one) for one in datasets]
        field = replace(field, low=min(low for low, _ in bounds), high=max(high for _, high in bounds))
    return SourceColumn(cells, kind_of(field), role, field)


def _bounds(dataset: h5py.Dataset) -> tuple[float, float]:
    """The least and the greatest number, a part of the file at a time."""
    step = max(1, AT_ONCE // max(1, dataset.nbytes // len(dataset)))
    parts = [dataset[start : start + step] for start in range(0, len(dataset), step)]
    return float(min(part.min() for part in parts)), float(max(part.max() for part in parts))


def _texts(path: Path, dataset: h5py.Dataset) -> list[str | None]:
    import h5py

    if dataset.ndim != 1 or h5py.check_string_dtype(dataset.dtype) is None:
        raise DataError(
            f"{path.name}: {dataset.name} holds objects, expected numbers, or one text for each sample.",
            "Name the arrays to take, without this one.",
            "arrays",
        )
    try:
        return [str(text) for text in dataset.asstr()[()]]
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: {dataset.name} holds texts that are no UTF-8 ({error}).") from None


@lru_cache(maxsize=4)
def _opened(path: Path, stamp: int) -> h5py.File:
    """The file, open for reading. Raises DataError."""
    import h5py

    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an HDF5 file.")
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read as HDF5 ({str(error)[:200]}).",
            "Choose a whole .h5 file; one that another program writes has to be closed there.",
        ) from None


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    import h5py

    found = file[name]
    assert isinstance(found, h5py.Dataset)
    return found


def _listed(path: Path, file: h5py.File) -> dict[str, h5py.Dataset]:
    """All arrays by their path in the file; single values are no data."""
    import h5py

    found: dict[str, h5py.Dataset] = {}

    def note(name: str, one: Any) -> None:  # noqa: ANN401
        if isinstance(one, h5py.Dataset) and one.shape:
            found[name] = one

    file.visititems(note)
    if not found:
        raise DataError(f"{path.name} holds no arrays.", "Choose another file.")
    return found


def _chosen(path: Path, listed: dict[str, h5py.Dataset], setting: str) -> dict[str, h5py.Dataset]:
    names = target_names(setting)
    for name in names:
        if name not in listed:
            known = ", ".join(list(listed)[:20])
            raise DataError(f"{path.name} holds no array {name}.", f"It holds {known}.", "arrays")
    chosen = {name: listed[name] for name in names or listed}
    for name, one in chosen.items():
        if one.dtype.kind not in "buifSO":
            raise DataError(
                f"{path.name}: {name} is of type {one.dtype}, expected numbers or texts.",
                "Name the arrays to take, without this one.",
                "arrays",
            )
    return chosen


def _rows(path: Path, dataset: h5py.Dataset, rows: Array, within: tuple[int, ...]) -> Array:
    """Rows in any order, some perhaps twice: the file gives each once, in order."""
    different, back = np.unique(rows, return_inverse=True)
    try:
        if len(different) and different[-1] - different[0] == len(different) - 1:
            values = dataset[(slice(int(different[0]), int(different[-1]) + 1), *within)]
        else:
            values = dataset[(different, *within)]
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"{path.name}: {dataset.name} cannot be read ({str(error)[:200]}).", "The file is damaged."
        ) from None
    return np.asarray(values)[back]
