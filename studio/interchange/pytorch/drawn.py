"""The formulas drawn within a block, with what they come to in each of its uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from studio.build.plan import Step
from studio.interchange.pytorch.formula import Formula
from studio.interchange.pytorch.uses import Kind
from studio.project.expressions import is_formula
from studio.project.graph import Endpoint
from studio.project.params import Value

FARTHEST = 100
"""So many steps upstream are looked at."""
Values = Sequence[Value]
"""One value for each use of a block."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula with what it comes to in each use; `size` says that it makes a dimension of a tensor."""

    formula: Formula
    values: Values
    size: bool


class Drawn:
    """The formulas within one class, by step, those first that are drawn on the step itself.

    `inner` has the same of the classes that it is made of, by their names.
    """

    def __init__(self, kind: Kind, inner: Mapping[str, Drawn]) -> None:
        self._kind, self._inner = kind, inner
        self._of = {step.name: tuple(self._formulas(step)) for step in kind.plan.steps}
        self.all = [one for candidates in self._of.values() for one in candidates]

    @property
    def lasting(self) -> Iterator[Formula]:
        """The formulas of arguments alone that make a dimension of a tensor."""
        known = {one.name for one in self._kind.arguments}
        return (one.formula for one in self.all if one.size and one.formula.names <= known)

    def values(self, step: Step, name: str) -> list[Value]:
        """An argument of a step in each use."""
        return [use.steps[step.name].kwargs[name] for use in self._kind.uses]

    def formula(self, step: Step, name: str, values: Values) -> Formula | None:
        """The formula that was drawn for a parameter, if it is what all uses have."""
        raw = self._kind.graph.nodes[step.name].params.get(name)
        if not isinstance(raw, str) or not is_formula(raw):
            return None
        formula = Formula(raw.removeprefix("=").strip())
        for one in (formula, formula.whole(), Formula(f"int({formula.text})")):
            if self._stands(one, values):
                return one
        return None

    def _stands(self, formula: Formula, values: Values) -> bool:
        """Whether code may have a formula in the place of values."""
        return all(
            formula.stands(value, use.names) for use, value in zip(self._kind.uses, values, strict=True)
        )

    def computed(self, formula: Formula) -> list[Value]:
        """What a formula comes to in each use, None where it cannot be computed."""
        found: list[Value] = []
        for use in self._kind.uses:
            try:
                found.append(formula.at(use.names))
            except ValueError:
                found.append(None)
        return found

    def upstream(self, step: Step, own: bool) -> list[Candidate]:
        """The sizes of the steps that a step depends on, the nearest first; its own before them."""
        if not self.all:
            return []
        steps = self._kind.uses[0].steps
        found: dict[str, None] = {step.name: None} if own else {}
        waiting = [ref.node for ref in step.args if isinstance(ref, Endpoint)]
        while waiting and len(found) < FARTHEST:
            name = waiting.pop(0)
            if name in steps and name not in found:
                found[name] = None
                waiting += [ref.node for ref in steps[name].args if isinstance(ref, Endpoint)]
        return [one for name in found for one in self._of[name] if one.size]

    def _formulas(self, step: Step) -> Iterator[Candidate]:
        drawn = [self.formula(step, name, self.values(step, name)) for name in step.kwargs]
        for formula in (*(one for one in drawn if one is not None), *self._lifted(step)):
            values = self.computed(formula)
            if self._stands(formula, values):
                yield Candidate(formula, values, self._makes_size(step, values))

    def _makes_size(self, step: Step, values: Values) -> bool:
        """Whether a value is a dimension of what a step gives, in every use."""
        shapes = ([type.shape[1:] for type in use.steps[step.name].outputs] for use in self._kind.uses)
        return all(any(value in shape for shape in of) for value, of in zip(values, shapes, strict=True))

    def _lifted(self, step: Step) -> Iterator[Formula]:
        """The formulas within a block that a step places, in terms of what is known here."""
        if not step.inner:
            return
        put: dict[str, Formula] = {}
        for name in step.kwargs:
            values = self.values(step, name)
            drawn = self.formula(step, name, values)
            if drawn is not None:
                put[name] = drawn
            elif constant(values):
                put[name] = Formula(repr(values[0]))
        for formula in self._inner[self._kind.inner[step.name][0].name].lasting:
            lifted = formula.put(put)
            if formula.names <= put.keys() and lifted.names:
                yield lifted


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal and no truth value is taken for a number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def same_values(some: Values, others: Values) -> bool:
    """Whether values are the same in each use."""
    return all(map(same, some, others))


def constant(values: Values) -> bool:
    """Whether a value is the same in all uses."""
    return all(same(one, values[0]) for one in values)
