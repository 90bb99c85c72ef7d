"""Transforms of numbers: bounds, logarithm, what stands in for missing values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.transforms.step import Params, State, Transform

NUMBERS = frozenset({"number", "image", "audio"})


def _clip(values: Values, params: Params, state: State) -> Values:
    low, high = params["low"], params["high"]
    return [np.clip(one, low, high) for one in values] if isinstance(values, list) else values.clip(low, high)


def _log(values: Values, params: Params, state: State) -> Values:
    array = np.asarray(values, np.float64) + float(params["offset"])
    if (array <= 0).any():
        raise DataError(
            f"Log takes numbers above 0; with the offset {params['offset']:g} there is {array.min():.6g}.",
            "Raise the offset, or use another transform.",
            "fields",
        )
    return np.log(array)


def _learn_stand_in(parts: Iterable[Values], params: Params) -> State:
    """What stands in for missing numbers: 0, or mean, median or most common value of the training part."""
    array = np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])
    there = array[~np.isnan(array)]
    if params["by"] == "zero":
        return {"value": 0.0}
    if not len(there):
        raise DataError("The training part has no value to learn from.", "Leave the column out.", "fields")
    if params["by"] == "common":
        return {"value": float(Counter(there.tolist()).most_common(1)[0][0])}
    return {"value": float(np.median(there) if params["by"] == "median" else there.mean())}


def _stand_in(values: Values, params: Params, state: State) -> Values:
    array: Array = np.asarray(values, np.float64)
    return np.where(np.isnan(array), state["value"], array)


TRANSFORMS = {
    "Clip": Transform(NUMBERS, _clip),
    "Log": Transform(frozenset({"number"}), _log),
    "Impute": Transform(frozenset({"number"}), _stand_in, _learn_stand_in),
}
