"""Which ports a dragged wire may end at: those that close no cycle."""

from __future__ import annotations

from collections.abc import Iterable

from studio.project.graph import Endpoint, Graph
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.node_item import NodeItem

Offer = tuple[str, str, str, int]
"""Node, side, port and index."""


def offers(graph: Graph, items: Iterable[NodeItem], fixed: Endpoint, wanted: Side) -> frozenset[Offer]:
    """The ports on side `wanted` that a wire held at `fixed` may end at."""
    barred = reached(graph, fixed.node, upstream=wanted == "in")
    return frozenset(
        (item.name, spot.side, spot.port, spot.index)
        for item in items
        if item.name not in barred
        for spot in item.face.spots
        if spot.side == wanted and _takes_another(item, spot)
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


def _takes_another(item: NodeItem, spot: Spot) -> bool:
    """A port that takes several wires offers its free place only; any other can have its wire replaced."""
    if not spot.variadic:
        return True
    return spot.index == max(one.index for one in item.face.spots if one.port == spot.port)
