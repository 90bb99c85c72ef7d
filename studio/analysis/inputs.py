"""What a person gives to predict on (a row, a picture, arrays) as raw samples of a network's fields."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from studio.analysis.given_ways import made, takes
from studio.analysis.open_sizes import OpenSizes
from studio.analysis.pictures import SUFFIXES, read_picture
from studio.analysis.rows import TABLES, Rows
from studio.analysis.series_rows import SeriesRows
from studio.data.raw import Array, Column
from studio.data.sources.arrays import load_arrays
from studio.data.ways import Way
from studio.errors import StudioError
from studio.project.fields import Field

Given = str | Path | Mapping[str, Any] | np.ndarray[Any, Any]
ARRAYS = frozenset({".npy", ".npz"})


@dataclass(frozen=True, slots=True)
class Samples:
    """Raw samples: an array for each field, as many rows in each; how they came, what was done to them.

    `refused` are those of the samples given that cannot be used, by their number from 0, and why.
    """

    arrays: Mapping[str, Array]
    given: str
    notes: tuple[str, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many samples."""
        return min(len(array) for array in self.arrays.values())


def read_input(
    given: Given,
    wanted: Mapping[str, Field],
    columns: Mapping[str, Sequence[Column]],
    opened: Mapping[str, OpenSizes] = MappingProxyType({}),
    ways: Mapping[str, Way] = MappingProxyType({}),
    rows: Rows | SeriesRows | None = None,
) -> Samples:
    """The samples that were given, for the fields wanted; those in `opened` may have other sizes, and texts
    and sounds go the ways of theirs. `rows` reads values of a table's columns.

    Raises StudioError.
    """
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _parsed(given)
    found = None if rows is None else _of_table(given, rows)
    if found is not None:
        return found
    if isinstance(given, Mapping):
        return _by_field(given, wanted, columns, opened, ways)
    name = str(given) if isinstance(given, str | Path) else f"array {'×'.join(map(str, given.shape))}"
    if isinstance(given, str | Path) and Path(given).suffix.lower() == ".npz":
        arrays = load_arrays(_existing(given))
        if len(arrays) > 1 or set(arrays) <= set(wanted):
            chosen = {key: arrays[key] for key in wanted if key in arrays}
            return _by_field(chosen, wanted, columns, opened, ways, name)
        given = next(iter(arrays.values()))
    if len(wanted) != 1:
        names = ", ".join(wanted)
        raise StudioError(
            f"The network takes {len(wanted)} inputs ({names}), and one was given.",
            'Give each by its name, such as {"' + '": …, "'.join(wanted) + '": …}.',
        )
    (field,) = wanted.values()
    array, notes = _one(
        given, field, columns.get(field.name, ()), opened.get(field.name), ways.get(field.name)
    )
    return Samples({field.name: array}, name, notes)


def _of_table(given: Given, rows: Rows | SeriesRows) -> Samples | None:
    """What is given as rows of a table; None where it is something else, such as arrays."""
    if isinstance(given, Mapping):
        told = ", ".join(f"{name} {value}" for name, value in list(given.items())[:12])
        return Samples(rows.by_column(given), told) if rows.given(given) else None
    if isinstance(given, np.ndarray):
        return None
    if Path(given).suffix.lower() in TABLES and _is_file(str(given)):
        arrays, refused = rows.in_file(_existing(given))
        return Samples(arrays, str(given), refused=refused)
    if isinstance(given, Path) or _is_file(given) or not rows.typable:
        return None
    return Samples(rows.typed(given), given)


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return cast(Mapping[str, Any], json.loads(text))
    except ValueError as error:
        raise StudioError(
            f"The input {text[:60]} is no JSON ({error}).",
            'Write {"name": "1, 2, 3", "other": "picture.png"}.',
        ) from None


def _by_field(
    given: Mapping[str, Any],
    wanted: Mapping[str, Field],
    columns: Mapping[str, Sequence[Column]],
    opened: Mapping[str, OpenSizes],
    ways: Mapping[str, Way],
    shown: str = "",
) -> Samples:
    if missing := [name for name in wanted if name not in given]:
        raise StudioError(
            f"The input {missing[0]} is missing; given: {', '.join(given) or 'nothing'}.",
            f"The network takes {', '.join(wanted)}.",
        )
    if strange := [name for name in given if name not in wanted]:
        raise StudioError(
            f"The network has no input {strange[0]}.", f"It takes {', '.join(wanted)}; leave the others out."
        )
    pairs = {
        name: _one(given[name], field, columns.get(name, ()), opened.get(name), ways.get(name))
        for name, field in wanted.items()
    }
    arrays = {name: array for name, (array, _) in pairs.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise StudioError(f"The inputs differ in their number of samples: {told}.", "Give as many of each.")
    notes = tuple(note for _, of in pairs.values() for note in of)
    return Samples(arrays, shown or ", ".join(f"{name}: {_brief(given[name])}" for name in wanted), notes)


def _brief(value: object) -> str:
    return f"array {value.shape}" if isinstance(value, np.ndarray) else str(value)[:60]


def _one(
    given: Any,  # noqa: ANN401
    field: Field,
    columns: Sequence[Column],
    opened: OpenSizes | None,
    way: Way | None = None,
) -> tuple[Array, tuple[str, ...]]:
    """Samples of one field, rows first, and notes on what was done."""
    if way is not None and takes(way, given):
        return made(way, given, field, opened)
    if isinstance(given, str) and not _is_file(given):
        return _row(given, field, columns, opened)[None], ()
    if isinstance(given, str | Path):
        return _file(_existing(given), field, opened)
    if isinstance(given, int | float):
        given = [given]
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise StudioError(f"The input for {field.name} is no array of numbers ({error}).") from None
    return _shaped(array, field, "The input", opened), ()


def _is_file(text: str) -> bool:
    """Whether a text means a file: it has a known ending, or there is such a file."""
    try:
        return Path(text).suffix.lower() in SUFFIXES | ARRAYS or Path(text).is_file()
    except (OSError, ValueError):
        return False


def _existing(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise StudioError(
            f"There is no file {path}.", "Give the path of a picture or of an .npy or .npz file."
        )
    return Path(path)


def _file(path: Path, field: Field, opened: OpenSizes | None) -> tuple[Array, tuple[str, ...]]:
    if path.suffix.lower() in ARRAYS:
        arrays = load_arrays(path)
        array = arrays.get(field.name, next(iter(arrays.values())))
        return _shaped(array, field, path.name, opened), ()
    sample, note = read_picture(path, field, opened.nearest if opened else None)
    return sample[None], (note,)


def _shaped(array: Array, field: Field, where: str, opened: OpenSizes | None) -> Array:
    """One sample or several as (samples, *shape); channels may come last; a single one may be left out."""
    if array.dtype.kind not in "buif":
        raise StudioError(f"{where} holds {array.dtype}, expected numbers for {field.name}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise StudioError(
            f"{where} holds values that are no numbers (NaN or infinity).", "Fill them in first."
        )
    for candidate in _arrangements(array, field):
        if candidate.shape[1:] == field.shape or (opened and opened.takes(candidate.shape[1:])):
            return candidate
    shape = opened.type.shape[1:] if opened else field.shape
    expected, got = ("×".join(map(str, one)) or "one number" for one in (shape, array.shape))
    raise StudioError(
        f"{where} has the shape {got}; {field.name} takes {expected} for each sample.",
        "Give one such array, or several along a first dimension.",
    )


def _arrangements(array: Array, field: Field) -> list[Array]:
    """What an array may mean, likeliest first, each with the samples first."""
    found = [array, array[None]]
    if len(field.shape) == 3:
        found += [one[:, None] for one in (array, array[None]) if field.shape[0] == 1 and one.ndim == 3]
        found += [one.transpose(0, 3, 1, 2) for one in (array, array[None]) if one.ndim == 4]
    if field.shape == (1,) and array.ndim == 1:
        found.append(array[:, None])
    return found


def _row(text: str, field: Field, columns: Sequence[Column], opened: OpenSizes | None) -> Array:
    """A row of values with , ; tab or spaces between, as one sample."""
    delimiter = next((one for one in ("\t", ";", ",") if one in text), None)
    cells = [cell.strip() for cell in text.strip().rstrip(delimiter or "").split(delimiter)]
    named = bool(columns)
    if not named and len(field.shape) == 1 and opened and opened.takes((len(cells),)):
        field = replace(field, shape=(len(cells),))
    if not columns:
        kind = Column(field.name, field.classes) if field.shape == () else None
        columns = [kind] if kind else [Column(str(at)) for at in range(1, math.prod(field.shape) + 1)]
    if len(cells) != len(columns):
        names = ", ".join(column.name for column in columns[:12]) + (", …" if len(columns) > 12 else "")
        raise StudioError(
            f"{field.name} takes {len(columns)} value{'s' * (len(columns) != 1)}, got {len(cells)}.",
            f"Give them in this order, with commas between: {names}."
            if named
            else "Give all of them with commas between, or a file: a picture, .npy or .npz.",
        )
    values = [_cell(cell, column, field.shape != ()) for cell, column in zip(cells, columns, strict=True)]
    return np.concatenate(values).reshape(field.shape)


def _cell(cell: str, column: Column, spread: bool) -> Array:
    """A cell's number; of a column of classes the index, or `spread` over a place for each class."""
    if column.classes is None:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise StudioError(f"{cell!r} is no number; expected one for {column.name}.", "Correct the value.")
        return np.array([value])
    if cell not in column.classes:
        known = ", ".join(column.classes[:12])
        raise StudioError(f"{column.name} has no class {cell!r}.", f"It takes one of {known}.")
    at = column.classes.index(cell)
    return np.eye(len(column.classes))[at] if spread else np.array([at])
