"""Repairs that rearrange nodes and wires: take a node out, change the order of two, keep one wire of many."""

from __future__ import annotations

from dataclasses import replace

from studio.build.fixes import on_node
from studio.catalog.blocks import catalog_of
from studio.catalog.plugging import inputs_in
from studio.errors import Fix
from studio.project import edits
from studio.project.chains import without_joined
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project


def take_out(node: str, rank: int = 0, label: str = "") -> Fix:
    """Remove a node; what came to its first input goes to all that it fed."""

    def edit(project: Project) -> Project:
        return without_joined(project, (node,), inputs_in(project, catalog_of(project)))

    return Fix(label or f"Remove {node}", on_node(node, edit), rank)


def swap(first: str, second: str, rank: int = 0) -> Fix:
    """Let `second` come before `first`, which feeds it and nothing else."""

    def edit(project: Project) -> Project:
        graph = project.graph
        joined = [edge for edge in graph.incoming(second) if edge.source.node == first]
        into, out = graph.incoming(first), graph.outgoing(first)
        if len(joined) != 1 or len(out) != 1 or len(into) != 1 or len(graph.incoming(second)) != 1:
            return project
        return _exchanged(project, into[0], joined[0])

    return Fix(f"Put {second} before {first}", on_node(second, edit), rank)


def keep_wire(edge: Edge, rank: int = 0) -> Fix:
    """Of all wires at a port, keep this one."""

    def edit(project: Project) -> Project:
        there = [e for e in project.graph.incoming(edge.target.node) if e.target.port == edge.target.port]
        return edits.disconnect(project, *(e for e in there if e != edge)) if edge in there else project

    return Fix(f"Keep only the wire from {edge.source.node}", edit, rank)


def feed(target: Endpoint, source: Endpoint, label: str = "", rank: int = 0, tidy: bool = False) -> Fix:
    """Let a port take what comes from elsewhere; `tidy`: without what it then no longer needs."""

    def edit(project: Project) -> Project:
        if source.node not in project.graph.nodes:
            return project
        old = [edge for edge in project.graph.incoming(target.node) if edge.target == target]
        bare = project.with_graph(project.graph.without_edges(*old))
        wired = edits.connect(bare, source, target)
        return _pruned(wired, [edge.source.node for edge in old]) if tidy else wired

    return Fix(label or f"Connect {source.node} instead", on_node(target.node, edit), rank)


def prune(node: str, rank: int = 0) -> Fix:
    """Remove a node and all before it that nothing else needs."""
    return Fix(f"Delete {node} and what only it needs", on_node(node, lambda p: _pruned(p, [node])), rank)


def _pruned(project: Project, names: list[str]) -> Project:
    """Without these nodes where nothing uses them, and then without those that only they used."""
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in project.graph.nodes and not project.graph.outgoing(name):
            waiting.extend(edge.source.node for edge in project.graph.incoming(name))
            project = edits.delete(project, [name])
    return project


def _exchanged(project: Project, into: Edge, joined: Edge) -> Project:
    """From a → b → c → d to a → c → b → d, where `into` is a → b and `joined` is b → c."""
    graph = project.graph
    first, second = graph.nodes[into.target.node], graph.nodes[joined.target.node]
    out = graph.outgoing(second.name)
    layer = catalog_of(project).layer_of(second)
    port = layer.outputs[0].name if layer and layer.outputs else None
    if port is None or any(edge.source.port != port for edge in out):
        return project
    wires = [replace(into, target=joined.target)]
    wires += [replace(joined, source=Endpoint(second.name, port), target=into.target)]
    wires += [replace(edge, source=joined.source) for edge in out]
    places = (replace(first, position=second.position), replace(second, position=first.position))
    rewired = graph.without_edges(into, joined, *out).with_edges(*wires)
    return project.with_graph(rewired.with_nodes(*places))
