"""Items as nodes and wires: the graph of a block, and the main drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from studio.interchange.folding.arguments import Given
from studio.interchange.folding.forms import Form
from studio.interchange.folding.items import Item
from studio.interchange.folding.repeats import Ports
from studio.project.block import as_listed
from studio.project.edits import name_for
from studio.project.graph import Edge, Endpoint, Graph, Node, free_name, name_error
from studio.project.params import Value

PLAIN = frozenset({"input", "inputs", "output"})
"""Ports of these names, and of a single letter, say nothing about what goes in."""


def node_name(item: Item, taken: Iterable[str]) -> str:
    """A name for an item: what its module calls it, else what its type is called."""
    bare = item.name.strip("_")
    wanted = bare if bare and name_error(bare) is None else name_for(item.type)
    return free_name(wanted, taken)


def names_of(form: Form) -> tuple[str, ...]:
    """Names for the items of a block."""
    names: list[str] = []
    for item in form.items:
        names.append(node_name(item, names))
    return tuple(names)


def held(names: Sequence[str], items: Sequence[Item]) -> dict[str, str]:
    """Where the nodes of the flat drawing are among items of these names."""
    return {
        f"{name}.{at}" if at else name: node
        for name, item in zip(names, items, strict=True)
        for at, node in item.holds.items()
    }


def ports_of(form: Form, names: Sequence[str]) -> Ports:
    """Names for what goes in and comes out."""
    taken = list(names)
    inputs: list[str] = []
    for at in range(len(form.inputs)):
        port = next(p for wires in form.wires for p, _, of, _ in wires if of == -1 - at)
        plain = port in PLAIN or len(port) == 1 or at == 0
        inputs.append(free_name("x" if plain else port, taken))
        taken.append(inputs[-1])
    outputs: list[str] = []
    for _ in form.outputs:
        outputs.append(free_name("y", taken))
        taken.append(outputs[-1])
    return Ports(tuple(inputs), tuple(outputs))


def graph_of_form(form: Form, names: Sequence[str], given: Given, ports: Ports) -> Graph:
    """The inside of a block."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for type, here in (("Input", ports.inputs), ("Output", ports.outputs)):
        nodes += [Node(name, type) for name in here]
    for name, item, params, wires in zip(names, form.items, given.items, form.wires, strict=True):
        nodes.append(_node(item, name, params))
        for port, index, of, source in wires:
            end = Endpoint(names[of], source) if of >= 0 else Endpoint(ports.inputs[-1 - of], "output")
            edges.append(Edge(end, Endpoint(name, port, index)))
    made = {
        end: (name, port)
        for name, one in zip(names, form.items, strict=True)
        for end, port in one.makes.items()
    }
    for end, name in zip(form.outputs, ports.outputs, strict=True):
        edges.append(Edge(Endpoint(*made[end]), Endpoint(name, "input")))
    return Graph(as_listed(nodes), tuple(edges))


def main_graph(items: Sequence[Item]) -> tuple[Graph, dict[str, str]]:
    """The main drawing, and where each node of the flat one is: its name, behind those of its blocks."""
    names = {id(item): item.holds[""] for item in items if item.type in ("Input", "Output")}
    for item in items:
        if id(item) not in names:
            names[id(item)] = node_name(item, names.values())
    made = {end: Endpoint(names[id(item)], port) for item in items for end, port in item.makes.items()}
    nodes = {names[id(item)]: _node(item, names[id(item)], item.params) for item in items}
    edges = [
        Edge(made[end], Endpoint(names[id(item)], port, index))
        for item in items
        for port, index, end in item.reads
    ]
    places = held([names[id(item)] for item in items], items)
    return Graph(nodes, tuple(edges)), {node: at for at, node in places.items()}


def _node(item: Item, name: str, params: Mapping[str, Value]) -> Node:
    if item.node is None:
        return Node(name, item.type, params)
    kept = item.node
    return Node(name, item.type, params, note=kept.note, extra=kept.extra, colour=kept.colour)
