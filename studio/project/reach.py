"""What hangs together in a graph: what feeds some nodes, what they feed, and what lies between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio.project.graph import Edge, Graph


def upstream(graph: Graph, names: Iterable[str]) -> set[str]:
    """These nodes and everything that feeds them."""
    start = set(names)
    return start | _behind(start, lambda name: _sources(graph.incoming(name)))


def downstream(graph: Graph, names: Iterable[str]) -> set[str]:
    """These nodes and everything that they feed."""
    start = set(names)
    return start | _behind(start, lambda name: _targets(graph.outgoing(name)))


def connected(graph: Graph, names: Iterable[str]) -> set[str]:
    """These nodes and everything that wires join with them, whichever way."""
    start = set(names)
    return start | _behind(
        start, lambda name: _sources(graph.incoming(name)) | _targets(graph.outgoing(name))
    )


def between(graph: Graph, names: Iterable[str]) -> set[str]:
    """These nodes and all nodes on any way from one of them to another."""
    start = set(names)
    after = _behind(start, lambda name: _targets(graph.outgoing(name)))
    before = _behind(start, lambda name: _sources(graph.incoming(name)))
    return start | (after & before)


def _behind(start: set[str], following: Callable[[str], set[str]]) -> set[str]:
    """Everything that can be reached from some nodes; they themselves only over a wire."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        new = following(waiting.pop()) - found
        found |= new
        waiting.extend(new)
    return found


def _sources(edges: Iterable[Edge]) -> set[str]:
    return {edge.source.node for edge in edges}


def _targets(edges: Iterable[Edge]) -> set[str]:
    return {edge.target.node for edge in edges}
