"""The answers of all nodes of a drawing put together to its plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from studio.build.plan import InputStep, LossStep, OutputStep, Plan, Step
from studio.project.block import port_order
from studio.project.graph import Endpoint, Graph

if TYPE_CHECKING:
    from studio.build.evaluation import Answer

Port = TypeVar("Port", InputStep, OutputStep)


def plan_of(
    graph: Graph, answers: Mapping[str, Answer], used: frozenset[str], order: tuple[str, ...]
) -> Plan:
    """What could be planned of the nodes that are used, in the order in which they run; the network's inputs
    and results in that of their places.
    """
    made = [answers[name].made for name in order if name in answers and name in used]
    steps = tuple(one for one in made if isinstance(one, Step))
    losses = tuple(one for one in made if isinstance(one, LossStep))
    outputs = _in_place(graph, (one for one in made if isinstance(one, OutputStep)))
    inputs = tuple(one for one in made if isinstance(one, InputStep))
    read = {ref.node for step in steps for ref in step.args if isinstance(ref, Endpoint)}
    read |= {ref.node for ref in (*(o.source for o in outputs), *(loss.prediction for loss in losses))
             if isinstance(ref, Endpoint)}  # fmt: skip
    model_inputs = _in_place(graph, (step for step in inputs if step.name in read))
    return Plan(inputs, steps, losses, outputs, model_inputs)


def _in_place(graph: Graph, found: Iterable[Port]) -> tuple[Port, ...]:
    return tuple(sorted(found, key=lambda step: port_order(graph.nodes[step.name])))
