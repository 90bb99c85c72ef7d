"""The forward of a class: variables for tensors, calls in running order, what is returned."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence

from studio.build.plan import Ref, Step
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import WIDTH, signature, statement
from studio.interchange.pytorch.shapes import Shapes
from studio.interchange.pytorch.values import Given, Solved
from studio.project.graph import Endpoint, free_name, name_error

Render = Callable[[Given], Given]
"""Puts code in the place of formulas, as forward can read what the constructor was given."""


class Forward:
    """Writes the forward of one class, whose inputs are variables named as their nodes."""

    def __init__(
        self, solved: Solved, inputs: Sequence[str], steps: Sequence[Step], shapes: Shapes, render: Render
    ) -> None:
        self._solved, self._inputs, self._steps = solved, inputs, steps
        self._shapes, self._render = shapes, render
        self._results = list(solved.kind.results)
        self._taken = {short for step in solved.kind.plan.steps if (short := _called(step)).isidentifier()}
        self.names = self._variables()

    def lines(self, doc: str) -> list[str]:
        """The whole method."""
        returned = _returned(len(self._results))
        given = [f"{self.names[Endpoint(name, 'output')]}: Tensor" for name in self._inputs]
        lines = [*signature("forward", given, returned), *_docstring(doc)]
        last = self._steps[-1] if self._steps and self._ends_in(self._steps[-1]) else None
        for step in self._steps:
            if self._solved.loops(step):
                lines += self._loop(step)
                continue
            start = "return " if step is last else f"{self._target(step)} = "
            lines += statement(8, start, self._expression(step), self._comment(step))
        if last is None:
            lines += statement(8, "return ", ", ".join(self.names[ref] for ref in self._results))
        return lines

    def _ends_in(self, step: Step) -> bool:
        """Whether the last step's one tensor is the one result, so that it needs no name."""
        single = not _pattern(step) and not self._solved.loops(step)
        return single and self._results == [Endpoint(step.name, step.layer.outputs[0].name)]

    def _expression(self, step: Step) -> str:
        inputs = [self.names[ref] for ref in step.args]
        if step.layer.is_module or step.inner:
            given = ", ".join(text.tensors(step.layer, inputs, step.ports))
            return f"self.{attribute(step.name)}({given})"
        kwargs = {name: self._render(value) for name, value in self._solved.given[step.name].items()}
        return text.call(step.layer, kwargs, inputs, step.ports)

    def _loop(self, step: Step) -> list[str]:
        """A block that runs again on its own results."""
        results = [self.names[Endpoint(step.name, port.name)] for port in step.layer.outputs]
        inputs = [self.names[ref] for ref in step.args]
        carried, kept = ", ".join(results), inputs[len(results) :]
        module = f"self.{attribute(step.name)}"
        again = self._solved.turns(step) == "shared"
        one = "_" if again else free_name("block", {*self._taken, *self.names.values()})
        turns = (
            f"range({text.literal(self._render(self._solved.made[step.name].repeat))})" if again else module
        )
        called = f"{module if again else one}({', '.join([*results, *kept])})"
        return [
            *statement(8, f"{carried} = ", ", ".join(inputs[: len(results)])),
            f"        for {one} in {turns}:",
            *statement(12, f"{carried} = ", called, self._comment(step)),
        ]

    def _target(self, step: Step) -> str:
        """What the result is assigned to; parts that nothing uses become `_`."""
        pattern = _pattern(step)
        if not pattern:
            return self.names[Endpoint(step.name, step.layer.outputs[0].name)]
        known = {
            port.name: self.names.get(Endpoint(step.name, port.name), "_") for port in step.layer.outputs
        }
        named = re.sub(r"\w+", lambda match: known.get(match.group(), "_"), pattern)
        return re.sub(r"\((?:_(?:, )?)+\)", "_", named)

    def _variables(self) -> dict[Ref, str]:
        """A name for every tensor that is used: the node's, with the port's behind it for further outputs."""
        used = {ref for step in self._steps for ref in step.args} | set(self._results)
        for step in self._steps:
            if self._solved.loops(step):
                used |= {Endpoint(step.name, port.name) for port in step.layer.outputs}
        names: dict[Ref, str] = {}
        wanted = [(Endpoint(name, "output"), name) for name in self._inputs]
        wanted += [(ref, name) for ref, name in self._wanted() if ref in used]
        for ref, name in wanted:
            names[ref] = free_name(name, self._taken)
            self._taken.add(names[ref])
        return names

    def _wanted(self) -> list[tuple[Endpoint, str]]:
        wanted: list[tuple[Endpoint, str]] = []
        for step in self._steps:
            for index, port in enumerate(step.layer.outputs):
                piece = re.fullmatch(r"output(\d+)", port.name)
                behind = f"{step.name}_{piece[1] if piece else port.name}"
                wanted.append((Endpoint(step.name, port.name), behind if index or piece else step.name))
        return wanted

    def _comment(self, step: Step) -> str:
        """The shapes of the results that are used."""
        used = [
            at for at, port in enumerate(step.layer.outputs) if Endpoint(step.name, port.name) in self.names
        ]
        shapes = [self._shapes.output(step.name, at) for at in used]
        return " and ".join(shapes) if all(shapes) else ""


def attribute(node: str) -> str:
    """The attribute's name, which is the node's as long as that is a valid one."""
    return node if name_error(node) is None else free_name(node, ())


def _pattern(step: Step) -> str:
    """What a result that is not one tensor is assigned to, in the names of ports."""
    ports = [port.name for port in step.layer.outputs]
    return step.layer.returns or (", ".join(ports) if len(ports) > 1 else "")


def _called(step: Step) -> str:
    """The function or class that code names for a step, "" where it has an expression instead."""
    plain = step.layer.joined or step.layer.source
    return "" if plain else text.short(step.layer.target or "")


def _docstring(doc: str) -> list[str]:
    """What forward does, on one line where it fits; else what is told of each tensor stands below."""
    pad = " " * 8
    if len(doc) + len(pad) + 6 <= WIDTH:
        return [f'{pad}"""{doc}"""']
    first, _, rest = doc.partition("; ")
    wrapped = textwrap.wrap(f"Here {rest}", WIDTH, initial_indent=pad, subsequent_indent=pad)
    return [f'{pad}"""{first}.', "", *wrapped, f'{pad}"""']


def _returned(results: int) -> str:
    return "Tensor" if results == 1 else f"tuple[{', '.join(['Tensor'] * results)}]"
