"""Values of the data that would spoil training without a word, or stop it with an obscure one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from studio.build.plan import LossStep, Plan
from studio.data.prepare import Prepared
from studio.train.balance import target_field
from studio.train.failures import TrainingError


def check_values(plan: Plan, prepared: Prepared, fields: Sequence[str]) -> None:
    """Look the fields over that a step of training takes. Raises TrainingError."""
    for name, part in prepared.parts.items():
        for key in fields:
            tensor = part.tensors.get(key)
            if tensor is None:  # it comes batch by batch; the loss tells
                continue
            if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
                bad = ~tensor.isfinite().reshape(len(tensor), -1).all(1)
                row = int(part.rows[int(bad.nonzero()[0])])
                message = (
                    f"The field {key} holds values that are no numbers, first in sample {row} ({name} part)."
                )
                raise TrainingError(message, "Replace or leave out these samples.")
        for loss in plan.losses:
            _check_classes(loss, plan, part.tensors, part.rows, name)
    for loss in plan.losses:
        _check_several(loss, plan, prepared)


def _check_classes(loss: LossStep, plan: Plan, tensors: Mapping[str, Tensor], rows: Any, part: str) -> None:  # noqa: ANN401
    field = target_field(plan, loss)
    if field is None or loss.layer.compares != "classes" or not len(rows):
        return
    if field not in tensors:
        return
    classes, labels = loss.inputs[0].shape[1], tensors[field]
    wrong = (labels < 0) | (labels >= int(str(classes)))
    wrong &= labels != loss.kwargs.get("ignore_index", -100)
    if bool(wrong.any()):
        at = int(wrong.reshape(len(labels), -1).any(1).nonzero()[0])
        message = (
            f"{loss.name}: the field {field} has the class {int(labels[wrong][0])} in sample {int(rows[at])} "
            f"({part} part), and the prediction has places for the classes 0 to {int(str(classes)) - 1}."
        )
        raise TrainingError(
            message, "Make the last layer as wide as there are classes, or correct the labels.", loss.name
        )


def _check_several(loss: LossStep, plan: Plan, prepared: Prepared) -> None:
    """Where all samples of the training part are of one class, a network is soon right and has learned
    nothing.
    """
    field = target_field(plan, loss)
    labels = prepared.parts["train"].tensors.get(field or "") if loss.layer.compares == "classes" else None
    if labels is None or len(labels) < 2 or not bool((labels == labels.flatten()[0]).all()):
        return
    at, classes = int(labels.flatten()[0]), prepared.fields[str(field)].classes or ()
    value = f", {classes[at]}" if 0 <= at < len(classes) else ""
    raise TrainingError(
        f"{loss.name}: all {len(labels):,} samples of the training part are of one class of {field}{value}.",
        "There is nothing to learn: choose another target, bring other samples, or split in another way.",
        loss.name,
    )
