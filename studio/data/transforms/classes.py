"""Transforms of categories: the number of each class, or a place of its own for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from studio.data.cells import Values
from studio.data.findings import is_missing
from studio.data.raw import DataError
from studio.data.transforms.step import About, Params, State, Transform
from studio.project.graph import natural

MISSING = "missing"
CATEGORY = frozenset({"category"})


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).strip()


def learn_classes(parts: Iterable[Values], params: Params) -> State:
    """All classes there are, in natural order; missing ones as `missing` says."""
    found = Counter(MISSING if is_missing(value) else _text(value) for part in parts for value in part)
    stands_in = str(params.get("missing", ""))
    if MISSING in found and stands_in == "common" and len(found) > 1:
        del found[MISSING]
        return {"classes": sorted(found, key=natural), "missing": found.most_common(1)[0][0]}
    if MISSING in found and stands_in != "class":
        raise DataError(
            f"{found[MISSING]} values are missing.",
            "Choose what is done about missing values: skip, common or class.",
            "fields",
        )
    return {"classes": sorted(found, key=natural), "missing": MISSING}


def _numbers(values: Values, params: Params, state: State) -> Values:
    index = {name: at for at, name in enumerate(state["classes"])}
    texts = [state["missing"] if is_missing(value) else _text(value) for value in values]
    unknown = next((text for text in texts if text not in index), None)
    if unknown is not None:
        known = ", ".join(state["classes"][:8])
        raise DataError(f"{unknown} is none of the classes {known}.", "Correct the value.", "fields")
    return np.fromiter((index[text] for text in texts), np.int64, len(texts))


def _about(params: Params, state: State) -> About:
    classes = tuple(state["classes"])
    return About(classes, 0.0, float(max(len(classes) - 1, 0)))


def _one_hot(values: Values, params: Params, state: State) -> Values:
    return np.eye(len(state["classes"]), dtype=np.float32)[np.asarray(_numbers(values, params, state))]


TRANSFORMS = {
    "Classes": Transform(CATEGORY, _numbers, learn_classes, about=_about, from_all=True),
    "OneHot": Transform(CATEGORY, _one_hot, learn_classes, gives="number", from_all=True),
}
