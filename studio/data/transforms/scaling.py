"""Transforms that bring numbers to a common size, learned from the training part; all can be undone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.transforms.numbers import NUMBER, as_numbers, training_numbers
from studio.data.transforms.step import Params, State, Transform

SMALLEST = 1e-12
"""A spread below this share of the values' size counts as none."""


def _moments(parts: Iterable[Values], params: Params) -> State:
    """Mean and deviation in one pass, merged chunk by chunk (Chan, Golub, LeVeque 1979)."""
    count, mean, squares = 0, 0.0, 0.0
    for part in parts:
        there = as_numbers(part).ravel()
        there = there[np.isfinite(there)]
        if not len(there):
            continue
        own, difference = float(there.mean()), float(there.mean()) - mean
        total = count + len(there)
        squares += float(np.square(there - own).sum()) + difference**2 * count * len(there) / total
        mean += difference * len(there) / total
        count = total
    if not count:
        raise DataError("The training part has no value to learn from.", "Leave the column out.", "fields")
    return {"offset": mean, "spread": _spread(float(np.sqrt(squares / count)), mean)}


def _bounds(parts: Iterable[Values], params: Params) -> State:
    low, high = np.inf, -np.inf
    for part in parts:
        there = as_numbers(part)
        there = there[np.isfinite(there)]
        if len(there):
            low, high = min(low, float(there.min())), max(high, float(there.max()))
    if low > high:
        raise DataError("The training part has no value to learn from.", "Leave the column out.", "fields")
    return {"offset": low, "spread": _spread(high - low, low)}


def _quartiles(parts: Iterable[Values], params: Params) -> State:
    first, median, third = (float(one) for one in np.quantile(training_numbers(parts), [0.25, 0.5, 0.75]))
    return {"offset": median, "spread": _spread(third - first, median)}


def _spread(found: float, offset: float) -> float:
    """What to divide by: 1 where the numbers do not vary, which are then shifted only."""
    return found if found > SMALLEST * max(abs(offset), SMALLEST) else 1.0


def _scaled(values: Values, params: Params, state: State) -> Values:
    return (as_numbers(values) - state["offset"]) / state["spread"]


def _unscaled(values: Array, params: Params, state: State) -> Array:
    return values * state["spread"] + state["offset"]


def _ranged(values: Values, params: Params, state: State) -> Values:
    low, high = _ends(params)
    return (as_numbers(values) - state["offset"]) / state["spread"] * (high - low) + low


def _unranged(values: Array, params: Params, state: State) -> Array:
    low, high = _ends(params)
    return (values - low) / (high - low) * state["spread"] + state["offset"]


def _ends(params: Params) -> tuple[float, float]:
    low, high = float(params["low"]), float(params["high"])
    if low >= high:
        raise DataError(f"RangeScale goes from {low:g} to {high:g}.", "Give the lower bound first.", "fields")
    return low, high


def _learn_ranks(parts: Iterable[Values], params: Params) -> State:
    """The numbers at evenly spaced ranks."""
    there = training_numbers(parts)
    count = max(min(int(params["steps"]), len(there)), 2)
    return {"values": [float(one) for one in np.quantile(there, np.linspace(0, 1, count))]}


def _ranked(values: Values, params: Params, state: State) -> Values:
    """The rank of each number, 0 to 1: the middle one where the same number has several."""
    known = np.asarray(state["values"], np.float64)
    array, ranks = as_numbers(values), np.linspace(0, 1, len(known))
    from_left = np.interp(array, known, ranks)
    from_right = 1 - np.interp(-array, -known[::-1], ranks)
    rank = np.where(np.isnan(array), np.nan, (from_left + from_right) / 2)
    if params["output"] == "uniform":
        return rank
    from scipy.special import ndtri

    edge = 1 / (2 * len(known))
    return np.asarray(ndtri(rank.clip(edge, 1 - edge)))


def _unranked(values: Array, params: Params, state: State) -> Array:
    known = np.asarray(state["values"], np.float64)
    rank = np.asarray(values, np.float64)
    if params["output"] == "normal":
        from scipy.special import ndtr

        rank = np.asarray(ndtr(rank))
    return np.interp(rank, np.linspace(0, 1, len(known)), known)


TRANSFORMS = {
    "Standardize": Transform(NUMBER, _scaled, _moments, undo=_unscaled),
    "RangeScale": Transform(NUMBER, _ranged, _bounds, undo=_unranged),
    "RobustScale": Transform(NUMBER, _scaled, _quartiles, undo=_unscaled),
    "Quantile": Transform(NUMBER, _ranked, _learn_ranks, undo=_unranked),
}
