"""A plan as a graph of calls, made once for all checks of a design: what made a tensor, and what reads it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from studio.build.plan import FieldRef, LossStep, OutputStep, Ref, Step
from studio.build.whole import Whole
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.fields import Field
from studio.project.graph import Endpoint

Reader = Step | LossStep | OutputStep

SHARES = frozenset({"Softmax", "LogSoftmax", "Softmin"})
"""Activations that make values depend on each other."""
IN_BETWEEN = frozenset({"Shape", "Regularization"})
"""Families that neither compute nor compare: values only move, or some are dropped."""


class Flow:
    """The calls of a plan. What few checks ask for is worked out when the first one does."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.steps = whole.plan.steps
        self._makers = {step.name: step for step in self.steps}
        self._types: dict[str, list[Step]] = {}
        for step in self.steps:
            self._types.setdefault(step.layer.type, []).append(step)

    @cached_property
    def losses(self) -> tuple[LossStep, ...]:
        """The losses that nothing is wrong with."""
        wrong = {one.node for one in self.whole.problems if one.severity == "error"}
        return tuple(loss for loss in self.whole.plan.losses if loss.name not in wrong)

    def of(self, types: Collection[str]) -> Iterator[Step]:
        """The steps of some types of layers."""
        for type, steps in self._types.items():
            if type in types:
                yield from steps

    def where(self, fits: Callable[[Layer], bool]) -> Iterator[Step]:
        """The steps of the layers that fit."""
        for steps in self._types.values():
            if fits(steps[0].layer):
                yield from steps

    def maker(self, ref: Ref | None) -> Step | None:
        """What made a tensor; None for data, and for what enters a block."""
        return self._makers.get(ref.node) if isinstance(ref, Endpoint) else None

    def before(self, step: Step) -> Step | None:
        """What made the first tensor that a step takes."""
        return self.maker(step.args[0]) if step.args else None

    def back(self, ref: Ref | None, passing: Callable[[Step], bool]) -> Step | None:
        """What made a tensor, steps that are passed left out."""
        step = self.maker(ref)
        while step is not None and len(step.args) == 1 and passing(step):
            step = self.before(step)
        return step

    def reads(self, step: Step) -> tuple[Reader, ...]:
        """What takes the results of a step."""
        return tuple(self._readers.get(step.name, ()))

    @cached_property
    def _readers(self) -> dict[str, list[Reader]]:
        found: dict[str, list[Reader]] = {}
        plan = self.whole.plan
        taken: list[tuple[Reader, tuple[Ref, ...]]] = [(step, step.args) for step in self.steps]
        taken += [(loss, loss.args) for loss in plan.losses]
        taken += [(output, (output.source,)) for output in plan.outputs]
        for reader, refs in taken:
            for ref in refs:
                if isinstance(ref, Endpoint):
                    found.setdefault(ref.node, []).append(reader)
        return found

    def target(self, loss: LossStep) -> Field | None:
        """The field of the data that a loss compares with, as it is."""
        inputs = {Endpoint(step.name, "output"): step.field for step in self.whole.plan.inputs}
        ref = loss.target
        name = ref.field if isinstance(ref, FieldRef) else inputs.get(ref) if ref is not None else None
        return (self.whole.fields or {}).get(name or "")


def doubt(step: Reader, message: str, hint: str, field: str | None, *fixes: Fix) -> Problem:
    """A warning about a design that can be run; the message starts with the node's name."""
    return Problem("warning", f"{step.name}: {message}", hint, step.name, field, fixes)


def nth(number: int) -> str:
    """2nd, 3rd, 4th …, for small numbers."""
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def is_activation(layer: Layer) -> bool:
    """Whether a layer bends every value by itself."""
    return layer.category == "Activation" and layer.type not in SHARES and layer.type != "GLU"


def is_between(step: Step) -> bool:
    """Whether values only move here, or some are dropped."""
    return step.layer.category in IN_BETWEEN


def is_shape(step: Step) -> bool:
    """Whether values only move here."""
    return step.layer.category == "Shape" and step.layer.type != "Cast"
