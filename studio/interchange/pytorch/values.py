"""What the arguments within a class are in source code: numbers, formulas, or parameters of its constructor.

A value that was drawn as a formula stays one. A size that was read off a tensor's shape is the formula that
made this size, where one did; else a number where all uses agree, else a parameter of the constructor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from studio.build.plan import Step
from studio.interchange.pytorch.drawn import Candidate, Drawn, Values, constant, same_values
from studio.interchange.pytorch.formula import Formula
from studio.interchange.pytorch.uses import INDEX, Kind, Turns
from studio.project.block import Argument
from studio.project.graph import free_name
from studio.project.params import Value

STARTS = frozenset({"init_gain", "init_std", "init_value", "bias_value"})
"""Numbers among the options of a layer that the text of a class holds."""
PREFERRED = ("in_channels", "in_features", "num_features", "embed_dim", "d_model", "input_size")
"""What a size is best called that several layers take under names of their own."""
Given = Any
"""A value of a drawing, with formulas in the place of some of its parts."""


@dataclass(frozen=True, slots=True)
class Made:
    """How a block's module is made: the arguments of its class for each turn that differs, by name.

    `repeat` is how often, where the module repeats.
    """

    turns: tuple[Mapping[str, Given], ...]
    repeat: Given


class Solved:
    """The values within one class.

    `parameters` are those that its constructor has beside the arguments; `drawn` are the values, drawn or
    default, of those among them that some uses set from outside.
    """

    def __init__(self, kind: Kind, inner: Mapping[str, Solved]) -> None:
        self.kind = kind
        self.parameters: dict[str, Values] = {}
        self.drawn: dict[str, Value] = {}
        self.given: dict[str, dict[str, Given]] = {}
        self.options: dict[str, dict[str, Given]] = {}
        self.made: dict[str, Made] = {}
        self._inner = inner
        self._read: set[str] = set()
        self.formulas = Drawn(kind, {name: one.formulas for name, one in inner.items()})
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
        return self.kind.turns(step)

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
    def sizes(self) -> Iterator[tuple[str, Values]]:
        """The texts of what makes dimensions of tensors, with their values in each use."""
        yield from self.parameters.items()
        for one in self.formulas.all:
            if one.size and INDEX not in one.formula.names:
                yield one.formula.code().text, one.values

    def _value(self, step: Step, name: str) -> Given:
        """What an argument of a layer is."""
        values = self.formulas.values(step, name)
        if name in step.layer.derived:
            return self._found(step, name, values)
        return self._set(step, name, values)

    def _set(self, step: Step, name: str, values: Values) -> Given:
        """What a value is that was drawn, or set by a use of the block from outside."""
        drawn = self.formulas.formula(step, name, values)
        if drawn is not None:
            self._read |= drawn.names
            return drawn.parts or drawn
        node = self.kind.graph.nodes[step.name]
        return self._outside(step, name, values, step.layer.values(node.params).get(name))

    def _outside(self, step: Step, name: str, values: Values, drawn: Value) -> Given:
        """A value that some uses perhaps set from outside, in place of the one that was drawn."""
        if constant(values):
            return values[0]
        for known in self.drawn:
            if known in (name, f"{step.name}_{name}") and same_values(self.parameters[known], values):
                return Formula(known)
        made = self._named(step, name, values)
        self.drawn[made.text] = drawn
        return made

    def _option(self, step: Step, name: str) -> Given:
        """How a module's weights start, for what is no argument of its class."""
        if name not in STARTS:
            return step.options[name]
        return self._set(step, name, [use.steps[step.name].options[name] for use in self.kind.uses])

    def _parameter(self, step: Step, name: str, values: Values) -> Formula:
        """A parameter of the constructor; one that always has the same value is the same parameter."""
        for known, of in self.parameters.items():
            if same_values(of, values) and known not in self.drawn:
                return Formula(known)
        return self._named(step, self._best_name(name, values), values)

    def _named(self, step: Step, name: str, values: Values) -> Formula:
        """A new parameter of the constructor, with a name that is not taken."""
        taken = {one.name for one in self.kind.arguments} | self.parameters.keys() | {INDEX}
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
            if not step.inner and same_values(_alone(self.formulas.values(step, one)), values)
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
        for known, of in self.parameters.items():
            if not fixed and known not in self.drawn and same_values(of, values):
                return Formula(known)
        arguments = [Formula(one.name) for one in self.kind.arguments if not fixed]
        for one in (
            *self.formulas.upstream(step, own),
            *(Candidate(one, self.formulas.computed(one), False) for one in arguments),
            *(one for one in self.formulas.all if one.size or not fixed),
        ):
            if same_values(one.values, values) and INDEX not in one.formula.names:
                self._read |= one.formula.names
                return one.formula
        return None

    def _made(self, step: Step) -> Made:
        """The arguments that a block's class is called with, turn by turn."""
        count = {"one": 1, "shared": 1, "same": 1, "first": 2}.get(self.turns(step), len(step.inner))
        repeat = self._repeat(step)
        return Made(tuple(self._turn(step, turn) for turn in range(count)), repeat)

    def _repeat(self, step: Step) -> Given:
        if self.turns(step) == "one":
            return 1
        repeats = [use.steps[step.name].repeat for use in self.kind.uses]
        return self._set(step, "repeat", repeats)

    def _turn(self, step: Step, turn: int) -> dict[str, Given]:
        kinds = self.kind.inner[step.name]
        inner = self._inner[(kinds[turn] if turn < len(kinds) else kinds[0]).name]
        given: dict[str, Given] = {}
        for name, of in inner.parameters.items():
            values = [of[use.inner[step.name][turn].place] for use in self.kind.uses]
            if name in inner.drawn:
                given[name] = self._outside(step, name, values, inner.drawn[name])
            else:
                given[name] = self._found(step, name, values, own=turn > 0)
        for argument in inner.arguments:
            given[argument.name] = self._set(step, argument.name, self.formulas.values(step, argument.name))
        return given


def _alone(values: Values) -> Values:
    """Tuples of one value as that value."""
    return [one[0] if isinstance(one, tuple) and len(one) == 1 else one for one in values]
