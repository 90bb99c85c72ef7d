"""From the values or colours in a mask to the number of each point's class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from studio.data.cells import Values
from studio.data.decoding.pictures import PACKED
from studio.data.raw import Array, DataError, target_names
from studio.data.transforms.pictures import IGNORED
from studio.data.transforms.step import About, Params, State, Transform

MOST_CLASSES = 256
LOOKED_AT = 500
"""Masks in which classes are looked for, spread over all."""
VOID = 255
"""The value that many sets give to points that do not count."""


def learn_values(parts: Iterable[Values], params: Params) -> State:
    """The values of the classes in order, and the one that does not count, or None."""
    found: set[int] = set()
    for part in parts:
        for one in part:
            found.update(np.unique(np.asarray(one)).tolist())
            if len(found) > MOST_CLASSES:
                raise DataError(
                    f"The masks have more than {MOST_CLASSES} different values.",
                    "A mask says the class of each point by its value; JPEG blurs those, PNG keeps them.",
                    "fields",
                )
    ignore = _ignored(found, params["ignore"])
    values = sorted(found - {ignore})
    names = target_names(params["names"])
    if names and (not values or values[-1] < len(names)):
        values = list(range(len(names)))
    if names and len(names) != len(values):
        told = ", ".join(_told(one) for one in values[:12])
        raise DataError(
            f"There are {len(names)} names for {len(values)} classes, whose values are {told}.",
            "Give each value one name, in this order.",
            "fields",
        )
    if not values:
        raise DataError("The masks have no class.", "Choose other masks.", "fields")
    return {"values": values, "ignore": ignore}


def _ignored(found: set[int], chosen: int | None) -> int | None:
    if chosen is not None:
        return None if chosen < 0 else chosen
    others = found - {VOID}
    counts_up = len(others) > 1 and max(others) < len(others) + 20 and min(others) <= 1
    return VOID if VOID in found and counts_up else None


def _told(value: int) -> str:
    return f"#{value - PACKED:06x}" if value >= PACKED else str(value)


def _numbers(values: Values, params: Params, state: State) -> Values:
    known = np.array(state["values"], np.int64)
    return [_numbered(np.asarray(one), known, state["ignore"]) for one in values]


def _numbered(one: Array, known: Array, ignore: int | None) -> Array:
    found = np.searchsorted(known, one).clip(max=len(known) - 1)
    strange = known[found] != one
    if ignore is not None:
        strange &= one != ignore
    if strange.any():
        listed = ", ".join(_told(value) for value in known[:12].tolist())
        raise DataError(
            f"A mask has the value {_told(int(one[strange][0]))}, which is none of the classes {listed}.",
            "Correct the mask, or write the names of all classes into the step MaskClasses.",
            "fields",
        )
    numbers = found.astype(np.int8 if len(known) < 128 else np.int16)
    if ignore is not None:
        numbers[one == ignore] = IGNORED
    return numbers


def _about(params: Params, state: State) -> About:
    classes = class_names(params, state)
    return About(classes, 0.0, float(len(classes) - 1))


def class_names(params: Params, state: State) -> tuple[str, ...]:
    """The classes in their order: as they were named, else by their values."""
    values: Sequence[int] = state["values"]
    return target_names(params["names"]) or tuple(_told(one) for one in values)


TRANSFORMS = {
    "MaskClasses": Transform(
        frozenset({"mask"}), _numbers, learn_values, about=_about, from_all=True, most=LOOKED_AT
    )
}
