"""The wires of nodes that go elsewhere: they are led anew, or go along as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF

from studio.project import bends
from studio.project.graph import Edge, Graph, Position
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.node_item import NodeItem

NO_GRAPH = Graph()
Nodes = Mapping[str, NodeItem]
Edges = Mapping[Edge, EdgeItem]


class Following:
    """Shows nodes elsewhere, with their wires. Which wires these are is found out once for a drag."""

    def __init__(self, nodes: Nodes, edges: Edges) -> None:
        self._nodes, self._edges = nodes, edges
        self._graph, self._names = NO_GRAPH, tuple[str, ...]()
        self._among: list[EdgeItem] = []
        """The wires both of whose nodes go."""
        self._beside: list[EdgeItem] = []

    def go(self, graph: Graph, positions: Mapping[str, Position]) -> None:
        """Show nodes of the graph at positions."""
        self._take_up(graph, tuple(positions))
        bodies = {name: self._nodes[name].body for name in positions}
        ways = {(x - bodies[name].x(), y - bodies[name].y()) for name, (x, y) in positions.items()}
        if ways <= {(0.0, 0.0)}:
            return
        for name, at in positions.items():
            self._nodes[name].move_to(at)
        if len(ways) == 1:  # then the wires among them only have to go along
            by = QPointF(*ways.pop())
            for item in self._among:
                item.move_by(by)
        else:
            for item in self._among:
                lead(item, self._nodes, bends.along(item.edge, graph.nodes, positions))
        for item in self._beside:
            lead(item, self._nodes, item.edge.bends)

    def forget(self) -> None:
        """Find the wires anew at the next drag: the items may be others by then."""
        self._graph = NO_GRAPH

    def _take_up(self, graph: Graph, names: tuple[str, ...]) -> None:
        if graph is self._graph and names == self._names:
            return
        self._graph, self._names, going = graph, names, set(names)
        around = dict.fromkeys(one for name in names for one in edges_at(graph, name))
        items = [self._edges[one] for one in around]
        among = [one.edge.source.node in going and one.edge.target.node in going for one in items]
        self._among = [one for one, inside in zip(items, among, strict=True) if inside]
        self._beside = [one for one, inside in zip(items, among, strict=True) if not inside]


def lead_around(
    graph: Graph, nodes: Nodes, edges: Edges, names: Iterable[str], others: Iterable[Edge]
) -> None:
    """Lead the wires of some nodes, and some others, from port to port."""
    stale = set(others).union(*(edges_at(graph, name) for name in names))
    for edge in stale:
        lead(edges[edge], nodes, edge.bends)


def edges_at(graph: Graph, name: str) -> tuple[Edge, ...]:
    """All wires of a node."""
    return (*graph.incoming(name), *graph.outgoing(name))


def lead(item: EdgeItem, nodes: Nodes, way: bends.Bends) -> None:
    """Lead a wire from port to port, through the points of its way."""
    source, target = item.edge.source, item.edge.target
    item.route(
        nodes[source.node].place_of("out", source.port, source.index),
        nodes[target.node].place_of("in", target.port, target.index),
        way,
    )
