"""Giving nodes another type: what the two types share stays, and what the new one lacks is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.project import edits
from studio.project.block import graph_of, within
from studio.project.expressions import is_formula
from studio.project.graph import Edge, Endpoint, Node, free_name
from studio.project.params import Param, Value
from studio.project.placements import rename_node
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of nodes: their new names, the parameters that stayed or had to go, the lost wires."""

    names: tuple[str, ...]
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    wires: tuple[Edge, ...] = ()


def replaced(
    project: Project, names: Iterable[str], type: str, block: str | None = None, known: Registry | None = None
) -> tuple[Project, Replaced]:
    """The project with nodes of a block (None: of the main drawing) of another type, at their places.

    Parameters stay where the new type has one of that name that accepts the value, wires where it has a port
    of that name, else at its next free port. A name that the old type gave becomes one of the new type.
    """
    told: list[Replaced] = []
    for name in names:
        taken: list[Replaced] = []

        def edit(seen: Project, name: str = name, taken: list[Replaced] = taken) -> Project:
            seen, one = _retyped(seen, name, type, known)
            taken.append(one)
            return seen

        wanted = _new_name(graph_of(project, block).nodes, name, type)
        project = rename_node(within(project, block, edit), block, name, wanted)
        told += [replace(one, names=(wanted,)) for one in taken]
    return project, Replaced(
        tuple(name for one in told for name in one.names),
        tuple(dict.fromkeys(name for one in told for name in one.kept)),
        tuple(dict.fromkeys(name for one in told for name in one.dropped)),
        tuple(edge for one in told for edge in one.wires),
    )


def likeness(old: Layer | None, new: Layer) -> int:
    """How likely a type replaces another, the lower the likelier: of its family, with the same ports, for
    tensors of as many dimensions.
    """
    if old is None:
        return 0
    return 4 * (old.category != new.category) + 2 * (_ports(old) != _ports(new)) + (_rank(old) != _rank(new))


def _rank(layer: Layer) -> int:
    shapes = [shape for shapes in layer.example.inputs.values() for shape in shapes] if layer.example else []
    return len(shapes[0]) if shapes else 0


def _ports(layer: Layer) -> tuple[object, ...]:
    return tuple((p.name, p.variadic) for p in layer.inputs), tuple(p.name for p in layer.outputs)


def _new_name(nodes: Mapping[str, Node], name: str, type: str) -> str:
    given = edits.name_for(nodes[name].type)
    if re.fullmatch(rf"{re.escape(given)}\d*", name) is None or edits.name_for(type) == given:
        return name
    return free_name(edits.name_for(type), nodes.keys() - {name})


def _retyped(project: Project, name: str, type: str, known: Registry | None) -> tuple[Project, Replaced]:
    graph = project.graph
    catalog = catalog_of(project, known)
    node = graph.nodes[name]
    old, new = catalog.layer_of(node), catalog.layer(type)
    params, kept = _carried(node, old, new) if new else ({}, ())
    made = replace(node, type=type, params=params)
    dropped = tuple(one for one in node.params if one not in params)
    into, out = graph.incoming(name), graph.outgoing(name)
    layer = catalog.layer_of(made)
    wires = {
        **_inputs(into, old, layer),
        **_outputs(out, old, layer),
    }
    lost = tuple(edge for edge in (*into, *out) if edge not in wires)
    graph = graph.without_edges(*into, *out).with_edges(*wires.values()).with_nodes(made)
    return project.with_graph(graph), Replaced((name,), kept, dropped, lost)


def _carried(node: Node, old: Layer | None, new: Layer) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The values that the new type takes over, and the names of those among them that had been set.

    A value that was left at its default stays what it was, too.
    """
    values: dict[str, Value] = {}
    defaults = {param.name: param.default for param in old.all_params} if old else {}
    for param in new.all_params:
        if param.name in node.params and _accepts(param, node.params[param.name]):
            values[param.name] = node.params[param.name]
        elif param.name in defaults and _differs(param, defaults[param.name]):
            values[param.name] = defaults[param.name]
    return values, tuple(name for name in values if name in node.params)


def _differs(param: Param, value: Value) -> bool:
    return param.default != value and _accepts(param, value)


def _accepts(param: Param, value: Value) -> bool:
    if isinstance(value, str) and is_formula(value):
        return True  # what it gives is seen where it is computed
    try:
        param.check(value)
    except ValueError:
        return False
    return True


def _inputs(edges: Iterable[Edge], old: Layer | None, new: Layer | None) -> dict[Edge, Edge]:
    """Where each wire into a node goes at its new ports; those that find none are left out."""
    ports = {port.name: port.variadic for port in new.inputs} if new else {}
    order = [port.name for port in old.inputs] if old else []
    found: dict[Edge, Edge] = {}
    taken: dict[str, int] = {}

    def put(edge: Edge, port: str) -> None:
        target = Endpoint(edge.target.node, port, taken.get(port, 0))
        found[edge] = replace(edge, target=target)
        taken[port] = taken.get(port, 0) + 1

    waiting = sorted(edges, key=lambda edge: (_place(order, edge.target.port), edge.target.index))
    for edge in waiting:
        port = edge.target.port
        if port in ports and (ports[port] or port not in taken):
            put(edge, port)
    for edge in waiting:
        free = (port for port, variadic in ports.items() if variadic or port not in taken)
        if edge not in found and (port := next(free, None)) is not None:
            put(edge, port)
    return found


def _outputs(edges: Iterable[Edge], old: Layer | None, new: Layer | None) -> dict[Edge, Edge]:
    ports = [port.name for port in new.outputs] if new else []
    order = [port.name for port in old.outputs] if old else []
    found: dict[Edge, Edge] = {}
    for edge in edges:
        name = edge.source.port
        place = order.index(name) if name in order else 0
        port = name if name in ports else next(iter(ports[place:]), None)
        if port is not None:
            found[edge] = replace(edge, source=replace(edge.source, port=port))
    return found


def _place(order: list[str], port: str) -> int:
    return order.index(port) if port in order else len(order)
