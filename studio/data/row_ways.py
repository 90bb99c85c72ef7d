"""New rows of a table on the ways of its columns: what a run was trained on tells what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.assembling import FEATURES
from studio.data.conforming import OddValueError, Reading
from studio.data.decoding.pictures import colour_picture, grey_picture, mask
from studio.data.findings import is_missing
from studio.data.lazy import uniform
from studio.data.raw import Array, DataError
from studio.data.transforms.step import Chain, Step, applied
from studio.data.ways import Way
from studio.project.fields import Field

KEEP = frozenset({"Impute", "Clip", "NoValue"})
"""Steps after which a number is still in its own units."""


def needed(ways: Mapping[str, Way], fields: Sequence[str]) -> dict[str, Way]:
    """The columns of a table that some fields are made of; none where a field is made of something else."""
    found = {
        key: one for key, one in ways.items() if one.row and one.role == "input" and _makes(key, one, fields)
    }
    made = {*found, FEATURES} if any(one.stacked for one in found.values()) else set(found)
    return found if set(fields) <= made else {}


def classes_of(way: Way) -> tuple[str, ...] | None:
    """The classes that a column's values may be, where they are known."""
    learned = [step.state["classes"] for step in way.chain if "classes" in step.state]
    return tuple(learned[0]) if learned and way.kind == "category" else None


def fills(way: Way) -> bool:
    """Whether a missing value is dealt with."""
    return any(step.transform.fills is not None and step.transform.fills(step.params) for step in way.chain)


def through(way: Way, values: Sequence[Any], folder: Path, field: Field | None = None) -> Array:
    """What values become, samples first; paths begin at `folder`. Raises DataError."""
    if not fills(way) and any(map(is_missing, values)):
        raise DataError(f"{way.column}: the value is missing.", "Give one.")
    read = _read(way, values, folder, field)
    try:
        return uniform(way.column, applied(_chain(way), read))
    except DataError as error:
        raise DataError(f"{way.column}: {error.message}", error.hint) from None


def fields_of(
    ways: Mapping[str, Way], wanted: Mapping[str, Field], columns: Mapping[str, Sequence[Any]], folder: Path
) -> dict[str, Array]:
    """Rows of a table, by column, as fields. Raises DataError."""
    found: dict[str, Array] = {}
    for key, way in ways.items():
        if key in wanted:
            array = through(way, columns[way.column], folder, wanted[key])
            found[key] = array[:, None] if array.ndim == 1 and array.dtype.kind == "f" else array
    if FEATURES in wanted:
        stacked = [_places(way, columns[way.column], folder) for way in ways.values() if way.stacked]
        found[FEATURES] = np.concatenate(stacked, axis=1)
    return found


@dataclass(frozen=True, slots=True)
class Back:
    """Undoes steps, the last one first."""

    chain: Chain

    def __call__(self, values: Array) -> Array:
        """Numbers in the units that they had before."""
        return self.undone(np.asarray(values, np.float64))

    def undone(self, values: Any) -> Any:  # noqa: ANN401
        """The same of a tensor in double precision, where every step can do that."""
        found = values
        with np.errstate(over="ignore", invalid="ignore"):
            for step in reversed(self.chain):
                assert step.transform.undo is not None
                found = step.transform.undo(found, step.params, step.state)
        return found


def back_of(way: Way | None) -> Back | None:
    """What brings predictions of a column to its own units, or as near to them as its steps can be undone;
    None where they are in them, or nothing can be undone.
    """
    chain, _ = _undone(way)
    return Back(chain) if chain else None


def unit_of(way: Way | None) -> str:
    """The units that predictions of a column are in after `back_of`; "" where they are the column's own."""
    _, last = _undone(way)
    if last is None:
        return ""
    return "days" if last.type == "Days" else f"after {last.type}"


def begin_of(way: Way | None) -> str:
    """The moment from which a prediction of a column of times counts days; "" where it counts none."""
    _, last = _undone(way)
    return str(last.state["begin"]) if last is not None and last.type == "Days" else ""


def _undone(way: Way | None) -> tuple[Chain, Step | None]:
    """The steps at the end that can be undone, and the one before them that cannot."""
    if way is None or way.role != "target" or way.kind not in ("number", "time"):
        return (), None
    chain = tuple(step for step in way.chain if step.type not in KEEP)
    stuck = [at for at, step in enumerate(chain) if step.transform.undo is None]
    if stuck and chain[stuck[-1]].transform.gives == "category":
        return (), None
    return (chain[stuck[-1] + 1 :], chain[stuck[-1]]) if stuck else (chain, None)


def _makes(key: str, way: Way, fields: Sequence[str]) -> bool:
    return key in fields or (way.stacked and FEATURES in fields)


def _places(way: Way, values: Sequence[Any], folder: Path) -> Array:
    """The part of `features` that values become."""
    found, classes = through(way, values, folder), classes_of(way)
    if classes is not None and found.dtype.kind in "iu" and found.ndim == 1:
        return np.eye(len(classes))[found]
    return np.asarray(found, np.float64).reshape(len(found), -1)


def _read(way: Way, values: Sequence[Any], folder: Path, field: Field | None) -> Any:  # noqa: ANN401
    decode = _decoder(way.kind, field)
    if decode is not None:
        return [decode(folder / str(value).strip()) for value in values]
    listed = [value.strip() if isinstance(value, str) else value for value in values]
    try:
        return Reading(way.kind, way.written)(listed)
    except OddValueError as error:
        what = "number" if way.kind == "number" else "date or time"
        raise DataError(
            f"{error.value!r} is no {what}; expected one for {way.column}.", "Correct the value."
        ) from None


def _decoder(kind: str, field: Field | None) -> Callable[[Path], Any] | None:
    if kind == "audio":
        from studio.data.decoding.sounds import sound

        return sound
    if kind == "image":
        return grey_picture if field is not None and field.shape[0] == 1 else colour_picture
    return mask if kind == "mask" else None


def _chain(way: Way) -> Chain:
    """The steps, but for the one that is done batch by batch."""
    later = way.chain and way.kind == "image" and way.chain[-1].transform.scale is not None
    return way.chain[:-1] if later else way.chain
