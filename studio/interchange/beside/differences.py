"""What will not be the same in both frameworks, in words, before anything starts."""

from __future__ import annotations

from collections.abc import Iterator

from studio.build.check import Checker
from studio.build.plan import Checked, Plan
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.interchange.beside import losses
from studio.interchange.beside.comparable import comparable
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.optimizers import twin_of
from studio.project.project import Project

ADDED = ("RNN", "LSTM", "RNNCell", "LSTMCell")
"""Recurrent layers that have one bias in Keras, and two in torch that are added up."""


def differences(checked: Checked, epochs: int | None = None) -> tuple[str, ...]:
    """All that is left out or only near. Raises StudioError where there can be no comparison."""
    project, notes = comparable(checked.project, epochs)
    plan = Checker().check(project, checked.fields).plan
    return tuple(dict.fromkeys((*notes, *of_training(project, plan))))


def of_training(project: Project, plan: Plan) -> tuple[str, ...]:
    """What is only near in a project that is comparable already. Raises StudioError where nothing is."""
    _refuse(plan)
    twin = twin_of(project.training.optimizer)
    return (*(str(one) for one in missing_twins(plan)), *twin.notes, *_noted(project, plan))


def _noted(project: Project, plan: Plan) -> Iterator[str]:
    if project.training.schedule.type == "Plateau":
        yield "The rate of both follows PyTorch's validation loss."
    steps = list(plan.every_step())
    added = [
        step.name for step in steps if step.layer.type in ADDED and step.kwargs.get("bias", True) is not False
    ]
    if added:
        told = "torch trains two biases and adds them up, Keras one: it moves half as fast"
        yield f"{', '.join(added[:3])}: {told}, and the curves part slowly."
    if values_of(TRAINING, project.training.options)["memory_format"] == "channels_last":
        yield "memory_format is PyTorch's own: TensorFlow lays images out with channels last by itself."


def _refuse(plan: Plan) -> None:
    if not plan.losses:
        message = "The drawing has no loss, so there is nothing to train."
        raise StudioError(message, "Add a loss, such as CrossEntropy, and wire the prediction to it.")
    for one in missing_twins(plan):
        if not one.said:
            raise StudioError(f"{one.node}: Keras has no {one.type}.", one.nearest)
    for loss in plan.losses:
        if not losses.knows(loss.layer.type):
            known = "CrossEntropy, NLL, BCEWithLogits, MSE, L1, Huber"
            raise StudioError(
                f"{loss.name}: the loss {loss.layer.type} is not there in Keras.",
                f"Compare with a loss that both have: {known}, …",
            )
