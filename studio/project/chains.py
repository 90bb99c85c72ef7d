"""Nodes that follow each other: taken out of their wires, with their neighbours joined again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from studio.project import bends, edits
from studio.project.graph import Edge, Graph, Position
from studio.project.project import Project

Inputs = Callable[[str], Sequence[str]]
"""The input ports of a node, in order."""


def pulled_out(project: Project, names: Iterable[str], inputs: Inputs) -> Project:
    """Take nodes out of their wires; the wires among them stay.

    What came to their first input goes to all that they fed; where nothing came, nothing goes there.
    """
    gone, graph = frozenset(names), project.graph
    out = [edge for name in gone for edge in graph.outgoing(name) if edge.target.node not in gone]
    joined: dict[Edge, Edge] = {}
    for edge in out:
        into = entrance(graph, edge.source.node, gone, inputs)
        if into is not None:
            way = bends.joined(into.bends, edge.bends)
            joined[edge] = replace(edge, source=into.source, bends=way)
    rewired = project.with_graph(graph.without_edges(*joined).with_edges(*joined.values()))
    lost = [edge for edge in out if edge not in joined]
    lost += [edge for name in gone for edge in graph.incoming(name) if edge.source.node not in gone]
    return edits.disconnect(rewired, *lost)


def without_joined(project: Project, names: Iterable[str], inputs: Inputs) -> Project:
    """Remove nodes; what came to their first input goes to all that they fed."""
    gone = tuple(names)
    return edits.delete(pulled_out(project, gone, inputs), gone)


def entrance(graph: Graph, name: str, among: frozenset[str], inputs: Inputs) -> Edge | None:
    """The wire that leads from outside to a node among some, along their first inputs."""
    seen = set[str]()
    while name not in seen:
        seen.add(name)
        edge = first_wire(graph, name, inputs)
        if edge is None or edge.source.node not in among:
            return edge
        name = edge.source.node
    return None


def first_wire(graph: Graph, name: str, inputs: Inputs) -> Edge | None:
    """The wire that ends at a node's first port of those that have one."""
    order = list(inputs(name))
    return min(
        graph.incoming(name),
        key=lambda edge: (
            order.index(edge.target.port) if edge.target.port in order else len(order),
            edge.target.index,
        ),
        default=None,
    )


def row(graph: Graph, names: Iterable[str]) -> tuple[str, ...]:
    """The nodes in the order of the wires between them if each leads to the next alone, else nothing."""
    among = frozenset(names)
    after = {name: {e.target.node for e in graph.outgoing(name)} & among for name in among}
    before = {name: {e.source.node for e in graph.incoming(name)} & among for name in among}
    first = [name for name in among if not before[name]]
    if len(first) != 1 or any(len(ones) > 1 for ones in (*after.values(), *before.values())):
        return ()
    found = first
    while after[found[-1]]:
        found.append(next(iter(after[found[-1]])))
    return tuple(found) if len(found) == len(among) else ()


def leads_to(graph: Graph, start: str, goal: str) -> bool:
    """Whether wires lead from one node to another, or the two are one."""
    seen, waiting = {start}, [start]
    while waiting and goal not in seen:
        for edge in graph.outgoing(waiting.pop()):
            if edge.target.node not in seen:
                seen.add(edge.target.node)
                waiting.append(edge.target.node)
    return goal in seen


def duplicated_with_wires(
    project: Project,
    names: Iterable[str],
    offset: Position = (32.0, 32.0),
    chosen: Iterable[str] = (),
) -> tuple[Project, tuple[str, ...]]:
    """Add copies of nodes that take in what these take in; also returns their new names.

    The frames and notes `chosen`, and those that lie among all of it, are copied too.
    """
    kept = sorted(set(names))
    project, made = edits.duplicate(project, kept, offset, chosen)
    copies = dict(zip(kept, made, strict=True))
    wires = [
        replace(edge, target=replace(edge.target, node=copies[name]), bends=())
        for name in kept
        for edge in project.graph.incoming(name)
        if edge.source.node not in copies
    ]
    return project.with_graph(project.graph.with_edges(*wires)), made
