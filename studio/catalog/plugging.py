"""Which ports new wires between nodes take: the first output, and the first input that is free and fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from studio.catalog.registry import Layer, Port, Registry
from studio.project import edits
from studio.project.chains import Inputs, leads_to
from studio.project.graph import Endpoint, Graph
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
    if not layer.inputs:
        own = first_output(project, catalog, name)
        return (plugged(project, catalog, own, others[-1], dtypes) if own and others else None) or project
    outputs = [one for one in (first_output(project, catalog, other) for other in others) if one is not None]
    for source in outputs if len(layer.inputs) > 1 or layer.inputs[0].variadic else outputs[-1:]:
        project = plugged(project, catalog, source, name, dtypes) or project
    return project
