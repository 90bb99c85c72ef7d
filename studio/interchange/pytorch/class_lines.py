"""One class of source code: its constructor, whose modules are named as the nodes, and its forward."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import cast

from studio.build.plan import Step
from studio.build.program import needed_steps
from studio.interchange.pytorch import text
from studio.interchange.pytorch.drawn import Values, same
from studio.interchange.pytorch.formula import Formula
from studio.interchange.pytorch.forward import Forward, attribute
from studio.interchange.pytorch.lines import WIDTH, signature
from studio.interchange.pytorch.shapes import Shapes
from studio.interchange.pytorch.uses import INDEX, Kind
from studio.interchange.pytorch.values import Given, Solved
from studio.interchange.pytorch.weights import module_lines
from studio.project.block import Argument
from studio.project.expressions import is_formula
from studio.project.graph import name_error
from studio.project.params import Value


def class_lines(solved: Solved, inner: Mapping[str, Solved], doc: str, verb: str) -> list[str]:
    """The lines of a class; `inner` are the classes that it is made of, by name."""
    kind = solved.kind
    inputs = kind.ports or tuple(step.name for step in kind.plan.model_inputs)
    shapes = Shapes(kind, solved, inputs)
    steps = needed_steps(kind.plan, kind.results)
    stored = Stored(solved)
    method = Forward(solved, inputs, steps, shapes, stored.render)
    forward = method.lines(f"Run the {verb}{_shapes_of(kind, inputs, shapes)}.")
    lines = [f"class {kind.name}(nn.Module):", *docstring(doc), ""]
    lines += [*signature("__init__", constructor_parameters(solved), "None"), "        super().__init__()"]
    lines += [f"        self.{stored.attribute(name)} = {name}" for name in stored.used]
    for step in kind.plan.steps:
        made = _made(solved, inner, step)
        if made:
            lines += module_lines(
                8, f"self.{attribute(step.name)}", made, step, _codes(solved.options.get(step.name, {}))
            )
    return [*lines, "", *forward]


class Stored:
    """What the constructor was given and forward reads, kept as attributes."""

    def __init__(self, solved: Solved) -> None:
        self.used: list[str] = []
        first = {name: values[0] for name, values in solved.parameters.items()}
        self._example = {**solved.kind.uses[0].names, **first}
        self._nodes = {step.name for step in solved.kind.plan.steps if step.inner or step.layer.is_module}

    def attribute(self, name: str) -> str:
        """The attribute that keeps a parameter."""
        return name if name not in self._nodes and name_error(name) is None else f"_{name}"

    def render(self, value: Given) -> Given:
        """A value with code for its formulas, read from the attributes."""
        if isinstance(value, tuple):
            return tuple(map(self.render, cast(tuple[Given, ...], value)))
        if not isinstance(value, Formula):
            return value
        self.used += sorted(value.names - set(self.used))
        several = isinstance(value.at(self._example), tuple)
        return value.code({name: f"self.{self.attribute(name)}" for name in value.names}, several)


def as_code(value: Given) -> Given:
    """A value with code for its formulas, as the constructor reads them."""
    if isinstance(value, tuple):
        return tuple(map(as_code, cast(tuple[Given, ...], value)))
    return value.code() if isinstance(value, Formula) else value


def _codes(values: Mapping[str, Given]) -> dict[str, Given]:
    return {name: as_code(value) for name, value in values.items()}


def _made(solved: Solved, inner: Mapping[str, Solved], step: Step) -> str:
    """The expression that makes a step's module, "" where it is a function."""
    if step.inner:
        return _repeated(solved, inner, step)
    if not step.layer.is_module:
        return ""
    return text.constructor(step.layer, _codes(solved.given[step.name]))


def _repeated(solved: Solved, inner: Mapping[str, Solved], step: Step) -> str:
    """A block's module, or the list of those of all its turns."""
    kinds = solved.kind.inner[step.name]
    made = solved.made[step.name]
    way = solved.turns(step)
    variable = "turn" if solved.reads_index else INDEX

    def call(turn: int, index: str) -> str:
        return _called(inner[kinds[turn if turn < len(kinds) else 0].name], made.turns[turn], index)

    if way in ("one", "shared"):
        return call(0, "0")
    counted = inner[kinds[0].name].reads_index
    if way == "same":
        turns = f"range({text.literal(as_code(made.repeat))})"
        items = f"[{call(0, variable)} for {variable if counted else '_'} in {turns}]"
    elif way == "first" and made.repeat != 2:
        rest = _rest(made.repeat, counted)
        items = f"[{call(0, '0')}, *[{call(1, variable)} for {variable if counted else '_'} in {rest}]]"
    else:
        items = f"[{', '.join(call(turn, str(turn)) for turn in range(len(made.turns)))}]"
    if solved.loops(step):
        return f"nn.ModuleList({items})"
    plain = items[1:-1] if way != "same" else f"*{items}"
    return f"nn.Sequential({plain})"


def _rest(repeat: Given, counted: bool) -> str:
    """The turns after the first."""
    if counted:
        return f"range(1, {text.literal(as_code(repeat))})"
    less = repeat.less_one().code() if isinstance(repeat, Formula) else repeat - 1
    return f"range({text.literal(less)})"


def _called(inner: Solved, given: Mapping[str, Given], index: str) -> str:
    """The call of a block's class."""
    return f"{inner.kind.name}({', '.join(called_arguments(inner, given, index))})"


def called_arguments(inner: Solved, given: Mapping[str, Given], index: str) -> list[str]:
    """The arguments of a block's class or function, without what is the argument's default."""
    parts = [text.literal(as_code(given[name])) for name in inner.parameters if name not in inner.drawn]
    if inner.reads_index:
        parts.append(f"{INDEX}={index}")
    parts += [
        f"{one.name}={text.literal(as_code(given[one.name]))}"
        for one in inner.arguments
        if _required(one) or not _is(given[one.name], one.default)
    ]
    parts += [
        f"{name}={text.literal(as_code(given[name]))}"
        for name, default in inner.drawn.items()
        if not _is(given[name], default)
    ]
    return parts


def _is(given: Given, default: Value) -> bool:
    """Whether what is given is the default, so that it need not be."""
    return not isinstance(given, Formula) and same(given, default)


def _required(argument: Argument) -> bool:
    return is_formula(argument.default)


def constructor_parameters(solved: Solved) -> list[str]:
    """The constructor's parameters, those without a default first."""
    drawn, uses = solved.drawn, solved.kind.uses
    annotations = {name: _annotation(values) for name, values in solved.parameters.items()}
    needed = [f"{name}: {annotation}" for name, annotation in annotations.items() if name not in drawn]
    if solved.reads_index:
        needed.append(f"{INDEX}: int")
    free: list[str] = []
    for one in solved.arguments:
        annotation = _annotation([use.names[one.name] for use in uses])
        if _required(one):
            needed.append(f"{one.name}: {annotation}")
        else:
            free.append(f"{one.name}: {_annotation([one.default])} = {text.literal(one.default)}")
    free += [f"{name}: {annotations[name]} = {text.literal(default)}" for name, default in drawn.items()]
    return [*needed, *free]


def _annotation(values: Values) -> str:
    """The type of all these values."""
    return " | ".join(dict.fromkeys(sorted(map(_type, values), key="None".__eq__)))


def _type(value: Value) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"tuple[{_annotation(value) or 'int'}, ...]"
    return type(value).__name__


def _shapes_of(kind: Kind, inputs: Sequence[str], shapes: Shapes) -> str:
    """What is known of the inputs, for a docstring."""
    told = [f"{attribute(name)} is {text}" for name in inputs if (text := shapes.input(name))]
    if not inputs:
        return "; it has no inputs"
    return f"; {', '.join(told)}" if told else ""


def docstring(doc: str) -> list[str]:
    """A docstring on one line where it fits, else on several."""
    plain = " ".join("".join(c for c in doc if c.isprintable() or c.isspace()).split())
    plain = plain.replace("\\", "/").replace('"', "'")
    if len(plain) <= WIDTH - 10:
        return [f'    """{plain}"""']
    return [
        *textwrap.wrap(f'"""{plain}', WIDTH - 4, initial_indent=" " * 4, subsequent_indent=" " * 4),
        '    """',
    ]
