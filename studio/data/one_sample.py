"""One sample on its way: the value of a column before its steps, and after each of them."""

from __future__ import annotations

from typing import Any

from studio.data.pipeline import Ready
from studio.data.transforms import TRANSFORMS
from studio.data.transforms.step import Step


def stages(ready: Ready, name: str, sample: int) -> tuple[Any, ...]:
    """What a column's value is at first and after every step; nothing where the column is not used.

    `sample` counts those that are used. Raises DataError.
    """
    planned = ready.planned.get(name)
    if planned is None:
        return ()
    values = planned.column.cells.take(ready.source_rows[sample : sample + 1])
    found = [values[0]]
    for setting, state in zip(planned.steps, ready.learned.get(name, ()), strict=False):
        values = Step(setting.type, TRANSFORMS[setting.type], setting.params, state)(values)
        found.append(values[0])
    return tuple(found)
