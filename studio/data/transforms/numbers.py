"""Transforms of numbers: bounds, roots and powers, what stands in for missing values, ranges as classes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.transforms.step import About, Params, State, Transform

NUMBERS = frozenset({"number", "image", "spectrum"})
NUMBER = frozenset({"number"})


def as_numbers(values: Values) -> Array:
    """Values in double precision; a missing one is NaN."""
    return np.asarray(values, np.float64)


def training_numbers(parts: Iterable[Values]) -> Array:
    """All numbers of the training part that there are. Raises DataError where there are none."""
    arrays = [as_numbers(part).ravel() for part in parts]
    array = np.concatenate(arrays) if arrays else np.zeros(0)
    there = array[np.isfinite(array)]
    if not len(there):
        raise DataError("The training part has no value to learn from.", "Leave the column out.", "fields")
    return there


def _clip(values: Values, params: Params, state: State) -> Values:
    low, high = params["low"], params["high"]
    if low is None and high is None:
        return values
    return [np.clip(one, low, high) for one in values] if isinstance(values, list) else values.clip(low, high)


def _no_value(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values)
    return np.where(array == float(params["value"]), np.nan, array)


def _log(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values) + float(params["offset"])
    if (array <= 0).any():
        raise DataError(
            f"Log takes numbers above 0; with the offset {params['offset']:g} there is "
            f"{np.nanmin(array):.6g}.",
            "Raise the offset, or use another transform.",
            "fields",
        )
    return np.log(array)


def _unlog(values: Array, params: Params, state: State) -> Array:
    return math.e**values - float(params["offset"])


def _sqrt(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values)
    return np.sign(array) * np.sqrt(np.abs(array))


def _unsqrt(values: Array, params: Params, state: State) -> Array:
    return values * abs(values)


def _power(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values)
    return np.sign(array) * np.abs(array) ** float(params["exponent"])


def _unpower(values: Array, params: Params, state: State) -> Array:
    sign = (values > 0) * 1.0 - (values < 0) * 1.0
    return sign * abs(values) ** (1 / float(params["exponent"]))


def _learn_stand_in(parts: Iterable[Values], params: Params) -> State:
    """What stands in for missing numbers: 0, or mean, median or most common value of the training part."""
    if params["by"] == "zero":
        return {"value": 0.0}
    there = training_numbers(parts)
    if params["by"] == "common":
        most = Counter(there.tolist()).most_common()
        return {"value": float(min(value for value, count in most if count == most[0][1]))}
    return {"value": float(np.median(there) if params["by"] == "median" else there.mean())}


def _stand_in(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values)
    empty = np.isnan(array)
    filled = np.where(empty, state["value"], array)
    if not params.get("flag", False):
        return filled
    if array.ndim != 1:
        raise DataError("A flag is added to single numbers only.", "Take the flag off.", "fields")
    return np.stack([filled, empty.astype(np.float64)], 1)


def _about_stand_in(params: Params, state: State) -> About:
    return About(parts=("", "missing")) if params.get("flag", False) else About()


def _learn_edges(parts: Iterable[Values], params: Params) -> State:
    """Where one range ends and the next begins; ranges that would hold nothing are left out."""
    there = training_numbers(parts)
    count = int(params["count"])
    if params["by"] == "width":
        edges = np.linspace(there.min(), there.max(), count + 1)[1:-1]
    else:
        edges = np.quantile(there, np.arange(1, count) / count)
    return {"edges": [float(one) for one in np.unique(edges)]}


def _bin(values: Values, params: Params, state: State) -> Values:
    array = as_numbers(values)
    if np.isnan(array).any():
        raise DataError("Bin got a missing value.", "Put Impute before it.", "fields")
    return np.searchsorted(np.asarray(state["edges"], np.float64), array, side="right").astype(np.int64)


def _about_ranges(params: Params, state: State) -> About:
    edges = [f"{edge:.6g}" for edge in state["edges"]]
    if not edges:
        return About(("all",), 0.0, 0.0)
    between = [f"{one} to {two}" for one, two in pairwise(edges)]
    names = (f"below {edges[0]}", *between, f"from {edges[-1]}")
    return About(names, 0.0, float(len(names) - 1))


TRANSFORMS = {
    "Clip": Transform(NUMBERS, _clip),
    "NoValue": Transform(NUMBER, _no_value),
    "Log": Transform(NUMBER, _log, undo=_unlog),
    "Sqrt": Transform(NUMBER, _sqrt, undo=_unsqrt),
    "Power": Transform(NUMBER, _power, undo=_unpower),
    "Impute": Transform(NUMBER, _stand_in, _learn_stand_in, about=_about_stand_in, fills=lambda params: True),
    "Bin": Transform(NUMBER, _bin, _learn_edges, gives="category", about=_about_ranges),
}
