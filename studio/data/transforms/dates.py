"""Dates and times: read from texts, and made numbers that can be learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from studio.data.cells import Values
from studio.data.findings import is_missing
from studio.data.raw import Array, DataError
from studio.data.transforms.step import About, Params, State, Transform

DAY = np.timedelta64(1, "D")
TIME = frozenset({"time"})
NONE = np.datetime64("NaT", "us")


def as_times(values: Sequence[Any] | Array, name: str, param: str) -> Array:
    """Values as datetime64[us]; texts as in ISO 8601. Raises DataError with the first that is no time."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values.astype("datetime64[us]")
    found = np.empty(len(values), "datetime64[us]")
    for at, value in enumerate(values):
        found[at] = _time(value, name, param)
    return found


def _time(value: Any, name: str, param: str) -> np.datetime64:  # noqa: ANN401
    if is_missing(value):
        return NONE
    try:
        read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        if read.tzinfo is not None:
            offset = read.utcoffset()
            read = read.replace(tzinfo=None) - offset if offset else read.replace(tzinfo=None)
        return np.datetime64(read, "us")
    except ValueError:
        raise DataError(
            f"{name}: {str(value)[:40]} is no date or time.",
            "Write them as 2026-01-31 or 2026-01-31 12:00.",
            param,
        ) from None


def _days(values: Values, params: Params, state: State) -> Values:
    times = as_times(values, "time", "fields")
    return (times - np.datetime64(state["begin"], "us")) / DAY


def _begin(parts: Iterable[Values], params: Params) -> State:
    times = np.concatenate([as_times(part, "time", "fields") for part in parts])
    there = times[~np.isnat(times)]
    if not len(there):
        raise DataError("The training part has no times.", "Leave the column out.", "fields")
    return {"begin": str(there.min())}


def _parts(values: Values, params: Params, state: State) -> Values:
    """Where in the day, the week and the year, each as sine and cosine."""
    times = as_times(values, "time", "fields")
    day = (times - times.astype("datetime64[D]")) / DAY
    week = ((times.astype("datetime64[D]").astype(np.int64) + 3) % 7 + day) / 7
    year = (times - times.astype("datetime64[Y]")) / DAY / 365.2425
    turns = 2 * np.pi * np.stack([day, week, year], 1)
    return np.concatenate([np.sin(turns), np.cos(turns)], 1)


def _about_parts(params: Params, state: State) -> About:
    names = ("of the day", "of the week", "of the year")
    return About(parts=(*(f"sine {name}" for name in names), *(f"cosine {name}" for name in names)))


TRANSFORMS = {
    "Days": Transform(TIME, _days, _begin, gives="number"),
    "TimeOfYear": Transform(TIME, _parts, gives="number", about=_about_parts),
}
