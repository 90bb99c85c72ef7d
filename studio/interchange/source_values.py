"""What the arguments within a class are in source code: numbers, formulas, or parameters of its constructor.

A value that was drawn as a formula stays one. A size that was read off a tensor's shape is the formula that
made this size, where one did; else a number where all uses agree, else a parameter of the constructor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from studio.build.plan import Step
from studio.interchange.source_formula import Formula
from studio.interchange.source_uses import INDEX, Kind, Turns, turns_of
from studio.project.block import Argument
from studio.project.expressions import is_formula
from studio.project.graph import Endpoint, free_name
from studio.project.params import Value

STARTS = frozenset({"init_gain", "init_std", "init_value", "bias_value"})
"""Numbers among the options of a layer that the text of a class holds."""
PREFERRED = ("in_channels", "in_features", "num_features", "embed_dim", "d_model", "input_size")
"""What a size is best called that several layers take under names of their own."""
Given = Any
"""A value of a drawing, with formulas in the place of some of its parts."""
Values = Sequence[Value]
"""One value for each use of a block."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula with what it comes to in each use; `size` says that it makes a dimension of a tensor."""

    formula: Formula
    values: Values
    size: bool


@dataclass(frozen=True, slots=True)
class Made:
    """How a block's module is made: the arguments of its class for each turn that differs, by name.

    `repeat` is how often, where the module repeats.
    """

    turns: tuple[Mapping[str, Given], ...]
    repeat: Given


class Solved:
    """The values within one class. `parameters` are those that its constructor needs beside the arguments."""

    def __init__(self, kind: Kind, inner: Mapping[str, Solved]) -> None:
        self.kind = kind
        self.parameters: dict[str, Values] = {}
        self.given: dict[str, dict[str, Given]] = {}
        self.options: dict[str, dict[str, Given]] = {}
        self.made: dict[str, Made] = {}
        self._inner = inner
        self._read: set[str] = set()
        self._candidates = {step.name: list(self._candidates_of(step)) for step in kind.plan.steps}
        for step in kind.plan.steps:
            if step.inner:
                self.made[step.name] = self._made(step)
            else:
                self.given[step.name] = {name: self._value(step, name) for name in step.kwargs}
                self.options[step.name] = {name: self._option(step, name) for name in step.options}

    @property
    def reads_index(self) -> bool:
        """Whether a formula reads the number of the turn."""
        return INDEX in self._read and INDEX not in {one.name for one in self.kind.arguments}

    def turns(self, step: Step) -> Turns:
        """How a step that places a block repeats."""
        return turns_of(step, self.kind.uses[0].inner[step.name])

    def loops(self, step: Step) -> bool:
        """Whether the code runs a block in a loop: for shared weights, and where several tensors go in."""
        if not step.inner or self.turns(step) == "one":
            return False
        single = len(step.layer.inputs) == 1 == len(step.layer.outputs)
        return self.turns(step) == "shared" or not single

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The block's arguments that something reads."""
        return tuple(one for one in self.kind.arguments if one.name in self._read)

    @property
    def sizes(self) -> Iterator[Candidate]:
        """The formulas of arguments alone that make a dimension of a tensor."""
        known = {one.name for one in self.kind.arguments}
        for candidates in self._candidates.values():
            yield from (one for one in candidates if one.size and one.formula.names <= known)

    def _values(self, step: Step, name: str) -> list[Value]:
        return [use.steps[step.name].kwargs[name] for use in self.kind.uses]

    def _drawn(self, step: Step, name: str, values: Values) -> Formula | None:
        """The formula that was drawn, if it is what all uses have."""
        raw = self.kind.graph.nodes[step.name].params.get(name)
        if not isinstance(raw, str) or not is_formula(raw):
            return None
        formula = Formula(raw.removeprefix("=").strip())
        for one in (formula, formula.whole(), Formula(f"int({formula.text})")):
            if self._equal(one, values):
                return one
        return None

    def _equal(self, formula: Formula, values: Values) -> bool:
        return all(same(one, value) for one, value in zip(self._computed(formula), values, strict=True))

    def _computed(self, formula: Formula) -> list[Value]:
        found: list[Value] = []
        for use in self.kind.uses:
            try:
                found.append(formula.at(use.names))
            except ValueError:
                found.append(None)
        return found

    def _value(self, step: Step, name: str) -> Given:
        """What an argument of a layer is."""
        values = self._values(step, name)
        if name in step.layer.derived:
            return self._found(step, name, values)
        return self._set(step, name, values)

    def _set(self, step: Step, name: str, values: Values) -> Given:
        """What a value is that was drawn, or set by a use of the block from outside."""
        drawn = self._drawn(step, name, values)
        if drawn is not None:
            self._read |= drawn.names
            return drawn.parts or drawn
        return values[0] if constant(values) else self._parameter(step, name, values)

    def _option(self, step: Step, name: str) -> Given:
        """How a module's weights start, for what is no argument of its class."""
        if name not in STARTS:
            return step.options[name]
        return self._set(step, name, [use.steps[step.name].options[name] for use in self.kind.uses])

    def _reads(self, formula: Formula) -> Formula:
        self._read |= formula.names
        return formula

    def _parameter(self, step: Step, name: str, values: Values) -> Formula:
        """A parameter of the constructor; one that always has the same value is the same parameter."""
        for known, of in self.parameters.items():
            if same_values(of, values):
                return Formula(known)
        taken = {one.name for one in self.kind.arguments} | self.parameters.keys() | {INDEX}
        name = self._best_name(name, values)
        wanted = name if name not in taken else f"{step.name}_{name}"
        self.parameters[free_name(wanted, taken)] = values
        return Formula(next(reversed(self.parameters)))

    def _best_name(self, name: str, values: Values) -> str:
        """The usual name among those that layers here have for a size."""
        steps = self.kind.plan.steps
        names = {
            one
            for step in steps
            for one in step.layer.derived
            if not step.inner and same_values(_alone(self._values(step, one)), values)
        }
        return next((one for one in PREFERRED if one in names), name)

    def _found(self, step: Step, name: str, values: Values, own: bool = False) -> Given:
        """What a size is that was read off a shape; `own`: perhaps a shape that the step itself made."""
        formula = self._match(step, values, own)
        if formula is not None:
            return formula
        lengths = {len(one) if isinstance(one, tuple) else -1 for one in values}
        if len(lengths) == 1 and -1 not in lengths:
            columns = zip(*cast(Sequence[tuple[Value, ...]], values), strict=True)
            return tuple(self._found(step, name, column, own) for column in columns)
        return values[0] if constant(values) else self._parameter(step, name, values)

    def _match(self, step: Step, values: Values, own: bool) -> Formula | None:
        """The nearest formula upstream that made this size, else any formula here that does."""
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in values):
            return None
        fixed = constant(values)
        places = [step.name, *self._upstream(step)] if own else self._upstream(step)
        near = [one for place in places for one in self._candidates[place] if one.size]
        for known in self.parameters:
            if not fixed and same_values(self.parameters[known], values):
                return Formula(known)
        every = [one for candidates in self._candidates.values() for one in candidates]
        names = [self._candidate(Formula(one.name)) for one in self.kind.arguments if not fixed]
        for one in (*near, *names, *(one for one in every if one.size or not fixed)):
            if same_values(one.values, values) and INDEX not in one.formula.names:
                return self._reads(one.formula)
        return None

    def _upstream(self, step: Step) -> list[str]:
        """The steps that a step depends on, the nearest first."""
        steps = self.kind.uses[0].steps
        found: list[str] = []
        waiting = [ref.node for ref in step.args if isinstance(ref, Endpoint)]
        while waiting:
            name = waiting.pop(0)
            if name in steps and name not in found:
                found.append(name)
                waiting += [ref.node for ref in steps[name].args if isinstance(ref, Endpoint)]
        return found

    def _candidate(self, formula: Formula, size: bool = False) -> Candidate:
        return Candidate(formula, self._computed(formula), size)

    def _candidates_of(self, step: Step) -> Iterator[Candidate]:
        """The formulas of a step, and those within a block that it places."""
        formulas: list[Formula] = []
        for name in step.kwargs:
            drawn = self._drawn(step, name, self._values(step, name))
            if drawn is not None:
                formulas.append(drawn)
        for formula in [*formulas, *self._lifted(step)]:
            candidate = self._candidate(formula)
            yield Candidate(formula, candidate.values, self._makes_size(step, candidate.values))

    def _makes_size(self, step: Step, values: Values) -> bool:
        """Whether a value is a dimension of what a step gives, in every use."""
        shapes = ([type.shape[1:] for type in use.steps[step.name].outputs] for use in self.kind.uses)
        pairs = zip(values, shapes, strict=True)
        return all(any(value in shape for shape in of) for value, of in pairs)

    def _lifted(self, step: Step) -> Iterator[Formula]:
        """The formulas within a block in terms of what is known here."""
        if not step.inner:
            return
        put: dict[str, Formula] = {}
        for name in step.kwargs:
            values = self._values(step, name)
            drawn = self._drawn(step, name, values)
            if drawn is not None:
                put[name] = drawn
            elif constant(values):
                put[name] = Formula(repr(values[0]))
        for one in self._inner_of(step).sizes:
            lifted = one.formula.put(put)
            if one.formula.names <= put.keys() and lifted.names:
                yield lifted

    def _inner_of(self, step: Step) -> Solved:
        return self._inner[self.kind.inner[step.name][0].name]

    def _made(self, step: Step) -> Made:
        """The arguments that a block's class is called with, turn by turn."""
        count = {"one": 1, "shared": 1, "same": 1, "first": 2}.get(self.turns(step), len(step.inner))
        repeat = self._repeat(step)
        return Made(tuple(self._turn(step, turn) for turn in range(count)), repeat)

    def _repeat(self, step: Step) -> Given:
        repeats = [use.steps[step.name].repeat for use in self.kind.uses]
        return self._set(step, "repeat", repeats)

    def _turn(self, step: Step, turn: int) -> dict[str, Given]:
        kinds = self.kind.inner[step.name]
        inner = self._inner[(kinds[turn] if turn < len(kinds) else kinds[0]).name]
        given: dict[str, Given] = {}
        for name, of in inner.parameters.items():
            values = [of[use.inner[step.name][turn].place] for use in self.kind.uses]
            given[name] = self._found(step, name, values, own=turn > 0)
        for argument in inner.arguments:
            given[argument.name] = self._set(step, argument.name, self._values(step, argument.name))
        return given


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal and no truth value is taken for a number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def same_values(some: Values, others: Values) -> bool:
    """Whether values are the same in each use."""
    return all(map(same, some, others))


def _alone(values: Values) -> Values:
    """Tuples of one value as that value."""
    return [one[0] if isinstance(one, tuple) and len(one) == 1 else one for one in values]


def constant(values: Values) -> bool:
    """Whether a value is the same in all uses."""
    return all(same(one, values[0]) for one in values)
