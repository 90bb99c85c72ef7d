"""The plan: a drawing in the order in which it runs, with every argument and type known. Plain values, no
torch.

`ordering.py` makes it; Network, PyTorch source, summary and checks each walk the same Plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.build.sizes import Dim as Dim
from studio.build.sizes import Requirement, TensorType
from studio.build.sizes import Size as Size
from studio.build.told import lifted
from studio.catalog.registry import Layer
from studio.errors import Problem
from studio.project.block import inside
from studio.project.fields import Field
from studio.project.graph import Endpoint
from studio.project.params import Value
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A tensor that comes from the data: a field by name."""

    field: str


Ref = Endpoint | FieldRef
"""Where a tensor comes from: an output port of a step (index 0), or a field of the data."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call: `layer.target` with `kwargs` (module: constructor; function: keywords) on the tensors `args`.

    `args` are in the order of the layer's input ports; a variadic port adds one Ref per edge, and `ports`
    names the port of each. `inputs` and `outputs` are the types, `outputs` in the order of the layer's output
    ports.

    `options` are those of the node that apply: they do not go to the target.

    A block's step has plans of its own in `inner`: one, or with separate weights one for each of its `repeat`
    turns. References within an inner plan are local to it; its InputSteps have the port's name as field.
    """

    name: str
    layer: Layer
    kwargs: Mapping[str, Any]
    args: tuple[Ref, ...]
    ports: tuple[str, ...]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    inner: tuple[Plan, ...] = ()
    repeat: int = 1
    options: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InputStep:
    """An Input node: which field it takes, and its type."""

    name: str
    field: str
    type: TensorType


@dataclass(frozen=True, slots=True)
class LossStep:
    """A loss node: the tensors it compares, its weight in the sum, and the metrics it reports.

    `args`, `ports` and `inputs` are as those of a Step; the first is the prediction.
    """

    name: str
    layer: Layer
    kwargs: Mapping[str, Any]
    args: tuple[Ref, ...]
    ports: tuple[str, ...]
    inputs: tuple[TensorType, ...]
    weight: float
    metrics: tuple[str, ...]

    @property
    def prediction(self) -> Ref:
        """What the network says."""
        return self.args[0]

    @property
    def target(self) -> Ref | None:
        """What is true; None where the loss compares results of the network with each other."""
        return next((ref for ref, port in zip(self.args, self.ports, strict=True) if port == "target"), None)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the data that it takes without a node in between."""
        return tuple(ref.field for ref in self.args if isinstance(ref, FieldRef))

    def type_at(self, port: str) -> TensorType | None:
        """The type of the tensor at a port, None where none arrives."""
        return next((type for type, at in zip(self.inputs, self.ports, strict=True) if at == port), None)


@dataclass(frozen=True, slots=True)
class OutputStep:
    """An Output node: a named result."""

    name: str
    source: Ref
    type: TensorType


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs, in order. Where there are errors it holds what could be planned all the same.

    `inputs` are all planned Input nodes; `model_inputs` those the steps or outputs really use (a label that
    only a loss compares with is none), by place, then by name: they are the network's arguments.
    """

    inputs: tuple[InputStep, ...] = ()
    steps: tuple[Step, ...] = ()
    losses: tuple[LossStep, ...] = ()
    outputs: tuple[OutputStep, ...] = ()
    model_inputs: tuple[InputStep, ...] = ()

    @property
    def results(self) -> Mapping[str, Ref]:
        """What the network returns, by name: every Output; where there is none, each loss's prediction."""
        if self.outputs:
            return {output.name: output.source for output in self.outputs}
        return {loss.name: loss.prediction for loss in self.losses}

    def every_step(self) -> Iterator[Step]:
        """All steps, and those inside of blocks; repeats that are alike once."""
        seen: set[int] = set()
        waiting: list[Plan] = [self]
        for plan in waiting:
            for step in plan.steps:
                yield step
                new = [inner for inner in step.inner if id(inner) not in seen]
                seen.update(map(id, new))
                waiting.extend(new)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a node costs: parameters (of which `frozen` do not train), multiply-adds and activation bytes for
    one sample.
    """

    parameters: int = 0
    multiply_adds: int = 0
    memory: int = 0
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer of a check of one project value. `types` has every output endpoint whose type is known.

    `steps` has every step that could be made, by node; the plan lacks those that no loss or output needs.
    `requirements` say, for each size that the data leaves open, what the drawing demands of it.
    `inner` has the inside of every use of a block, by node, one for each repeat with weights of its own;
    `block` is the block that this is the inside of, None for a project's main drawing. `fields` are those of
    the data that it was checked with, None where they were not known; `parts` the numbers of samples of each
    part, and `room` the bytes of memory that a training may take, where known.
    """

    project: Project
    plan: Plan = field(default_factory=Plan)
    problems: tuple[Problem, ...] = ()
    types: Mapping[Endpoint, TensorType] = field(default_factory=dict)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    inner: Mapping[str, tuple[Checked, ...]] = field(default_factory=dict)
    block: str | None = None
    fields: Mapping[str, Field] | None = None
    parts: Mapping[str, int] = field(default_factory=dict)
    room: float | None = None

    def inside(self, path: tuple[str, ...]) -> Checked:
        """What is known inside of one use of a block: `path` are the block nodes that lead to it.

        "layer1.2" is the third repeat of layer1, "layer1" the first. Problems have their path and repairs as
        those of the project have. Empty where there is no such use, or it was not looked into.
        """
        found, outer = self, list[tuple[str, str]]()
        for part in path:
            name, _, turn = part.partition(".")
            turns = found.inner.get(name, ())
            number = int(turn) if turn.isdecimal() else 0
            if number >= len(turns):
                return Checked(self.project)
            found = turns[number]
            outer.append((name, found.block or ""))
        problems = found.problems
        for name, block in reversed(outer):
            problems = tuple(lifted(one, name, block) for one in problems)
        return replace(found, project=inside(self.project, found.block), problems=problems)

    def first_uses(self) -> dict[str, tuple[str, ...]]:
        """Every block that is used, with the block nodes that lead to its first use (that one included)."""
        waiting: list[tuple[tuple[str, ...], Checked]] = [((), self)]
        found: dict[str, tuple[str, ...]] = {}
        for path, here in waiting:
            for name, turns in here.inner.items():
                block = turns[0].block
                if block is not None and block not in found:
                    found[block] = (*path, name)
                    waiting.append(((*path, name), turns[0]))
        return found

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the network from being built."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def total(self) -> Cost:
        """The cost of the whole network for one sample."""
        costs = tuple(self.costs.values())
        return Cost(
            sum(cost.parameters for cost in costs),
            sum(cost.multiply_adds for cost in costs),
            sum(cost.memory for cost in costs),
            sum(cost.frozen for cost in costs),
        )
