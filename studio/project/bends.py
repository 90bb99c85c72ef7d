"""The points that wires are led through: moved, divided and joined along with the wires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def moved_along(graph: Graph, positions: Mapping[str, Position]) -> Graph:
    """A graph whose nodes are still to move: the points of wires move where both nodes will move alike."""
    old: list[Edge] = []
    new: list[Edge] = []
    for edge in graph.edges:
        ends = (edge.source.node, edge.target.node)
        if not edge.bends or not all(name in positions and name in graph.nodes for name in ends):
            continue
        one, other = (_way(graph.nodes[name].position, positions[name]) for name in ends)
        if one == other:
            old.append(edge)
            new.append(replace(edge, bends=shifted(edge.bends, one)))
    return graph.without_edges(*old).with_edges(*new) if old else graph


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
