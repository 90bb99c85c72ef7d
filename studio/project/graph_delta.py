"""What two drawings differ in: nodes and wires that only one has, and parameters of nodes that both have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value

Wire = tuple[Endpoint, Endpoint]
Change = tuple[str, Value, Value]
"""A parameter (or "type", "muted"), its value before and after."""


@dataclass(frozen=True, slots=True)
class GraphDelta:
    """By name: what came, what went, and what is another. Where a node lies counts for nothing."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[Change, ...]] = field(default_factory=dict[str, tuple[Change, ...]])
    wires_added: frozenset[Wire] = frozenset()
    wires_removed: frozenset[Wire] = frozenset()

    @property
    def none(self) -> bool:
        """Whether both compute the same."""
        return not (self.added or self.removed or self.changed or self.wires_added or self.wires_removed)


def graph_delta(before: Graph, after: Graph) -> GraphDelta:
    """What has to be done to the one to have the other."""
    old, new = before.nodes, after.nodes
    shared = [name for name in new if name in old]
    changes = {name: _changes(old[name], new[name]) for name in shared}
    wires, now = {_wire(edge) for edge in before.edges}, {_wire(edge) for edge in after.edges}
    return GraphDelta(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=MappingProxyType({name: found for name, found in changes.items() if found}),
        wires_added=frozenset(now - wires),
        wires_removed=frozenset(wires - now),
    )


def joined(before: Graph, after: Graph) -> Graph:
    """Both drawings in one: all that the later one has, and what only the earlier one has."""
    gone = [node for name, node in before.nodes.items() if name not in after.nodes]
    there = {_wire(edge) for edge in after.edges}
    lost = [replace(edge, bends=()) for edge in before.edges if _wire(edge) not in there]
    return Graph({**after.nodes, **{node.name: node for node in gone}}, (*after.edges, *lost))


def _changes(old: Node, new: Node) -> tuple[Change, ...]:
    found: list[Change] = []
    if old.type != new.type:
        found.append(("type", old.type, new.type))
    if old.muted != new.muted:
        found.append(("muted", old.muted, new.muted))
    for name in dict.fromkeys((*old.params, *new.params)):
        if old.params.get(name) != new.params.get(name):
            found.append((name, old.params.get(name), new.params.get(name)))
    return tuple(found)


def _wire(edge: Edge) -> Wire:
    return edge.source, edge.target
