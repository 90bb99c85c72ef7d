"""The learning rate's factor over a run: a pure function of the step, so resuming needs nothing saved."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.project.params import Value
from studio.project.project import Setting

Factor = Callable[[int, int], float]
"""(epoch from 1, step over the whole run from 0) -> factor of the optimizer's learning rate."""


def make_schedule(setting: Setting, epochs: int, steps_per_epoch: int) -> Factor:
    """The factor that a schedule's settings give. Raises StudioError for one that is not known."""
    component = registry().component("schedule", setting.type)
    if component is None or setting.type not in _MAKERS:
        known = ", ".join(_MAKERS)
        raise StudioError(
            f"There is no schedule {setting.type!r}.", f"Choose one of {known} in the training settings."
        )
    return _MAKERS[setting.type](component.values(setting.params), epochs * steps_per_epoch)


def _constant(values: Mapping[str, Value], steps: int) -> Factor:
    return lambda epoch, step: 1.0


def _step(values: Mapping[str, Value], steps: int) -> Factor:
    every, factor = int(str(values["every"])), float(str(values["factor"]))
    return lambda epoch, step: factor ** ((epoch - 1) // every)


def _cosine(values: Mapping[str, Value], steps: int) -> Factor:
    least = float(str(values["least"]))
    return lambda epoch, step: least + (1.0 - least) * (1.0 + math.cos(math.pi * step / steps)) / 2.0


_MAKERS: Mapping[str, Callable[[Mapping[str, Value], int], Factor]] = {
    "Constant": _constant,
    "Step": _step,
    "Cosine": _cosine,
}
