"""The order in which a drawing runs, its circles, and what its ends depend on.

The order follows the wires alone: from each end back to its inputs, in the order of ports, so that it reads
as a person would write it and moving a node on the canvas changes neither the code nor the initial weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from studio.project.graph import Edge, Graph, natural

ROOT = ""
"""A node behind all ends; no node can have an empty name."""


@dataclass(frozen=True, slots=True)
class Structure:
    """All nodes in running order, and every circle as the wires that make it, its last wire at the end."""

    order: tuple[str, ...]
    circles: tuple[tuple[Edge, ...], ...]


def structure_of(graph: Graph) -> Structure:
    """Order a drawing; nodes in circles come somewhere among the rest."""
    needs = _needs(graph)
    order = tuple(_deepest_first(needs))
    place = {name: index for index, name in enumerate(order)}
    if all(place[to] > place[of] for to in order for of in needs.get(to, ())):
        return Structure(order, ())
    return Structure(order, _circles(graph, needs))


def _deepest_first(needs: Mapping[str, list[str]]) -> Iterator[str]:
    """All that the root needs, each node behind what it needs itself.

    The same as dfs_postorder_nodes of networkx, which takes most of the time of a check of a large drawing.
    """
    seen = {ROOT}
    way = [(ROOT, iter(needs[ROOT]))]
    while way:
        name, others = way[-1]
        deeper = next((other for other in others if other not in seen), None)
        if deeper is not None:
            seen.add(deeper)
            way.append((deeper, iter(needs.get(deeper, ()))))
            continue
        way.pop()
        if name != ROOT:
            yield name


def upstream(graph: Graph, names: Iterable[str]) -> set[str]:
    """The nodes named and all that they depend on."""
    reached: set[str] = set()
    waiting = [name for name in names if name in graph.nodes]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(e.source.node for e in graph.incoming(name) if e.source.node in graph.nodes)
    return reached


def _needs(graph: Graph) -> dict[str, list[str]]:
    """What each node needs, in the order of its ports; the root needs the ends, then all others."""
    names = sorted(graph.nodes, key=natural)
    sources = {edge.source.node for edge in graph.edges}
    ends = [name for name in names if name not in sources]
    # Nodes of a circle that leads nowhere hang on no end.
    reached = upstream(graph, ends)
    needs = {ROOT: [*ends, *(name for name in names if name not in reached)]}
    for edge in graph.edges:
        if edge.target.node in graph.nodes and edge.source.node in graph.nodes:
            needs.setdefault(edge.target.node, []).append(edge.source.node)
    return needs


def _circles(graph: Graph, needs: dict[str, list[str]]) -> tuple[tuple[Edge, ...], ...]:
    import networkx as nx

    found: list[tuple[Edge, ...]] = []
    whole = nx.DiGraph({name: iter(others) for name, others in needs.items()})
    for component in nx.strongly_connected_components(whole):
        inside = whole.subgraph(component)
        if len(component) > 1 or inside.size():
            found.append(_circle(graph, frozenset(component)))
    return tuple(sorted(found, key=lambda circle: natural(circle[0].source.node)))


def _circle(graph: Graph, component: frozenset[str]) -> tuple[Edge, ...]:
    """The shortest circle through the node where the data enters; the wire back to it comes last."""
    import networkx as nx

    names = sorted(component, key=natural)
    fed = [n for n in names if any(edge.source.node not in component for edge in graph.incoming(n))]
    start = (fed or names)[0]
    flow = nx.DiGraph()
    flow.add_nodes_from(names)
    flow.add_edges_from(
        (edge.source.node, edge.target.node)
        for name in names
        for edge in graph.incoming(name)
        if edge.source.node in component
    )
    back = sorted(flow.predecessors(start), key=natural)
    route = min((nx.shortest_path(flow, start, last) for last in back), key=len)
    pairs = zip(route, [*route[1:], start], strict=True)
    return tuple(next(edge for edge in graph.incoming(to) if edge.source.node == of) for of, to in pairs)
