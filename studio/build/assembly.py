"""The answers of all nodes of a drawing put together to its plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from studio.build.plan import InputStep, LossStep, OutputStep, Plan, Step
from studio.project.graph import Endpoint

if TYPE_CHECKING:
    from studio.build.evaluation import Answer


def plan_of(answers: Mapping[str, Answer], used: frozenset[str], order: tuple[str, ...]) -> Plan:
    """What could be planned of the nodes that are used, in the order in which they run."""
    made = [answers[name].made for name in order if name in answers and name in used]
    steps = tuple(one for one in made if isinstance(one, Step))
    losses = tuple(one for one in made if isinstance(one, LossStep))
    outputs = tuple(one for one in made if isinstance(one, OutputStep))
    inputs = tuple(one for one in made if isinstance(one, InputStep))
    read = {ref.node for step in steps for ref in step.args if isinstance(ref, Endpoint)}
    read |= {ref.node for ref in (*(o.source for o in outputs), *(loss.prediction for loss in losses))
             if isinstance(ref, Endpoint)}  # fmt: skip
    model_inputs = sorted((step for step in inputs if step.name in read), key=lambda step: step.name)
    return Plan(inputs, steps, losses, outputs, tuple(model_inputs))
