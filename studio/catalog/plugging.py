"""Which ports new wires between nodes take: the first output, and the first input that is free and fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from studio.catalog.registry import Layer, Port, Registry
from studio.project import edits
from studio.project.chains import Inputs, leads_to, row
from studio.project.graph import Edge, Endpoint, Graph
from studio.project.project import Project

Dtypes = Mapping[Endpoint, str]
"""The kind of numbers that outputs give, as far as it is known."""
NO_DTYPES: Dtypes = {}


def inputs_in(project: Project, catalog: Registry) -> Inputs:
    """The input ports of a project's nodes, in order."""

    def inputs(name: str) -> Sequence[str]:
        layer = catalog.layer_of(project.graph.nodes[name])
        return [port.name for port in layer.inputs] if layer else []

    return inputs


def first_output(project: Project, catalog: Registry, name: str) -> Endpoint | None:
    """Where a wire out of a node starts first."""
    layer = catalog.layer_of(project.graph.nodes[name])
    return Endpoint(name, layer.outputs[0].name) if layer and layer.outputs else None


def free_input(graph: Graph, name: str, layer: Layer | None, dtype: str = "") -> Port | None:
    """The first input that has no wire or takes several; one for this kind of numbers if there is one."""
    taken = {edge.target.port for edge in graph.incoming(name)}
    free = [port for port in layer.inputs if port.variadic or port.name not in taken] if layer else []
    return next((port for port in free if layer and _suits(layer, port, dtype)), next(iter(free), None))


def _suits(layer: Layer, port: Port, dtype: str) -> bool:
    wanted = "int64" if port.name in layer.integers else "bool" if port.name in layer.truths else "float32"
    return not dtype or dtype.rstrip("0123456789") == wanted.rstrip("0123456789")


def plugged(
    project: Project, catalog: Registry, source: Endpoint, target: str, dtypes: Dtypes = NO_DTYPES
) -> Project | None:
    """The project with a wire from an output to the first free input of a node; None where none is free."""
    layer = catalog.layer_of(project.graph.nodes[target])
    port = free_input(project.graph, target, layer, dtypes.get(source, ""))
    if port is None:
        return None
    return edits.connect(project, source, Endpoint(target, port.name), port.variadic)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why no wire leads from one node to another: it would close a cycle, or there is no port for it."""

    why: Literal["cycle", "output", "input"]
    first: str
    second: str


def chained(
    project: Project, catalog: Registry, names: Sequence[str], dtypes: Dtypes = NO_DTYPES
) -> tuple[Project, list[Stuck]]:
    """The project with a wire from each node to the next; those that are there stay.

    Also says which two could not be joined, and why.
    """
    stuck: list[Stuck] = []
    for one, other in pairwise(names):
        if any(edge.target.node == other for edge in project.graph.outgoing(one)):
            continue
        if leads_to(project.graph, other, one):
            stuck.append(Stuck("cycle", one, other))
            continue
        source = first_output(project, catalog, one)
        wired = plugged(project, catalog, source, other, dtypes) if source else None
        if wired is None:
            stuck.append(Stuck("input" if source else "output", one, other))
        else:
            project = wired
    return project, stuck


def fed(
    project: Project,
    catalog: Registry,
    name: str,
    sources: Iterable[str],
    dtypes: Dtypes = NO_DTYPES,
) -> Project:
    """The project with a node that takes in what others give: all of them where it has that many inputs,
    else the last. Where it takes nothing itself, the last of the others takes what it gives.
    """
    layer = catalog.layer_of(project.graph.nodes[name])
    if layer is None:
        return project
    others = list(sources)
    inputs = layer.inputs
    if not inputs:
        own = first_output(project, catalog, name)
        return (plugged(project, catalog, own, others[-1], dtypes) if own and others else None) or project
    outputs = [one for one in (first_output(project, catalog, other) for other in others) if one is not None]
    several = len(inputs) > 1 or any(port.variadic for port in inputs)
    for source in outputs if several else outputs[-1:]:
        project = plugged(project, catalog, source, name, dtypes) or project
    return project


def wired(project: Project, catalog: Registry, name: str, port: Endpoint, side: str) -> Project:
    """The project with a node's first input wired to an output (`side` "out"), or its output to an input.

    Nothing happens where the other node is gone meanwhile.
    """
    layer = catalog.layer_of(project.graph.nodes[name])
    if layer is None or port.node not in project.graph.nodes:
        return project
    if side == "out" and layer.inputs:
        target = layer.inputs[0]
        return edits.connect(project, port, Endpoint(name, target.name), target.variadic)
    if side == "in" and layer.outputs:
        other = catalog.layer_of(project.graph.nodes[port.node])
        found = other.port(port.port, "in") if other else None
        variadic = found is not None and found.variadic
        return edits.connect(project, Endpoint(name, layer.outputs[0].name), port, variadic)
    return project


@dataclass(frozen=True, slots=True)
class Row:
    """Nodes that follow each other, with the free input at their start and the free output at their end."""

    names: tuple[str, ...]
    entry: Endpoint
    exit: Endpoint


def free_row(project: Project, catalog: Registry, names: Iterable[str]) -> Row | None:
    """The row that nodes form which could be put into a wire, None where they form none."""
    graph = project.graph
    found = row(graph, names)
    first = catalog.layer_of(graph.nodes[found[0]]) if found else None
    last = first_output(project, catalog, found[-1]) if found else None
    if first is None or not first.inputs or last is None:
        return None
    entry = Endpoint(found[0], first.inputs[0].name)
    taken = any(edge.target.port == entry.port for edge in graph.incoming(entry.node))
    gives = any(edge.source == last for edge in graph.outgoing(last.node))
    return None if taken or gives else Row(found, entry, last)


def goes_into(project: Project, edge: Edge, put: Row) -> bool:
    """Whether a row can be put into a wire: it is none of its own, and no cycle comes of it."""
    graph = project.graph
    own = edge.source.node in put.names or edge.target.node in put.names
    return not own and not any(
        leads_to(graph, edge.target.node, name) or leads_to(graph, name, edge.source.node)
        for name in put.names
    )


def put_into(project: Project, edge: Edge, put: Row) -> Project:
    """The project with a row in a wire; the same where the wire is gone meanwhile."""
    start, end = put.entry, put.exit
    inserted = edits.insert_on_edge(project, edge, start.node, start.port, end.port)
    if start.node == end.node or inserted is project:
        return inserted
    graph = inserted.graph
    wrong = [one for one in graph.outgoing(start.node) if one.target == edge.target]
    return project.with_graph(
        graph.without_edges(*wrong).with_edges(*(replace(one, source=end) for one in wrong))
    )
