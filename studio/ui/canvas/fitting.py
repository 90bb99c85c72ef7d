"""Which ports a dragged wire may end at: those that close no cycle, and of those which would really fit."""

from __future__ import annotations

from collections.abc import Iterable

from studio.build.foresight import Joined
from studio.project.graph import Edge, Graph
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.node_item import NodeItem

Offer = tuple[str, str, str, int]
"""Node, side, port and index."""
PORT_REACH, MOST_REACH = 10.0, 14.0


def port_reach(zoom: float) -> float:
    """How far from a port, on the canvas, the pointer still is on it."""
    return min(PORT_REACH / zoom, MOST_REACH)


def offers(
    graph: Graph, items: Iterable[NodeItem], fixed: Iterable[str], wanted: Side, *, several: bool = False
) -> frozenset[Offer]:
    """The ports on side `wanted` that wires held at the nodes `fixed` may end at; `several` wires need a port
    that takes several.
    """
    barred = frozenset[str]().union(*(reached(graph, name, upstream=wanted == "in") for name in fixed))
    return frozenset(
        (item.name, spot.side, spot.port, spot.index)
        for item in items
        if item.name not in barred
        for spot in item.face.spots
        if spot.side == wanted and _takes_another(item, spot) and (spot.variadic or not several)
    )


def reached(graph: Graph, start: str, *, upstream: bool) -> set[str]:
    """A node and all nodes that feed it (`upstream`) or that it feeds."""
    found, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        edges = graph.incoming(name) if upstream else graph.outgoing(name)
        for edge in edges:
            other = edge.source.node if upstream else edge.target.node
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def joined(graph: Graph, new: Iterable[Edge], without: Iterable[Edge] = ()) -> Joined:
    """The question whether nodes work with new wires; each takes the place of what was at its port."""
    by_node: dict[str, list[Edge]] = {}
    for edge in new:
        by_node.setdefault(edge.target.node, []).append(edge)
    gone = frozenset(without)
    return Joined(
        tuple(
            (name, (*(one for one in graph.incoming(name) if one not in gone and _stays(one, wires)), *wires))
            for name, wires in by_node.items()
        )
    )


def _stays(edge: Edge, new: Iterable[Edge]) -> bool:
    return all(edge.target != one.target for one in new)


def _takes_another(item: NodeItem, spot: Spot) -> bool:
    """A port that takes several wires offers its free place only; any other can have its wire replaced."""
    if not spot.variadic:
        return True
    return spot.index == max(one.index for one in item.face.spots if one.port == spot.port)
