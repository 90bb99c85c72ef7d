"""How much differs between two projects, counted over the main graph and all blocks, for telling in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what came, went and differs; a node that only lies elsewhere is `moved`."""

    nodes_added: int = 0
    nodes_removed: int = 0
    nodes_changed: int = 0
    nodes_moved: int = 0
    wires_added: int = 0
    wires_removed: int = 0
    marks: int = 0
    """Frames and notes that came, went or differ."""
    data: bool = False
    training: bool = False
    project: bool = False
    """Name, notes, constants, or what blocks are called and take."""


def tally(old: Project, new: Project) -> Tally:
    """What has changed from `old` to `new`."""
    empty = Graph()
    pairs = [(old.graph, new.graph)]
    for name in sorted(old.blocks.keys() | new.blocks.keys()):
        graphs = [one.blocks[name].graph if name in one.blocks else empty for one in (old, new)]
        pairs.append((graphs[0], graphs[1]))
    total = Tally()
    for pair in pairs:
        total = _with(total, *pair)
    return replace(
        total,
        data=old.data != new.data,
        training=old.training != new.training,
        project=_other(old) != _other(new),
    )


def _with(total: Tally, old: Graph, new: Graph) -> Tally:
    """The counts so far and those of one more graph."""
    shared = old.nodes.keys() & new.nodes.keys()
    differing = [name for name in shared if old.nodes[name] != new.nodes[name]]
    moved = sum(_lies_elsewhere(old.nodes[name], new.nodes[name]) for name in differing)
    before, after = {_ends(edge) for edge in old.edges}, {_ends(edge) for edge in new.edges}
    marks, now = old.marks, new.marks
    return replace(
        total,
        nodes_added=total.nodes_added + len(new.nodes) - len(shared),
        nodes_removed=total.nodes_removed + len(old.nodes) - len(shared),
        nodes_changed=total.nodes_changed + len(differing) - moved,
        nodes_moved=total.nodes_moved + moved,
        wires_added=total.wires_added + len(after - before),
        wires_removed=total.wires_removed + len(before - after),
        marks=total.marks + sum(marks.get(name) != now.get(name) for name in marks.keys() | now.keys()),
    )


def _lies_elsewhere(old: Node, new: Node) -> bool:
    return replace(old, position=new.position) == new


def _ends(edge: Edge) -> tuple[Endpoint, Endpoint]:
    return edge.source, edge.target


def _other(project: Project) -> tuple[object, ...]:
    blocks = {name: (one.arguments, one.doc) for name, one in project.blocks.items()}
    return project.name, project.notes, dict(project.constants), blocks, dict(project.extra)
