"""Proposed repairs: each makes a Fix whose edit works on the project as it is when the fix is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import checked_values
from studio.errors import Fix
from studio.project import edits
from studio.project.expressions import is_formula, names_in, substituted
from studio.project.graph import Edge, Endpoint, Node, Position, free_name
from studio.project.params import Value, shown
from studio.project.project import Project

SIZES = ("out_features", "out_channels", "hidden_size", "embedding_dim")
"""Parameters that set how many values or channels come out."""
KEEPS_SIZE = frozenset({"Activation", "Regularization", "Normalization"})


def on_node(name: str, edit: Callable[[Project], Project]) -> Callable[[Project], Project]:
    """The edit where the node is still there, else nothing."""
    return lambda project: edit(project) if name in project.graph.nodes else project


def ranked(fix: Fix, rank: int) -> Fix:
    """The same fix at another place among several."""
    return replace(fix, rank=rank)


def set_param(node: str, param: str, value: Value, label: str = "", rank: int = 0) -> Fix:
    """Give a parameter a value."""
    edit = on_node(node, lambda project: edits.set_params(project, node, {param: value}))
    return Fix(label or _setting(param, value), edit, rank)


def _setting(name: str, value: Value) -> str:
    """What giving a parameter a value is called."""
    if isinstance(value, bool):
        return f"Switch {name} {'on' if value else 'off'}"
    return f"Leave {name} empty" if value is None else f"Set {name} to {shown(value)}"


def set_params(node: str, values: Mapping[str, Value], label: str) -> Fix:
    """Give several parameters values."""
    return Fix(label, on_node(node, lambda project: edits.set_params(project, node, values)))


def reset_param(node: str, param: str, default: Value) -> Fix:
    """Let a parameter follow its default again."""
    edit = on_node(node, lambda project: edits.unset_params(project, node, (param,)))
    return Fix(f"Set {param} back to {shown(default)}", edit)


def rename_in_formula(node: str, param: str, value: Value, known: Mapping[str, Value]) -> list[Fix]:
    """Put the nearest known name in the place of one that a formula reads in vain."""
    if not isinstance(value, str) or not is_formula(value):
        return []
    unknown = sorted(names_in(value) - known.keys())
    near = [(one, match) for one in unknown for match in get_close_matches(one, known, 1, 0.5)]
    return [set_param(node, param, substituted(value, {one: f"= {match}"})) for one, match in near]


def drop_param(node: str, param: str) -> Fix:
    """Remove a parameter that the layer does not have."""
    return Fix(f"Remove {param}", on_node(node, lambda p: edits.unset_params(p, node, (param,))))


def move_param(node: str, param: str, to: str) -> Fix:
    """Give a mistyped parameter's value to the one that was meant."""

    def edit(project: Project) -> Project:
        value = project.graph.nodes[node].params.get(param)
        return edits.set_params(edits.unset_params(project, node, (param,)), node, {to: value})

    return Fix(f"Rename {param} to {to}", on_node(node, edit))


def rename(node: str) -> Fix:
    """Give a node a valid name close to the one it has."""

    def edit(project: Project) -> Project:
        return edits.rename(project, node, free_name(node, project.graph.nodes))

    return Fix(f"Rename it to {free_name(node, ())}", on_node(node, edit))


def retype(node: str, type: str) -> Fix:
    """Make a node one of another type; wires and the parameters that fit stay."""

    def edit(project: Project) -> Project:
        graph = project.graph
        old, layer = graph.nodes[node], catalog_of(project).layer(type)
        if layer is None:
            return project
        _, wrong = checked_values(layer.all_params, old.params)
        known = {param.name for param in layer.all_params} - wrong.keys()
        fitting = {name: value for name, value in old.params.items() if name in known}
        size = next((name for name in SIZES if name in known and name not in fitting), None)
        given = next((old.params[name] for name in SIZES if name in old.params), None)
        if size is not None and isinstance(given, int):
            fitting[size] = given
        return project.with_graph(graph.with_nodes(replace(old, type=type, params=fitting)))

    return Fix(f"Make it {type}", on_node(node, edit))


def delete_node(node: str) -> Fix:
    """Remove a node and its wires."""
    return Fix(f"Delete {node}", on_node(node, lambda project: edits.delete(project, (node,))))


def unmute(node: str) -> Fix:
    """Let a muted node take part again."""
    return Fix(f"Unmute {node}", on_node(node, lambda project: edits.set_muted(project, (node,), False)))


def mute(node: str) -> Fix:
    """Let what arrives at a node pass it unchanged."""
    return Fix(f"Mute {node}", on_node(node, lambda project: edits.set_muted(project, (node,), True)))


def remove_wire(edge: Edge) -> Fix:
    """Remove one wire."""
    label = f"Remove the wire from {edge.source.node} to {edge.target.node}"
    return Fix(label, lambda project: edits.disconnect(project, edge))


def move_wire(edge: Edge, port: str, side: str) -> Fix:
    """Let a wire start (side "source") or end (side "target") at another port of its node."""
    end: Endpoint = getattr(edge, side)
    new = replace(edge, **{side: replace(end, port=port)})

    def edit(project: Project) -> Project:
        there = project.graph.current(edge)
        if there is None:
            return project
        moved = replace(new, bends=there.bends)
        return project.with_graph(project.graph.without_edges(there).with_edges(moved))

    return Fix(f"Use the port {port} of {end.node}", edit)


def connect(source: Endpoint, target: Endpoint, variadic: bool = False) -> Fix:
    """Wire an output to an input."""

    def edit(project: Project) -> Project:
        ends = {source.node, target.node}
        there = ends <= project.graph.nodes.keys()
        return edits.connect(project, source, target, variadic) if there else project

    return Fix(f"Connect {source.node}", edit)


def insert(
    type: str, node: str, port: str, params: Mapping[str, Value] | None = None, label: str = ""
) -> Fix:
    """Put a new layer into the (first) wire that ends at a port."""

    def edit(project: Project) -> Project:
        edge = next((e for e in project.graph.incoming(node) if e.target.port == port), None)
        return project if edge is None else insert_on(project, edge, type, params or {})

    return Fix(label or f"Insert {type} before {node}", on_node(node, edit))


def flatten_scores(node: str, port: str) -> Fix:
    """Flatten what arrives at a port: before the Linear that makes it, if one does, else right there."""

    def edit(project: Project) -> Project:
        edge = next((e for e in project.graph.incoming(node) if e.target.port == port), None)
        if edge is None:
            return project
        setter = size_setter(project, edge.source.node)
        if setter is not None and project.graph.nodes[setter[0]].type == "Linear":
            edge = next(iter(project.graph.incoming(setter[0])), edge)
        return insert_on(project, edge, "Flatten", {})

    return Fix("Insert Flatten", on_node(node, edit))


def pool_before(node: str, port: str) -> Fix:
    """Take the mean over a picture before it is flattened for a node."""

    def edit(project: Project) -> Project:
        seen: set[str] = set()
        edge = next((e for e in project.graph.incoming(node) if e.target.port == port), None)
        while edge is not None and edge.target.node not in seen:
            seen.add(edge.target.node)
            if project.graph.nodes[edge.target.node].type == "Flatten":
                return insert_on(project, edge, "AdaptiveAvgPool2d", {"output_size": 1})
            edge = next(iter(project.graph.incoming(edge.source.node)), None)
        return project

    return Fix("Take the mean over the picture before flattening", on_node(node, edit), 1)


def insert_on(project: Project, edge: Edge, type: str, params: Mapping[str, Value]) -> Project:
    """A new layer in the middle of a wire."""
    layer = catalog_of(project).layer(type)
    if layer is None:  # a registry of one's own need not have it
        return project
    placed, name = edits.add_node(project, type, _between(project, edge), params)
    return edits.insert_on_edge(placed, edge, name, layer.inputs[0].name, layer.outputs[0].name)


def set_output_size(node: str, port: str, size: int) -> Fix:
    """Make the layer that decides how many values arrive at a port give `size`; else a new Linear."""

    def edit(project: Project) -> Project:
        edge = next((e for e in project.graph.incoming(node) if e.target.port == port), None)
        if edge is None:
            return project
        found = size_setter(project, edge.source.node)
        if found is None:
            return insert_on(project, edge, "Linear", {"out_features": size})
        return edits.set_params(project, found[0], {found[1]: size})

    return Fix(f"Set the number of outputs to {size}", on_node(node, edit))


def size_setter(project: Project, name: str) -> tuple[str, str] | None:
    """The node and parameter that decide how many values `name` gives, if what lies between keeps that."""
    seen: set[str] = set()
    while name in project.graph.nodes and name not in seen:
        seen.add(name)
        node = project.graph.nodes[name]
        layer = catalog_of(project).layer_of(node)
        if layer is None:
            return None
        param = next((param.name for param in layer.params if param.name in SIZES), None)
        if param and not node.muted:
            return name, param
        incoming = project.graph.incoming(name)
        if not incoming or not (node.muted or layer.category in KEEPS_SIZE):
            return None
        name = incoming[0].source.node
    return None


def set_training(option: str, value: Value) -> Fix:
    """Set an option of the training."""
    options: Any = {option: value}
    return Fix(_setting(option, value), lambda project: edits.set_training(project, **options))


def add_after(source: Endpoint, type: str, params: Mapping[str, Value]) -> Fix:
    """Place a new layer to the right of a node and wire the node to it."""

    def edit(project: Project) -> Project:
        layer = catalog_of(project).layer(type)
        assert layer
        x, y = project.graph.nodes[source.node].position
        placed, name = edits.add_node(project, type, (x + 240.0, y), params)
        return edits.connect(placed, source, Endpoint(name, layer.inputs[0].name))

    return Fix(f"Add {type} after {source.node}", on_node(source.node, edit))


def _between(project: Project, edge: Edge) -> Position:
    ends: list[Node] = [project.graph.nodes[end.node] for end in (edge.source, edge.target)]
    (x1, y1), (x2, y2) = (node.position for node in ends)
    return ((x1 + x2) / 2, (y1 + y2) / 2)


def insert_into(edge: Edge, type: str, params: Mapping[str, Value], label: str = "", rank: int = 0) -> Fix:
    """Put a new layer into one wire."""
    label = label or f"Insert {type} between {edge.source.node} and {edge.target.node}"
    return insert_row(edge, [(type, params)], label, rank)


def insert_row(edge: Edge, row: Iterable[tuple[str, Mapping[str, Value]]], label: str, rank: int = 0) -> Fix:
    """Put new layers behind each other into one wire."""

    def edit(project: Project) -> Project:
        last = edge
        for type, params in row:
            if project.graph.current(last) is None:
                return project
            project = insert_on(project, last, type, params)
            last = next(
                (e for e in project.graph.incoming(edge.target.node) if e.target == edge.target), edge
            )
        return project

    return Fix(label, edit, rank)


def insert_head(node: str, port: str, size: int) -> Fix:
    """Put Flatten and Linear into the wire that ends at a port."""

    def edit(project: Project) -> Project:
        edge = next((e for e in project.graph.incoming(node) if e.target.port == port), None)
        if edge is None:
            return project
        flat = insert_on(project, edge, "Flatten", {})
        last = next(e for e in flat.graph.incoming(node) if e.target.port == port)
        return insert_on(flat, last, "Linear", {"out_features": size})

    return Fix(f"Insert Flatten and Linear with {size} outputs", on_node(node, edit))
