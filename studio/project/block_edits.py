"""Nodes become a block, and a block becomes nodes again; `inside` names the block in whose graph that is.

These edits work on the whole project, since a block is one graph and its use is in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from studio.project import bends, edits, marks
from studio.project.arranging import Box
from studio.project.bends import Bends
from studio.project.block import (
    OWN_PARAMS,
    PREFIX,
    Argument,
    Block,
    block_name,
    graph_of,
    overridden,
    ports,
    within,
)
from studio.project.expressions import is_formula, substituted
from studio.project.formulas import filled, known, names_read
from studio.project.graph import Edge, Endpoint, Graph, Node, Position, free_name
from studio.project.params import Value
from studio.project.placements import PORTS, block_name_error
from studio.project.project import Project

STEP = 240.0
"""How far apart nodes are placed."""
ABOVE = 200.0
"""How far above the others an Input is placed whose wires pass over some of them."""


def make_block(
    project: Project,
    names: Iterable[str],
    block: str,
    inside: str | None = None,
    chosen_marks: Iterable[str] = (),
) -> tuple[Project, str]:
    """Move nodes into a new block and place it where they were; also returns the name of its node.

    Every tensor that goes in or comes out becomes a port; names that formulas read become arguments. Inputs
    and Outputs stay. Frames and notes go along that are chosen or lie among the nodes. Raises ValueError
    where that cannot be.
    """
    graph = graph_of(project, inside)
    wrong = block_name_error(project, block)
    chosen = [graph.nodes[one] for one in names if one in graph.nodes and graph.nodes[one].type not in PORTS]
    if wrong or not chosen:
        raise ValueError(wrong or "choose some nodes other than Inputs and Outputs")
    moved = frozenset(node.name for node in chosen)
    _refuse_detour(graph, moved)
    cut = _cut(graph, moved)
    arguments, read = _arguments(project, chosen, inside)
    chosen = [filled(node, {name: f"= {one}" for one, name in read.items()}) for node in chosen]
    middle = _middle(chosen)
    use = free_name(edits.name_for(block), graph.nodes.keys() - moved)
    params = {one.name: f"= {read.get(one.name, one.name)}" for one in arguments}
    placed = Node(use, PREFIX + block, params, middle)
    along = marks.piece(graph, moved, chosen_marks)
    outside = graph.without_nodes(moved).with_nodes(placed).with_edges(*cut.outside(use))
    outside = outside.without_marks(along.marks) if along.marks else outside
    blocks = {**project.blocks, block: Block(cut.block_graph(along, chosen), arguments)}
    return _with_graph(replace(project, blocks=blocks), inside, outside), use


@dataclass(frozen=True, slots=True)
class _Cut:
    """The wires into and out of some nodes, and the ports that they become, by what they carry.

    The first wire of each tensor leads its single wire on the other side of the port through its bends there.
    """

    into: tuple[_Parted, ...]
    out: tuple[_Parted, ...]
    inputs: Mapping[Endpoint, str] = field(default_factory=dict)
    outputs: Mapping[Endpoint, str] = field(default_factory=dict)

    def outside(self, use: str) -> list[Edge]:
        """The wires to and from the node that places the block."""
        first = _first(self.into)
        to = [Edge(s, Endpoint(use, p), bends=first[s].before) for s, p in self.inputs.items()]
        of = [
            replace(one.edge, source=Endpoint(use, self.outputs[one.edge.source]), bends=one.after)
            for one in self.out
        ]
        return [*to, *of]

    def block_graph(self, piece: Graph, chosen: list[Node]) -> Graph:
        """The nodes with their ports to the left and right and all wires between them."""
        first = _first(self.out)
        fed = [
            replace(one.edge, source=Endpoint(self.inputs[one.edge.source], "output"), bends=one.after)
            for one in self.into
        ]
        led = [Edge(s, Endpoint(p, "input"), bends=first[s].before) for s, p in self.outputs.items()]
        left = min(node.position[0] for node in chosen) - STEP
        right = max(node.position[0] for node in chosen) + STEP
        top = min(node.position[1] for node in chosen)
        over = _passing_over(chosen, fed)
        nodes = [*chosen]
        for type, x, here in (("Input", left, self.inputs), ("Output", right, self.outputs)):
            for place, port in enumerate(here.values()):
                params: dict[str, Value] = {"place": place} if len(here) > 1 else {}
                raised = ABOVE + (len(here) - 1) * STEP / 2 if port in over else 0.0
                nodes.append(Node(port, type, params, (x, top + place * STEP / 2 - raised)))
        edges = (*piece.edges, *fed, *led)
        return replace(piece, nodes={node.name: node for node in nodes}, edges=edges)


@dataclass(frozen=True, slots=True)
class _Parted:
    """A wire that is cut, and its bends before and after the cut."""

    edge: Edge
    before: Bends
    after: Bends


def _passing_over(nodes: list[Node], wires: Iterable[Edge]) -> frozenset[str]:
    """The sources to the left of all nodes whose wires pass one to reach another of its row.

    From the same row such a wire would run behind the nodes, where nobody sees it.
    """
    at = {node.name: node.position for node in nodes}
    return frozenset(
        wire.source.node
        for wire in wires
        if not wire.bends
        for x, y in at.values()
        if x < at[wire.target.node][0] and abs(y - at[wire.target.node][1]) < STEP / 2
    )


def _first(parted: Iterable[_Parted]) -> dict[Endpoint, _Parted]:
    """The first wire of each tensor."""
    found: dict[Endpoint, _Parted] = {}
    for one in parted:
        found.setdefault(one.edge.source, one)
    return found


def _parted(edge: Edge, cut: int) -> _Parted:
    return _Parted(edge, edge.bends[:cut], edge.bends[cut:])


def _entry(edge: Edge, box: Box) -> int:
    """How many bends of a wire come before it is among the nodes in a box."""
    return next((at for at, bend in enumerate(edge.bends) if marks.point_in(bend, box)), len(edge.bends))


def _exit(edge: Edge, box: Box) -> int:
    """How many bends of a wire come until it is not among the nodes in a box any more."""
    return max((at + 1 for at, bend in enumerate(edge.bends) if marks.point_in(bend, box)), default=0)


def _cut(graph: Graph, moved: frozenset[str]) -> _Cut:
    """Where the wires of a piece are cut, its ports named after the nodes that the tensors come from."""
    known = graph.nodes.keys()
    into = tuple(e for e in graph.edges if e.target.node in moved and e.source.node in known - moved)
    out = tuple(e for e in graph.edges if e.source.node in moved and e.target.node in known - moved)
    taken = set(moved)
    inputs: dict[Endpoint, str] = {}
    outputs: dict[Endpoint, str] = {}
    for edges_, names, ending in ((into, inputs, ""), (out, outputs, "_out")):
        for edge in edges_:
            if edge.source not in names:
                names[edge.source] = free_name(edge.source.node + ending, taken)
                taken.add(names[edge.source])
    box = marks.nodes_box(graph, moved)
    coming = tuple(_parted(edge, _entry(edge, box)) for edge in into)
    leaving = tuple(_parted(edge, _exit(edge, box)) for edge in out)
    return _Cut(coming, leaving, inputs, outputs)


def _refuse_detour(graph: Graph, moved: frozenset[str]) -> None:
    """Raise ValueError where a wire leads out of the nodes and back in: the block would feed itself."""
    after = {e.target.node for name in moved for e in graph.outgoing(name)} - moved
    waiting = list(after)
    while waiting:
        name = waiting.pop()
        for edge in graph.outgoing(name):
            if edge.target.node in moved:
                raise ValueError(f"the wires go out to {name} and back in; choose it too")
            if edge.target.node not in after:
                after.add(edge.target.node)
                waiting.append(edge.target.node)


def _arguments(
    project: Project, chosen: list[Node], inside: str | None
) -> tuple[tuple[Argument, ...], dict[str, str]]:
    """An argument for each name that a formula reads: it is known where the nodes were, not in the block.

    Also returns, by argument, the facts of the data that it stands for, such as image.shape.
    """
    read = sorted(names_read(chosen))
    if "index" in read:
        raise ValueError("a formula reads index, the number of this block's repeat, which a new block hides")
    values = known(project, inside)
    names = [name for name in read if name not in OWN_PARAMS and "." not in name]
    facts: dict[str, str] = {}
    for fact in read:
        if "." in fact:
            facts[free_name(fact.replace(".", "_"), {*read, *OWN_PARAMS, *facts})] = fact
    found = [Argument(name, values.get(name, 1)) for name in names]
    found += [Argument(one, (1, 1, 1) if fact.endswith(".shape") else 1) for one, fact in facts.items()]
    return tuple(found), facts


def _middle(nodes: list[Node]) -> Position:
    return (
        sum(node.position[0] for node in nodes) / len(nodes),
        sum(node.position[1] for node in nodes) / len(nodes),
    )


def _with_graph(project: Project, inside: str | None, graph: Graph) -> Project:
    return within(project, inside, lambda seen: seen.with_graph(graph))


def unpack(project: Project, name: str, inside: str | None = None) -> tuple[Project, tuple[str, ...]]:
    """Put what is inside of a block in the place of its node; also returns the new nodes' names.

    Arguments are put in, overrides applied, repeats written out one after the other. Raises ValueError where
    the drawing could not say the same.
    """
    graph = graph_of(project, inside)
    use = graph.nodes[name]
    block = project.blocks.get(block_name(use.type) or "")
    if block is None:
        raise ValueError(f"{name} places no block of this project")
    repeat, shared = use.params.get("repeat", 1), use.params.get("shared", False)
    if not isinstance(repeat, int) or repeat < 1:
        raise ValueError(f"{name} repeats its block {repeat} times; set a whole number first")
    if shared and repeat > 1:
        raise ValueError(f"the {repeat} repeats of {name} share their weights, which single nodes cannot do")
    if use.muted:
        raise ValueError(f"{name} is muted: unmute it first, or delete it")
    coming = {e.target.port: _Way(e.source, e.bends) for e in graph.incoming(name)}
    laid = _Laid(graph.without_nodes((name,)), coming)
    for index in range(repeat):
        laid = _lay(laid, use, block, None if shared else index)
    outgoing = [
        laid.arriving[edge.source.port].onto(edge)
        for edge in graph.outgoing(name)
        if edge.source.port in laid.arriving and edge.target.node != name
    ]
    edited = _with_graph(project, inside, laid.graph.with_edges(*outgoing))
    return edited, laid.names


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a tensor comes from, and the bends on its way to here."""

    end: Endpoint
    bends: Bends = ()

    def onto(self, edge: Edge, offset: Position = (0.0, 0.0)) -> Edge:
        """A wire, moved by an offset, that begins with this way."""
        return replace(edge, source=self.end, bends=self.on(edge, offset).bends)

    def on(self, edge: Edge, offset: Position) -> _Way:
        """This way and then a wire's, moved by an offset."""
        return replace(self, bends=bends.joined(self.bends, bends.shifted(edge.bends, offset)))


@dataclass(frozen=True, slots=True)
class _Laid:
    """A graph in which some turns of a block lie; `arriving` has what comes at the next turn's ports, and
    what leaves the last one.
    """

    graph: Graph
    arriving: Mapping[str, _Way]
    names: tuple[str, ...] = ()
    width: float = 0.0


def _lay(laid: _Laid, use: Node, block: Block, index: int | None) -> _Laid:
    """One turn of a block as nodes of their own."""
    values = _values(use, block)
    if index is not None:
        values["index"] = index
    overrides = use.params.get("overrides")
    table = overrides if isinstance(overrides, Mapping) else {}
    inner = [node for node in block.graph.nodes.values() if node.type not in PORTS]
    names: dict[str, str] = {}
    for node in inner:
        names[node.name] = free_name(node.name, {*laid.graph.nodes, *names.values()})
    left, top = _corner(inner)
    dx, dy = use.position[0] - left + laid.width, use.position[1] - top
    nodes = [
        replace(
            filled(overridden(node, table), values),
            name=names[node.name],
            position=(node.position[0] + dx, node.position[1] + dy),
        )
        for node in inner
    ]
    sources = _sources(block, laid.arriving, names)
    wires = [
        replace(way.onto(edge, (dx, dy)), target=replace(edge.target, node=names[edge.target.node]))
        for edge in block.graph.edges
        if edge.target.node in names
        if (way := sources(edge.source)) is not None
    ]
    width = laid.width + max((node.position[0] for node in inner), default=left) - left + STEP
    graph = laid.graph.with_nodes(*nodes).with_edges(*wires)
    graph = marks.placed(graph, block.graph.marks.values(), (dx, dy))
    leaving = _leaving(block, sources, laid.arriving, (dx, dy))
    return _Laid(graph, leaving, (*laid.names, *names.values()), width)


def _values(use: Node, block: Block) -> dict[str, Value]:
    """What each argument is here: a value, or a formula of names that the use's own graph knows."""
    values: dict[str, Value] = {}
    for one in block.arguments:
        value = use.params.get(one.name, one.default)
        own = one.name not in use.params and isinstance(value, str) and is_formula(value)
        values[one.name] = substituted(value, values) if own and isinstance(value, str) else value
    return values


def _corner(nodes: list[Node]) -> Position:
    return min((n.position[0] for n in nodes), default=0.0), min((n.position[1] for n in nodes), default=0.0)


def _sources(
    block: Block, arriving: Mapping[str, _Way], names: Mapping[str, str]
) -> Callable[[Endpoint], _Way | None]:
    """Where a tensor inside of a block comes from once its nodes lie outside."""

    def source(end: Endpoint) -> _Way | None:
        node = block.graph.nodes.get(end.node)
        if node is not None and node.type == "Input":
            return arriving.get(end.node)
        return _Way(replace(end, node=names[end.node])) if end.node in names else None

    return source


def _leaving(
    block: Block,
    sources: Callable[[Endpoint], _Way | None],
    arriving: Mapping[str, _Way],
    offset: Position,
) -> dict[str, _Way]:
    """What comes at the ports after a turn: its results, at the outputs and at the next turn's inputs."""
    inputs = [node.name for node in ports(block, "Input")]
    found = {name: way for name, way in arriving.items() if name in inputs}
    for place, output in enumerate(ports(block, "Output")):
        wire = next(iter(block.graph.incoming(output.name)), None)
        way = sources(wire.source) if wire else None
        for port in (output.name, *inputs[place : place + 1]):
            found.pop(port, None)
            if wire is not None and way is not None:
                found[port] = way.on(wire, offset)
    return found
