"""How much memory a training will take: a forecast from the plan, before anything is made.

Weights, their gradients and what the optimizer remembers of each; what every node keeps of a batch for the
way back; the data, where all of it is held. Kernels need room of their own besides: it is a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from studio.build.plan import Checked, Cost, Plan
from studio.build.sizes import BYTES
from studio.catalog.registry import registry, values_of
from studio.catalog.settings import TRAINING
from studio.project.fields import Field
from studio.project.project import Project, Setting

FLOAT = 4
REMEMBERED: Mapping[str, float] = {
    **dict.fromkeys(("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adadelta", "Rprop"), 2.0),
    **dict.fromkeys(("Adagrad", "RMSprop", "Muon", "ASGD"), 1.0),
    "Adafactor": 0.1,
}
"""Numbers that an optimizer keeps for each weight, momentum aside."""
HELD = 0.3
LARGEST = 3
WAY_BACK = 2
"""On the way back the gradients of a node's results and of what it was given are there at once."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bytes, by what they are for. `each` is what one sample of a batch adds, `batch` how many there are."""

    weights: int
    gradients: int
    optimizer: int
    data: int
    each: int
    batch: int
    largest: tuple[str, ...] = ()
    """The nodes that keep most of a batch, the first the largest."""

    @property
    def activations(self) -> int:
        """What a batch takes."""
        return self.each * self.batch

    @property
    def fixed(self) -> int:
        """What there is whatever the batch size; the best weights are kept beside those that train."""
        return 2 * self.weights + self.gradients + self.optimizer + self.data

    @property
    def total(self) -> int:
        """All of it."""
        return self.fixed + self.activations

    def fitting(self, room: float) -> int | None:
        """The largest batch for which there is room, one that makes up the batch when so many times taken;
        None where not even a single sample fits.
        """
        most = int((room - self.fixed) // max(1, self.each))
        return next((one for one in range(min(most, self.batch), 0, -1) if self.batch % one == 0), None)


def forecast(
    project: Project,
    plan: Plan,
    costs: Mapping[str, Cost],
    fields: Mapping[str, Field],
    parts: Mapping[str, int],
    room: float,
) -> Forecast:
    """The forecast for a project with this plan, where so many bytes are free.

    Data that would take more than `HELD` of them are not held.
    """
    options: dict[str, Any] = dict(values_of(TRAINING, project.training.options))
    parameters = sum(cost.parameters for cost in costs.values())
    trained = parameters - sum(cost.frozen for cost in costs.values())
    kept = {step.name: costs[step.name].memory for step in plan.steps if step.name in costs}
    half = options.get("precision") in ("bfloat16", "float16")
    inputs = sum(_bytes(field) for field in fields.values())
    held = inputs * sum(parts.values())
    return Forecast(
        weights=FLOAT * parameters,
        gradients=FLOAT * trained * (2 if int(options.get("accumulate", 1)) > 1 else 1),
        optimizer=int(FLOAT * trained * _remembered(project.training.optimizer)),
        data=held if held <= HELD * room else 0,
        each=(sum(kept.values()) + WAY_BACK * max(kept.values(), default=0)) // (2 if half else 1) + inputs,
        batch=int(options["batch_size"]),
        largest=tuple(sorted(kept, key=lambda name: kept[name], reverse=True)[:LARGEST]),
    )


def of_checked(checked: Checked) -> Forecast | None:
    """The forecast for a project that was checked; None where the data or the memory are not known."""
    if checked.room is None or not checked.fields or not checked.parts:
        return None
    return forecast(checked.project, checked.plan, checked.costs, checked.fields, checked.parts, checked.room)


def _bytes(field: Field) -> int:
    return prod(field.shape) * BYTES.get(field.dtype, FLOAT)


def _remembered(optimizer: Setting) -> float:
    """Numbers that an optimizer keeps for each weight."""
    component = registry().component("optimizer", optimizer.type)
    values: dict[str, Any] = dict(values_of(component.params, optimizer.params) if component else {})
    if optimizer.type == "LBFGS":
        return 2.0 * float(values["history_size"]) + 4.0
    momentum = 1.0 if values.get("momentum") and optimizer.type != "Muon" else 0.0
    return REMEMBERED.get(optimizer.type, 0.0) + momentum + (1.0 if values.get("centered") else 0.0)
