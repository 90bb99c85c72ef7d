"""Which samples train, validate and test: the split that the data settings ask for."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from studio.data.cells import CHUNK, Cells, Decoded, Held, chunks
from studio.data.columns import Planned
from studio.data.conforming import Reading, reading_of
from studio.data.dates import ISO
from studio.data.files import content_of, texts_of
from studio.data.raw import Array, DataError
from studio.data.row_hashes import repeats, row_hashes
from studio.data.split_columns import wrong_column
from studio.data.splits import Rows, by_column, by_span, by_time, folds, grouped, split
from studio.data.table import Table
from studio.data.transforms.dates import as_times

Thin = Callable[[Array], Array]
SOON_READ = 2**30
"""Bytes of an array that is compared as a whole."""


def parted(
    table: Table,
    planned: Mapping[str, Planned],
    kept: Array,
    labels: Array | None,
    options: Mapping[str, Any],
) -> Rows:
    """The rows of each part, as places in `kept`. Raises DataError."""
    validation, test, seed = options["validation"], options["test"], options["split_seed"]
    how, name = options["split"], str(options["split_column"])
    if how == "shares" and table.spans is not None:
        return by_span(table.spans[kept], validation, test)
    values = _values(table, planned, how, name, kept) if how in ("column", "time", "groups") else ()
    if how == "column":
        return by_column(values, name, lambda row: _named(table, int(kept[row])))
    if how == "time":
        return by_time(_ordered(values, name, table.columns[name].cells), validation, test)
    columns = [equal_samples(planned, kept)] if options["duplicates_together"] and _compared(planned) else []
    columns += [values] if how == "groups" else []
    groups = grouped(*columns) if any(_repeats(one) for one in columns) else None
    fixed = None if table.test is None else np.flatnonzero(np.isin(kept, table.test))
    if table.validation is not None and how != "folds":
        apart = np.flatnonzero(np.isin(kept, table.validation))
        return _beside(apart, len(kept), test, seed, labels, fixed, groups)
    rows = split(len(kept), validation, test, seed, labels, fixed, groups)
    if how == "folds":
        return folds(rows, int(options["folds"]), int(options["fold"]), seed, labels, groups)
    return rows


def _beside(
    validation: Array,
    samples: int,
    test: float,
    seed: int,
    labels: Array | None,
    fixed: Array | None,
    groups: Array | None,
) -> Rows:
    """The source itself says which samples validate: the others train and test."""
    free = np.setdiff1d(np.arange(samples), validation)
    rows = split(
        len(free),
        0.0,
        test,
        seed,
        None if labels is None else labels[free],
        None if fixed is None else np.searchsorted(free, fixed),
        None if groups is None else groups[free],
    )
    return {**{name: free[of] for name, of in rows.items()}, "validation": validation.astype(np.int64)}


def equal_samples(planned: Mapping[str, Planned], kept: Array) -> Sequence[Any] | Array:
    """A value for each sample that equal samples share: equal in all their inputs, byte by byte."""
    inputs = [one for one in planned.values() if one.role == "input"]
    if not _compared(planned):
        return [None] * len(kept)
    quick = row_hashes([one.column.cells for one in inputs], kept)
    if quick is not None:
        return quick
    told = [sha256() for _ in range(len(kept))]
    for one in inputs:
        cells = one.column.cells
        if isinstance(cells, Decoded):
            for place, word in _equal_files(cells, kept).items():
                told[place].update(word)
        else:
            thin = thin_of(cells)
            words = _contents(cells, kept) if thin is None else _equal_rows(cells, kept, thin)
            for place, word in enumerate(words):
                told[place].update(word)
    return [one.digest() if inputs else None for one in told]


def _compared(planned: Mapping[str, Planned]) -> bool:
    """Whether equal samples are looked for; a source larger than memory says itself that they are not."""
    inputs = (one.column.cells for one in planned.values() if one.role == "input")
    return not any(getattr(cells, "on_demand", False) for cells in inputs)


def _contents(cells: Cells, rows: Array) -> Iterator[bytes]:
    """What each sample consists of, a byte that ends it behind it."""
    for part in chunks(cells, rows):
        for value in part:
            whole = isinstance(part, np.ndarray)
            yield (np.ascontiguousarray(value).tobytes() if whole else repr(value).encode()) + b"\0"


def thin_of(cells: Cells) -> Thin | None:
    """What takes a part of each sample that tells most of them apart; None where all of it is soon read."""
    if not isinstance(cells, Held):
        return getattr(cells, "thin", None)
    values = cells.values
    if values.nbytes <= SOON_READ:
        return None
    middle = tuple(size // 2 for size in values.shape[1:-1])
    return lambda rows: values[(rows, *middle)]


def _equal_rows(cells: Cells, kept: Array, thin: Thin) -> list[bytes]:
    """What tells samples of a large file apart: a part of each, and all of those that are alike in it."""
    found = [
        sha256(np.ascontiguousarray(value).tobytes()).digest()
        for start in range(0, len(kept), CHUNK)
        for value in thin(kept[start : start + CHUNK])
    ]
    often = Counter(found)
    alike = [place for place, word in enumerate(found) if often[word] > 1]
    for place, content in zip(alike, _contents(cells, kept[alike]), strict=True):
        found[place] = sha256(content).digest()
    return found


def _equal_files(cells: Decoded, kept: Array) -> dict[int, bytes]:
    """What tells files apart: their size, and their content where several are of one size."""
    texts = texts_of(cells.paths)
    paths = [texts[row] for row in kept.tolist()]
    try:
        sizes = [os.stat(path).st_size for path in paths]
        often = Counter(sizes)
        return {
            place: sha256(content_of(path)).digest() if often[size] > 1 else str(size).encode()
            for place, (path, size) in enumerate(zip(paths, sizes, strict=True))
        }
    except OSError as error:
        raise DataError(
            f"{error.filename}: {error.strerror}.", "Bring the file back, or leave it out."
        ) from error


def _named(table: Table, row: int) -> str:
    """A sample as a person finds it."""
    return f"row {row + 1}" if table.keys is None else f"sample {table.key(row)}"


def _repeats(values: Sequence[Any] | Array) -> bool:
    if isinstance(values, np.ndarray):
        return repeats(values)
    there = [value for value in values if value is not None]
    return len(set(there)) < len(there)


def _values(
    table: Table, planned: Mapping[str, Planned], how: str, name: str, kept: Array
) -> Sequence[Any] | Array:
    """What the split goes by; times and numbers that are used are read already."""
    if name not in table.columns:
        raise wrong_column(table, how, name)
    column = table.columns[name]
    if column.sizes is not None or np.ndim(column.cells.take(kept[:1])) > 1:
        raise wrong_column(table, how, name)
    if how == "time" and name in planned and planned[name].kind in ("time", "number"):
        column = planned[name].column
    values = column.cells.take(kept)
    if column.field is not None and column.field.classes is not None and not column.field.shape:
        return np.array(column.field.classes)[np.asarray(values, np.int64)]
    return values


def _ordered(values: Sequence[Any] | Array, name: str, cells: Cells) -> Array:
    """Numbers or times to sort by, read as the whole column writes them."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufM":
        return (
            as_times(values, name, "split_column") if values.dtype.kind == "M" else values.astype(np.float64)
        )
    listed = list(values)
    for kind in ("number", "time"):
        reading = reading_of(kind, cells) or Reading(kind)
        found, odd = reading.read(listed)
        if not odd:
            return np.asarray(found)
    if reading.written in ("", ISO):
        return as_times(values, name, "split_column")
    raise DataError(
        f"{name}: {str(listed[odd[0]])[:40]} is no date or time.",
        "Write it as the others of its column, or leave its row out.",
        "split_column",
    )
