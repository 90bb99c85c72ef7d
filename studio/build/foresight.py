"""What would come of wires that are not there yet, and of layers not placed yet: each is one node looked at
with what would arrive at it, in a drawing that has been checked.

torch is imported with the first question, not with this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.build.plan import Checked, Ref, TensorType
from studio.build.scope import Scope
from studio.catalog.registry import Registry
from studio.project.edits import name_for
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node, free_name

if TYPE_CHECKING:
    from studio.build.evaluation import Answer
    from studio.build.uses import Uses
    from studio.build.walk import Walk

Arriving = tuple[str, tuple[Edge, ...]]
"""A node and all wires that would arrive at it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A checked drawing in which questions are asked.

    `graph` is the one that is looked at and `known` what the check says of it; `fields` are those of the
    data. `catalog` holds the project's own blocks as well.
    """

    graph: Graph
    known: Checked
    scope: Scope
    fields: Mapping[str, Field] | None
    catalog: Registry


@dataclass(frozen=True, slots=True)
class Joined:
    """Would these nodes work with these wires? The first is the one whose result is told."""

    nodes: tuple[Arriving, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Would a new node of a type work, wired to `end`: an output (`side` "out") or an input?

    `beside` are the other wires that arrive at that input's node.
    """

    type: str
    end: Endpoint
    side: str
    beside: tuple[Edge, ...] = ()


Question = Joined | Placed


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`refusal` says in the checker's words why it would not work; empty where it would, or nobody knows.

    `result` is the type that would come out, `missing` the ports that something must arrive at first.
    """

    refusal: str = ""
    hint: str = ""
    result: TensorType | None = None
    missing: tuple[str, ...] = ()


UNKNOWN = Foreseen()


@dataclass(slots=True)
class Foresight:
    """Answers questions; what those about one drawing share is worked out once. For one thread at a time."""

    _basis: Basis | None = None
    _walk: Walk | None = None
    _uses: Uses | None = None
    _sound: dict[str, frozenset[str]] = field(default_factory=dict)

    def answers(self, basis: Basis, questions: Sequence[Question]) -> Iterator[Foreseen]:
        """The answers in the order of the questions, each worked out when it is asked for."""
        if basis is not self._basis or self._walk is None:
            self._walk = self._walked(basis)
            self._basis, self._sound = basis, {}
        new = [one.type for one in questions if isinstance(one, Placed)]
        names = self._with_nodes(self._walk, new) if new else {}
        for one in questions:
            if isinstance(one, Joined):
                yield self._joined(self._walk, one.nodes)
            else:
                yield self._placed(names[one.type], one)

    def _walked(self, basis: Basis) -> Walk:
        from studio.build.uses import Uses
        from studio.build.walk import Memory, Walk

        self._uses = self._uses or Uses()
        self._uses.begin(basis.known.project.blocks, basis.catalog)
        walk = Walk(basis.graph, basis.catalog, basis.fields, Memory(), basis.scope, self._uses)
        walk.recall(basis.known.types, _origins(basis))
        return walk

    def _with_nodes(self, walk: Walk, types: Sequence[str]) -> dict[str, str]:
        """Put a node of each type into the drawing that is walked; their names by type."""
        assert self._basis is not None
        taken = set(self._basis.graph.nodes)
        names: dict[str, str] = {}
        for type in types:
            names[type] = free_name(name_for(type), taken)
            taken.add(names[type])
        walk.graph = self._basis.graph.with_nodes(*(Node(name, type) for type, name in names.items()))
        for name in names.values():
            walk.forget(name)
            self._sound.pop(name, None)
        return names

    def _joined(self, walk: Walk, nodes: Sequence[Arriving]) -> Foreseen:
        """The answer for the first node, or the first refusal of any."""
        told = [self._looked_at(walk, name, wires) for name, wires in nodes]
        return next((one for one in told if one.refusal), told[0] if told else UNKNOWN)

    def _placed(self, name: str, asked: Placed) -> Foreseen:
        assert self._walk is not None
        assert self._basis is not None
        walk, layer = self._walk, self._basis.catalog.layer_of(self._walk.graph.nodes[name])
        if layer is None:
            return UNKNOWN
        if asked.side == "out":
            port = next(iter(layer.inputs), None)
            wires = (Edge(asked.end, Endpoint(name, port.name)),) if port else ()
            return self._looked_at(walk, name, wires)
        own = self._looked_at(walk, name, ())
        if own.result is None or not layer.outputs:
            return UNKNOWN
        source = Endpoint(name, layer.outputs[0].name)
        walk.recall({source: own.result}, {})
        return self._looked_at(walk, asked.end.node, (*asked.beside, Edge(source, asked.end)))

    def _looked_at(self, walk: Walk, name: str, wires: tuple[Edge, ...]) -> Foreseen:
        if name not in walk.graph.nodes:
            return UNKNOWN
        if walk.graph.nodes[name].muted:
            return Foreseen(result=walk.types.get(wires[0].source) if wires else None)
        answer = walk.foresee(name, wires)
        bad = [one for one in answer.problems if one.severity == "error"]
        bad += [told.problem for told in answer.told if told.problem.severity == "error"]
        if bad and wires:
            sound = self._without_wires(walk, name)
            bad = [one for one in bad if one.message not in sound]
        if bad and wires:
            inside = f"{name}: inside of it, " if bad[0].path else ""
            return Foreseen(inside + bad[0].message, bad[0].hint)
        return Foreseen(result=next(iter(answer.outputs), None), missing=answer.missing)

    def _without_wires(self, walk: Walk, name: str) -> frozenset[str]:
        """What is wrong with a node whatever arrives at it."""
        if name not in self._sound:
            self._sound[name] = _said(walk.foresee(name, ()))
        return self._sound[name]


def _said(answer: Answer) -> frozenset[str]:
    told = (one.problem for one in answer.told)
    return frozenset(one.message for one in (*answer.problems, *told))


def _origins(basis: Basis) -> dict[Ref, Field]:
    """The fields of the data that the main drawing's Inputs give as they are."""
    if basis.scope.bound is not None or not basis.fields:
        return {}
    found: dict[Ref, Field] = {}
    for name, node in basis.graph.nodes.items():
        layer = basis.catalog.layer_of(node) if node.type == "Input" else None
        field = basis.fields.get(str(layer.values(node.params)["field"])) if layer else None
        if field is not None:
            found[Endpoint(name, "output")] = field
    return found
