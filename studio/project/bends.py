"""The points that wires are led through: moved, divided and joined along with the wires."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from math import dist

from studio.project.graph import Edge, Graph, Node, Position

MOST_BENDS = 1_000
"""How many points one wire may have."""
Bends = tuple[Position, ...]


def shifted(bends: Iterable[Position], offset: Position) -> Bends:
    """The points moved by an offset."""
    return tuple((x + offset[0], y + offset[1]) for x, y in bends)


def along(edge: Edge, nodes: Mapping[str, Node], positions: Mapping[str, Position]) -> Bends:
    """The points of a wire while nodes move to positions: they go along where both its nodes move alike."""
    ends = (edge.source.node, edge.target.node)
    if not edge.bends or not all(name in positions and name in nodes for name in ends):
        return edge.bends
    one, other = (_way(nodes[name].position, positions[name]) for name in ends)
    return shifted(edge.bends, one) if one == other else edge.bends


def moved_along(graph: Graph, positions: Mapping[str, Position]) -> Graph:
    """The graph whose nodes were not moved yet, with the points of wires whose nodes will move alike."""
    bent = ((edge, along(edge, graph.nodes, positions)) for edge in graph.edges if edge.bends)
    moved = {edge: bends for edge, bends in bent if bends != edge.bends}
    return rebent(graph, moved) if moved else graph


def rebent(graph: Graph, bends: Mapping[Edge, Bends]) -> Graph:
    """The graph with other points for some of its wires."""
    led = (replace(edge, bends=way) for edge, way in bends.items())
    return graph.without_edges(*bends).with_edges(*led)


def _way(start: Position, end: Position) -> Position:
    return end[0] - start[0], end[1] - start[1]


def divided(edge: Edge, nodes: Mapping[str, Node], at: Position) -> tuple[Bends, Bends]:
    """The points before and after a place where the wire is parted, so that both halves are shortest."""
    start, end = nodes.get(edge.source.node), nodes.get(edge.target.node)
    first = (start.position,) if start else ()
    last = (end.position,) if end else ()
    cuts = range(len(edge.bends) + 1)
    best = min(cuts, key=lambda cut: _length((*first, *edge.bends[:cut], at, *edge.bends[cut:], *last)))
    return edge.bends[:best], edge.bends[best:]


def _length(points: Bends) -> float:
    return sum(dist(one, other) for one, other in pairwise(points))


def joined(*ways: Bends) -> Bends:
    """The points of several wires that become one, from the first to the last."""
    return tuple(point for way in ways for point in way)[:MOST_BENDS]


def bent(graph: Graph, edge: Edge, bends: Iterable[Position]) -> Graph:
    """A graph with one wire led through other points; nothing happens where the wire is gone meanwhile."""
    there = graph.current(edge)
    if there is None:
        return graph
    points = tuple((float(x), float(y)) for x, y in bends)[:MOST_BENDS]
    return graph.without_edges(there).with_edges(replace(there, bends=points))


def straightened(graph: Graph, names: Container[str]) -> Graph:
    """A graph whose wires between some nodes have no bends any more."""
    old = [e for e in graph.edges if e.bends and e.source.node in names and e.target.node in names]
    return rebent(graph, dict.fromkeys(old, ())) if old else graph
