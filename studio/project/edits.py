"""Edits richer than one step of a graph: wiring, renaming, pasting, settings. Each returns a new Project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.errors import StudioError
from studio.project import bends, carried, marks
from studio.project.block import PREFIX
from studio.project.graph import Edge, Endpoint, Graph, Node, Position, free_name, name_error
from studio.project.params import Value
from studio.project.project import Project, SampleChanges, Setting
from studio.project.storage import UPDATE, dumps, loads

CLIPBOARD = "What was copied"
COPY_NODES = "Copy some nodes first, then paste them."
FILES = ("path", "folder", "images", "masks")
SETS = ("dataset", "name")
"""Parameters of data sources that name files, and those that name data sets."""
TABLES = frozenset({"CSV", "Parquet", "Arrow", "JSONLines", "Excel"})
"""Sources that read the same columns from files of different kinds."""


def connect(project: Project, source: Endpoint, target: Endpoint, variadic: bool = False) -> Project:
    """Wire an output to an input; a variadic input takes it at its next index, another drops its old wire.

    Nothing happens where one of the two nodes is gone meanwhile.
    """
    graph = project.graph
    if not {source.node, target.node} <= graph.nodes.keys():
        return project
    there = [e for e in graph.incoming(target.node) if e.target.port == target.port]
    if variadic:
        free = 1 + max((edge.target.index for edge in there), default=-1)
        return project.with_graph(graph.with_edges(Edge(source, replace(target, index=free))))
    old = [edge for edge in there if edge.target == target]
    kept = next((edge for edge in old if edge.source == source), Edge(source, target))
    return project.with_graph(graph.without_edges(*old).with_edges(kept))


def disconnect(project: Project, *edges: Edge) -> Project:
    """Remove wires; the indices of ports that take several close up."""
    there = (project.graph.current(edge) for edge in edges)
    graph = project.graph.without_edges(*(edge for edge in there if edge is not None))
    return project.with_graph(_closed_up(graph, {(edge.target.node, edge.target.port) for edge in edges}))


def move_wires(
    project: Project, wires: Iterable[Edge], to: Endpoint, side: str, variadic: bool = False
) -> Project:
    """Let wires start at another output (`side` "out"), keeping their ways, or end at another input."""
    if side == "out":
        there = [edge for edge in map(project.graph.current, wires) if edge is not None]
        led = (replace(edge, source=to) for edge in there)
        return project.with_graph(project.graph.without_edges(*there).with_edges(*led))
    sources = [edge.source for edge in wires]
    project = disconnect(project, *wires)
    for source in sources:
        project = connect(project, source, to, variadic)
    return project


def delete(project: Project, names: Iterable[str]) -> Project:
    """Remove nodes and their wires; the indices of ports that take several close up."""
    gone = frozenset(names)
    ports = {
        (edge.target.node, edge.target.port)
        for name in gone
        for edge in project.graph.outgoing(name)
        if edge.target.node not in gone
    }
    return project.with_graph(_closed_up(project.graph.without_nodes(gone), ports))


def move(project: Project, positions: Mapping[str, Position]) -> Project:
    """Put nodes at positions; a wire between two that move alike keeps its way."""
    nodes = project.graph.nodes
    moved = [replace(nodes[name], position=(float(x), float(y))) for name, (x, y) in positions.items()]
    return project.with_graph(bends.moved_along(project.graph, positions).with_nodes(*moved))


def rename_error(project: Project, old: str, new: str) -> str | None:
    """Why a node cannot have another name, or None if it can."""
    if old == new:
        return None
    return name_error(new) or (f"there is a node {new} already" if new in project.graph.nodes else None)


def rename(project: Project, old: str, new: str) -> Project:
    """Give a node another name and its wires with it. Raises ValueError if the name is invalid or taken."""
    if old == new:
        return project
    wrong = rename_error(project, old, new)
    if wrong:
        raise ValueError(wrong)
    graph = project.graph
    nodes = {new if name == old else name: node for name, node in graph.nodes.items()}
    nodes[new] = replace(graph.nodes[old], name=new)
    edges = tuple(_renamed(edge, {old: new}) for edge in graph.edges)
    return project.with_graph(replace(graph, nodes=nodes, edges=edges))


def set_params(project: Project, node: str, values: Mapping[str, Value]) -> Project:
    """Set parameters of a node."""
    changed = project.graph.nodes[node].with_params(**values)
    return project.with_graph(project.graph.with_nodes(changed))


def unset_params(project: Project, node: str, names: Iterable[str]) -> Project:
    """Let parameters of a node follow their defaults again."""
    gone = frozenset(names)
    old = project.graph.nodes[node]
    kept = {name: value for name, value in old.params.items() if name not in gone}
    return project.with_graph(project.graph.with_nodes(replace(old, params=kept)))


def add_node(
    project: Project, type: str, position: Position, params: Mapping[str, Value] | None = None, name: str = ""
) -> tuple[Project, str]:
    """Place a node; also returns its name, which is `name` or one made from the type, numbered if taken."""
    free = free_name(name or name_for(type), project.graph.nodes)
    node = Node(free, type, params or {}, (float(position[0]), float(position[1])))
    return project.with_graph(project.graph.with_nodes(node)), free


def name_for(type: str) -> str:
    """The name a node of a type has at first: conv for Conv2d, batch_norm, log_softmax, relu, lstm."""
    bare = type.removeprefix(PREFIX)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", bare)
    return re.sub(r"_?\d+d$", "", words.lower())


def insert_on_edge(project: Project, edge: Edge, node: str, input_port: str, output_port: str) -> Project:
    """Put a node that is there already into a wire; nothing happens where the wire is gone meanwhile."""
    there = project.graph.current(edge)
    if there is None:
        return project
    graph = project.graph.without_edges(there)
    before, after = bends.divided(there, graph.nodes, graph.nodes[node].position)
    wired = connect(project.with_graph(graph), there.source, Endpoint(node, input_port)).graph
    into = [one for one in wired.incoming(node) if one.target == Endpoint(node, input_port)]
    wired = wired.without_edges(*into).with_edges(*(replace(one, bends=before) for one in into))
    return project.with_graph(
        wired.with_edges(replace(there, source=Endpoint(node, output_port), bends=after))
    )


def copy_text(
    project: Project, names: Iterable[str], block: str | None = None, chosen: Iterable[str] = ()
) -> str:
    """Some nodes, the wires between them, the blocks that they place and the values that their formulas read
    as text, in the form of a file; with the frames and notes `chosen` and those that lie among all of it.
    `block` is the one whose inside `project` is.
    """
    graph = marks.piece(project.graph, names, chosen)
    blocks = carried.needed(project.blocks, graph.nodes.values())
    constants = carried.read_constants(project, graph.nodes.values(), block)
    return dumps(Project(name=project.name, graph=graph, blocks=blocks, constants=constants))


def paste(
    project: Project, text: str, at: Position, block: str | None = None
) -> tuple[Project, tuple[str, ...]]:
    """Add what a copied text holds with its top left corner at `at`; also returns the new nodes' names.

    The blocks that they place and the values that their formulas read come along. `block` is the one whose
    inside `project` is. Raises StudioError when the text is no piece of a project.
    """
    try:
        content = loads(text, CLIPBOARD)
    except StudioError as error:
        raise StudioError(f"{error.message}.", error.hint if error.hint == UPDATE else COPY_NODES) from error
    corner = marks.corner(content.graph)
    if corner is None:
        raise StudioError(f"{CLIPBOARD}: expected nodes, got none.", COPY_NODES)
    project, piece = carried.received(project, content)
    project, piece = carried.with_constants(project, piece, content.constants, block)
    return _added(project, piece, (at[0] - corner[0], at[1] - corner[1]))


def duplicate(
    project: Project,
    names: Iterable[str],
    offset: Position = (32.0, 32.0),
    chosen: Iterable[str] = (),
) -> tuple[Project, tuple[str, ...]]:
    """Add copies of nodes and of the wires between them, moved by `offset`; also returns their new names.

    The frames and notes `chosen`, and those that lie among all of it, are copied too.
    """
    return _added(project, marks.piece(project.graph, names, chosen), offset)


def set_muted(project: Project, names: Iterable[str], muted: bool) -> Project:
    """Mute nodes, or let them take part again."""
    changed = [replace(project.graph.nodes[name], muted=muted) for name in names]
    return project.with_graph(project.graph.with_nodes(*changed))


def set_pinned(project: Project, names: Iterable[str], pinned: bool) -> Project:
    """Let nodes stay where they are when the drawing is arranged, or no longer."""
    changed = [replace(project.graph.nodes[name], pinned=pinned) for name in names]
    return project.with_graph(project.graph.with_nodes(*changed))


def set_note(project: Project, names: Iterable[str], note: str) -> Project:
    """Write something about nodes."""
    changed = [replace(project.graph.nodes[name], note=note) for name in names]
    return project.with_graph(project.graph.with_nodes(*changed))


def set_data(project: Project, **options: Value) -> Project:
    """Set options of the data."""
    data = replace(project.data, options={**project.data.options, **options})
    return replace(project, data=data)


def set_source(project: Project, source: Setting, *, moved: bool = False) -> Project:
    """Choose where the data comes from. What was said of columns stays where they may come in another
    file; what was said of single samples does only where the files were merely `moved`.
    """
    data = project.data
    if not same_columns(data.source, source):
        data = replace(data, fields={}, changes=SampleChanges())
    elif not moved and (data.source.type, _named(data.source, FILES)) != (source.type, _named(source, FILES)):
        data = replace(data, changes=SampleChanges())
    return replace(project, data=replace(data, source=source))


def same_columns(one: Setting, other: Setting) -> bool:
    """Whether two sources may have the same columns: files of one kind, or tables; parts of one data set."""
    alike = one.type == other.type or {one.type, other.type} <= TABLES
    return alike and _named(one, SETS) == _named(other, SETS)


def _named(source: Setting, params: Iterable[str]) -> tuple[Value, ...]:
    return tuple(source.params.get(name) for name in params)


def set_training(project: Project, **options: Value) -> Project:
    """Set options of the training."""
    training = replace(project.training, options={**project.training.options, **options})
    return replace(project, training=training)


def set_optimizer(project: Project, optimizer: Setting) -> Project:
    """Choose the optimizer."""
    return replace(project, training=replace(project.training, optimizer=optimizer))


def set_schedule(project: Project, schedule: Setting) -> Project:
    """Choose the learning rate's schedule."""
    return replace(project, training=replace(project.training, schedule=schedule))


def _closed_up(graph: Graph, ports: set[tuple[str, str]]) -> Graph:
    """Number the wires of input ports from 0 without gaps; wires that share an index go on sharing it."""
    old: list[Edge] = []
    new: list[Edge] = []
    for node, port in ports:
        edges = [edge for edge in graph.incoming(node) if edge.target.port == port]
        place = {index: at for at, index in enumerate(sorted({edge.target.index for edge in edges}))}
        for edge in edges:
            if place[edge.target.index] != edge.target.index:
                old.append(edge)
                new.append(replace(edge, target=replace(edge.target, index=place[edge.target.index])))
    return graph.without_edges(*old).with_edges(*new) if old else graph


def _inner_edges(graph: Graph, names: frozenset[str]) -> tuple[Edge, ...]:
    return tuple(edge for edge in graph.edges if edge.source.node in names and edge.target.node in names)


def _added(project: Project, piece: Graph, offset: Position) -> tuple[Project, tuple[str, ...]]:
    """Add a piece of a graph under free names."""
    taken = set(project.graph.nodes)
    names: dict[str, str] = {}
    for name in sorted(piece.nodes):
        names[name] = free_name(name, taken)
        taken.add(names[name])
    nodes = [
        replace(node, name=names[name], position=(node.position[0] + offset[0], node.position[1] + offset[1]))
        for name, node in piece.nodes.items()
    ]
    edges = [
        replace(_renamed(edge, names), bends=bends.shifted(edge.bends, offset))
        for edge in _inner_edges(piece, frozenset(names))
    ]
    graph = project.graph.with_nodes(*nodes).with_edges(*edges)
    graph = marks.placed(graph, piece.marks.values(), offset)
    return project.with_graph(graph), tuple(names.values())


def _renamed(edge: Edge, names: Mapping[str, str]) -> Edge:
    source, target = edge.source, edge.target
    if source.node not in names and target.node not in names:
        return edge
    return replace(
        edge,
        source=replace(source, node=names.get(source.node, source.node)),
        target=replace(target, node=names.get(target.node, target.node)),
    )
