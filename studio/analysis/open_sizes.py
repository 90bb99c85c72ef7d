"""Inputs of other sizes than those trained on, where a drawing leaves sizes open: what fits, what is near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.build.plan import Plan
from studio.build.requirements import Requirements, unmet
from studio.build.sizes import Dim, TensorType
from studio.build.trials import requirements_of
from studio.errors import StudioError


@dataclass(frozen=True, slots=True)
class OpenSizes:
    """What a network takes for a field: its type with open sizes, and what is demanded of these."""

    field: str
    type: TensorType
    requirements: Requirements

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether a sample of this shape is meant; raises StudioError where its open sizes do not fit."""
        sizes = self.type.shape[1:]
        known = (one == got for one, got in zip(sizes, shape, strict=False) if not isinstance(one, Dim))
        if len(sizes) != len(shape) or not all(known):
            return False
        told = unmet(self.field, self.type, shape, self.requirements)
        if told:
            raise StudioError(f"{told[0]}.", told[1])
        return True

    def nearest(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The nearest shape that fits."""
        return tuple(
            self._nearest(size, got) if isinstance(size, Dim) else size
            for size, got in zip(self.type.shape[1:], shape, strict=True)
        )

    def _nearest(self, size: Dim, got: int) -> int:
        one = next((self.requirements[name] for name in size.open if name in self.requirements), None)
        if one is None or one.met(got):
            return got
        return min(one.nearest(got), key=lambda fitting: abs(fitting - got))


def open_sizes(plan: Plan) -> Mapping[str, OpenSizes]:
    """By field, what a plan takes whose inputs have open sizes."""
    opened = [step for step in plan.model_inputs if step.type.open]
    requirements = requirements_of(plan) if opened else {}
    return {step.field: OpenSizes(step.field, step.type, requirements) for step in opened}
