"""What a program leaves out of a project's settings, or does otherwise: told before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.build.plan import Plan
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.data.prepare import Prepared
from studio.interchange.program.objective import linear
from studio.project.project import Project
from studio.train.metrics.own_units import OwnUnits


def notes_on(
    project: Project, plan: Plan, prepared: Prepared, units: Mapping[str, OwnUnits]
) -> tuple[str, ...]:
    """Sentences on all that is not as in a run."""
    options = checked_values(TRAINING, project.training.options)[0]
    return (*of_data(prepared), *_of_training(options), *_of_losses(plan, options, units))


def of_data(prepared: Prepared) -> Iterator[str]:
    """What of the data is not as in a run."""
    if prepared.augment:
        steps = dict.fromkeys(step.type for of in prepared.augment.values() for step in of)
        yield f"Random changes in training ({', '.join(steps)}) are left out: its curve is another."
    if prepared.parts["train"].weights is not None:
        yield "The weights of samples are left out: each is seen once in an epoch. Its curve is another."
    if prepared.parts["train"].edges is not None:
        yield "Samples are mixed all together, and not by blocks of the file. Its curve is another."


def _of_training(options: Mapping[str, Any]) -> Iterator[str]:
    if options["seeds"] > 1:
        yield f"It trains once, with the first seed; --seed gives the others of {options['seeds']}."
    if options["processes"] > 1 or options["sharding"] != "none":
        yield "It trains in one process."
    if options["keep_best"] > 1 or options["keep_every"] is not None:
        yield "It keeps the best weights only, and cannot be resumed."


def _of_losses(plan: Plan, options: Mapping[str, Any], units: Mapping[str, OwnUnits]) -> Iterator[str]:
    for loss in plan.losses:
        own = units.get(loss.name)
        if own is not None and own.back is not None and linear(own) is None and loss.metrics:
            yield f"Metrics of {loss.name} are told in the units that the network predicts."
        weighs = loss.kwargs.get("class_weights") or loss.kwargs.get("ignore_index", -100) != -100
        if options["accumulate"] > 1 and weighs:
            yield f"{loss.name}: accumulated batches count by their samples, not by the weights of classes."
