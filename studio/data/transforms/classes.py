"""Transforms of categories: the number of each class, a place for each, fewer classes, hashed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any
from zlib import crc32

import numpy as np

from studio.data.cells import Values
from studio.data.findings import is_missing
from studio.data.raw import DataError, target_names
from studio.data.transforms.step import About, Params, State, Transform
from studio.project.graph import natural

MISSING = "missing"
CATEGORY = frozenset({"category"})


def class_text(value: object) -> str:
    """What a value of a category is called."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).strip()


def _called(value: object) -> str:
    return MISSING if is_missing(value) else class_text(value)


def _counted(parts: Iterable[Values]) -> Counter[str]:
    """How often each class comes up."""
    raw: Counter[Hashable] = Counter()
    empty = 0
    for part in parts:
        listed: list[Any] = part.tolist() if isinstance(part, np.ndarray) else part
        there = [value for value in listed if value == value]  # a NaN is no key
        empty += len(listed) - len(there)
        raw.update(there)
    found: Counter[str] = Counter()
    for value, count in raw.items():
        found[_called(value)] += count
    if empty:
        found[MISSING] += empty
    return found


def _in_order(classes: Iterable[str]) -> list[str]:
    """Numbers by size, else as people sort."""
    listed = list(classes)
    try:
        return sorted(listed, key=float)
    except ValueError:
        return sorted(listed, key=natural)


def learn_classes(parts: Iterable[Values], params: Params) -> State:
    """All classes there are, in natural order; missing ones as `missing` says."""
    found = _counted(parts)
    stands_in = str(params.get("missing", ""))
    absent = found.get(MISSING, 0)
    if absent and stands_in == "common" and len(found) > 1:
        del found[MISSING]
    elif absent and stands_in != "class":
        raise DataError(
            f"{absent} values are missing.",
            "Choose what is done about missing values: skip, common or class.",
            "fields",
        )
    return {"classes": _in_order(found), "missing": MISSING}


def _most_common(parts: Iterable[Values], params: Params, state: State) -> State:
    """What stands in for missing values: the class that is most common in the training part."""
    if params.get("missing") != "common" or MISSING in state["classes"]:
        return state
    found = _counted(parts)
    del found[MISSING]
    if not found:
        raise DataError("The training part has no value to learn from.", "Leave the column out.", "fields")
    return {**state, "missing": max(_in_order(found), key=lambda name: found[name])}


def _each(values: Values, of: Callable[[Any], Any]) -> list[Any]:
    """A function of every value, asked once for equal ones."""
    listed: list[Any] = values.tolist() if isinstance(values, np.ndarray) else values
    known = {value: of(value) for value in set(listed)}
    return [known[value] for value in listed]


def _numbers(values: Values, params: Params, state: State) -> Values:
    index = {name: at for at, name in enumerate(state["classes"])}

    def number(value: object) -> int:
        text = state["missing"] if is_missing(value) else class_text(value)
        if text not in index:
            known = ", ".join(state["classes"][:8])
            raise DataError(f"{text} is none of the classes {known}.", "Correct the value.", "fields")
        return index[text]

    return np.array(_each(values, number), np.int64)


def _about(params: Params, state: State) -> About:
    classes = tuple(state["classes"])
    return About(classes, 0.0, float(max(len(classes) - 1, 0)))


def _one_hot(values: Values, params: Params, state: State) -> Values:
    return np.eye(len(state["classes"]), dtype=np.float32)[np.asarray(_numbers(values, params, state))]


def _about_places(params: Params, state: State) -> About:
    return About(parts=tuple(state["classes"]))


def _learn_order(parts: Iterable[Values], params: Params) -> State:
    """The classes in the order given; it has to name all of them."""
    state = learn_classes(parts, params)
    order = target_names(str(params["order"]))
    if not order:
        return state
    if lacking := [name for name in state["classes"] if name not in order]:
        told = ", ".join(state["classes"][:20])
        raise DataError(f"The order leaves out {lacking[0]}.", f"Name all of {told}.", "fields")
    return {**state, "classes": list(order)}


def _ordinal(values: Values, params: Params, state: State) -> Values:
    return np.asarray(_numbers(values, params, state)).astype(np.float64)


def _hash(values: Values, params: Params, state: State) -> Values:
    """A checksum of each text, the same on every machine."""
    seed, places = f"{params['seed']}:".encode(), int(params["places"])
    return np.array(_each(values, lambda value: crc32(seed + _called(value).encode()) % places), np.int64)


def _about_hash(params: Params, state: State) -> About:
    return About(None, 0.0, float(params["places"]) - 1, index=True)


def _learn_common(parts: Iterable[Values], params: Params) -> State:
    found = _counted(parts)
    del found[MISSING]
    return {"kept": _in_order(name for name, count in found.items() if count >= int(params["least"]))}


def _join(values: Values, params: Params, state: State) -> Values:
    kept = frozenset(state["kept"])

    def joined(value: object) -> str | None:
        if is_missing(value):
            return None
        text = class_text(value)
        return text if text in kept else str(params["name"])

    return _each(values, joined)


def _fills(params: Params) -> bool:
    return params.get("missing", "error") != "error"


TRANSFORMS = {
    "Classes": Transform(
        CATEGORY, _numbers, learn_classes, about=_about, from_all=True, then=_most_common, fills=_fills
    ),
    "OneHot": Transform(
        CATEGORY,
        _one_hot,
        learn_classes,
        gives="number",
        about=_about_places,
        from_all=True,
        then=_most_common,
        fills=_fills,
    ),
    "Ordinal": Transform(
        CATEGORY, _ordinal, _learn_order, gives="number", from_all=True, then=_most_common, fills=_fills
    ),
    "Hash": Transform(CATEGORY, _hash, about=_about_hash, fills=lambda params: True),
    "JoinRare": Transform(CATEGORY, _join, _learn_common),
}
