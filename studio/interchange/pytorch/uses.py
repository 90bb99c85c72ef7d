"""The uses of blocks in a plan, and which of them one class in source code can stand for.

Uses of a block whose insides differ in more than values (other layers, other wires) get classes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.build.plan import Plan, Ref, Step
from studio.project.block import Argument, Block, block_name
from studio.project.graph import Graph
from studio.project.params import Value
from studio.project.project import Project

INDEX = "index"
TURNS = ("same", "first")
"""Ways to repeat that one class can stand for."""
WAYS = ("init", "init_mode", "bias_init", "norm", "freeze")
"""Options that the text of a class depends on, beside numbers."""
Turns = Literal["one", "shared", "same", "first", "listed"]
"""How a use of a block repeats: not at all; with one set of weights; with separate weights and the same sizes
every time; the first with other sizes than the rest; or each with sizes of its own."""


@dataclass(eq=False, slots=True)
class Use:
    """One pass through a block, or the main drawing: its plan, and what formulas read in it.

    `inner` are the passes through the blocks within it, by step, and `turns` how these repeat; `place` is its
    number among the uses of its kind.
    """

    plan: Plan
    names: Mapping[str, Value]
    block: str | None = None
    inner: dict[str, tuple[Use, ...]] = field(default_factory=dict)
    turns: dict[str, Turns] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    key: Hashable = None
    place: int = 0


@dataclass(eq=False, slots=True)
class Kind:
    """What becomes one class: a block's graph (None is the main drawing's), and all its uses.

    `results` are the tensors that its forward returns, `ports` the names of the tensors that it takes.
    """

    name: str
    block: str | None
    graph: Graph
    arguments: tuple[Argument, ...]
    doc: str
    ports: tuple[str, ...]
    results: tuple[Ref, ...]
    uses: list[Use] = field(default_factory=list)
    inner: dict[str, tuple[Kind, ...]] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan of the first use: all are alike but for values."""
        return self.uses[0].plan

    def turns(self, step: Step) -> Turns:
        """How a step that places a block repeats: what holds in all uses."""
        first: Turns = self.uses[0].turns[step.name]
        return "first" if any(use.turns[step.name] == "first" for use in self.uses) else first


def use_of(
    plan: Plan,
    names: Mapping[str, Value],
    block: str | None = None,
    apart: Callable[[Step], Hashable] = lambda step: None,
) -> Use:
    """A use with all uses within it; those are of one kind in which all steps are `apart` in nothing."""
    use = Use(plan, names, block, steps={step.name: step for step in plan.steps})
    for step in plan.steps:
        if step.inner:
            name = block_name(step.layer.type)
            use.inner[step.name] = tuple(
                use_of(inner, {INDEX: index, **step.kwargs}, name, apart)
                for index, inner in enumerate(step.inner)
            )
            use.turns[step.name] = _turns_of(step, use.inner[step.name])
    use.key = (block, tuple((_step_key(use, step), apart(step)) for step in plan.steps),
               tuple((output.name, output.source) for output in plan.outputs))  # fmt: skip
    return use


def _step_key(use: Use, step: Step) -> Hashable:
    layer = step.layer
    inner = use.inner.get(step.name, ())
    turns = use.turns.get(step.name, "one")
    keys = tuple(one.key for one in inner) if turns == "listed" else tuple(one.key for one in inner[:1])
    sizes = tuple(map(_sizes, inner)) if turns == "listed" else ()
    called = (layer.type, layer.target, layer.source, layer.joined, layer.returns, layer.outputs)
    options = tuple((name, step.options.get(name)) for name in WAYS)
    return (
        step.name,
        called,
        options,
        step.args,
        step.ports,
        tuple(step.kwargs),
        turns in TURNS or turns,
        keys,
        sizes,
    )


def _turns_of(step: Step, inner: tuple[Use, ...]) -> Turns:
    """How a use of a block repeats."""
    if len(inner) == 1:
        return "one" if step.repeat == 1 else "shared"
    if any(one.key != inner[0].key for one in inner):
        return "listed"
    first, second, *rest = map(_sizes, inner)
    if any(one != second for one in rest):
        return "listed"
    return "same" if first == second else "first"


def _sizes(use: Use) -> Hashable:
    """All that was read off the shapes of tensors, within blocks too."""
    derived = ((step.name, name, step.kwargs[name]) for step in use.plan.steps for name in step.layer.derived)
    return (*derived, *(_sizes(one) for inner in use.inner.values() for one in inner))


def kinds_of(project: Project, top: Use, names: Mapping[str, str], taken: Iterable[str] = ()) -> list[Kind]:
    """A kind for every class, those first that others are made of, without the main drawing's.

    `names` are the names of classes by block; uses that differ too much have them with a number, and none has
    one that is `taken`.
    """
    found: dict[Hashable, Kind] = {}
    _collect(project.blocks, top, _Names(names, taken), found)
    return list(found.values())


class _Names:
    """Names for classes, none of them twice."""

    def __init__(self, names: Mapping[str, str], taken: Iterable[str]) -> None:
        self._names = names
        self._taken = {*names.values(), *taken}
        self._numbers: dict[str, int] = {}

    def next(self, block: str) -> str:
        """The block's name for the first of its classes, then with 2, 3, … as far as that is free."""
        wanted = self._names[block]
        number = self._numbers.get(block, 0) + 1
        while number > 1 and f"{wanted}{number}" in self._taken:
            number += 1
        self._numbers[block] = number
        name = wanted if number == 1 else f"{wanted}{number}"
        self._taken.add(name)
        return name


def _collect(blocks: Mapping[str, Block], use: Use, names: _Names, found: dict[Hashable, Kind]) -> None:
    for step in use.plan.steps:
        for one in use.inner.get(step.name, ()):
            _collect(blocks, one, names, found)
            kind = found.get(one.key)
            if kind is None:
                assert one.block is not None
                name = names.next(one.block)
                kind = found[one.key] = _kind(name, blocks[one.block], one, step)
            one.place = len(kind.uses)
            kind.uses.append(one)
            for inner, uses in one.inner.items():
                kind.inner.setdefault(inner, tuple(found[each.key] for each in uses))


def _kind(name: str, block: Block, use: Use, step: Step) -> Kind:
    sources = {output.name: output.source for output in use.plan.outputs}
    return Kind(
        name,
        use.block,
        block.graph,
        block.arguments,
        block.doc,
        tuple(port.name for port in step.layer.inputs),
        tuple(sources[port.name] for port in step.layer.outputs),
    )


def whole(project: Project, name: str, top: Use, results: Iterable[Ref], found: list[Kind]) -> Kind:
    """The kind that the main drawing is: the project's constants are its arguments."""
    by_key = {use.key: kind for kind in found for use in kind.uses}
    arguments = tuple(Argument(one, value) for one, value in project.constants.items())
    kind = Kind(name, None, project.graph, arguments, "", (), tuple(results), [top])
    kind.inner = {step: tuple(by_key[use.key] for use in uses) for step, uses in top.inner.items()}
    return kind
