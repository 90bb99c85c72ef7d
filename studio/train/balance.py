"""Class weights that follow from the data: rare classes count as much as frequent ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from studio.build.plan import FieldRef, LossStep, Plan
from studio.errors import StudioError

BALANCED = "balanced"


def balanced(plan: Plan, training: Mapping[str, Tensor]) -> Plan:
    """The plan with numbers in place of "balanced", from the training part. Raises StudioError."""
    if not any(loss.kwargs.get("class_weights") == BALANCED for loss in plan.losses):
        return plan
    return replace(plan, losses=tuple(_weighted(plan, loss, training) for loss in plan.losses))


def target_field(plan: Plan, loss: LossStep) -> str | None:
    """The field of the data that a loss compares with, None where the drawing computes the target."""
    if loss.target is None or isinstance(loss.target, FieldRef):
        return loss.target.field if loss.target else None
    return next((step.field for step in plan.inputs if step.name == loss.target.node), None)


def _weighted(plan: Plan, loss: LossStep, training: Mapping[str, Tensor]) -> LossStep:
    if loss.kwargs.get("class_weights") != BALANCED:
        return loss
    field = target_field(plan, loss)
    if field is None:
        raise StudioError(
            f"{loss.name}: classes can be balanced only where the target is a field of the data.",
            "Write a weight for each class instead, with commas between.",
        )
    count = int(str(loss.inputs[0].shape[1]))
    if field not in training:
        raise StudioError(
            f"{loss.name}: the classes of {field} come from files one by one and are not counted before.",
            "Write a weight for each class instead, with commas between.",
        )
    labels = training[field].reshape(-1)
    kept = labels[(labels >= 0) & (labels < count) & (labels != loss.kwargs.get("ignore_index"))]
    found = torch.bincount(kept, minlength=count).double()
    weights = torch.where(found > 0, len(kept) / (count * found.clamp(min=1)), 0.0)
    return replace(loss, kwargs={**loss.kwargs, "class_weights": tuple(weights.tolist())})
