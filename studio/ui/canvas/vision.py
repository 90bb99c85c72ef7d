"""What an edit would change in the drawing that is shown, worked out without doing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.errors import Fix, StudioError
from studio.project.block import inside
from studio.project.changes import Changes, diff_graphs
from studio.project.expressions import Names
from studio.project.graph import Edge, Node, Position
from studio.project.project import Project
from studio.ui.canvas.face import UNCHECKED, Face, make_face
from studio.ui.canvas.lines import shown_value
from studio.ui.canvas.room import renamed_nodes, with_room_for_new
from studio.ui.focus import names_at, valid
from studio.ui.port_layer import layer_in
from studio.ui.session import Session
from studio.ui.words import type_title

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something on a node that would be another: what it is called, as it is and as it would be.

    `label` is a parameter, or empty for what stands in the node's header.
    """

    node: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Vision:
    """What would come, go, move and be another. Wires that would come are led from point to point."""

    added: Mapping[str, tuple[Face, Position]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    moved: Mapping[str, Position] = field(default_factory=dict)
    wires: tuple[tuple[Point, ...], ...] = ()
    cut: tuple[Edge, ...] = ()
    turns: tuple[Turn, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return bool(self.added or self.removed or self.moved or self.wires or self.cut or self.turns)


def foresee(session: Session, fix: Fix, known: Registry) -> Vision:
    """What a fix would change in the graph that is looked at; nothing where it cannot be applied."""
    before = session.project
    try:
        after = with_room_for_new(before, fix.edit(before), known)
    except (ValueError, StudioError):
        return Vision()
    if valid(after, session.focus) != session.focus:
        return Vision()
    names = names_at(after, session.focus, session.fields)
    return _Comparison(session.drawing, inside(after, session.block), session, names, known).vision()


class _Comparison:
    """Two values of one graph, and what the second one is drawn with."""

    def __init__(self, old: Project, new: Project, session: Session, names: Names, known: Registry) -> None:
        self._before, self._after = old.graph, new.graph
        self._names, self._names_before = names, session.names
        self._block = session.block
        self._catalog = catalog_of(new, known)
        self._changes: Changes = diff_graphs(old.graph, new.graph, old, new)
        self._renamed = renamed_nodes(old.graph, new.graph)

    def vision(self) -> Vision:
        """All that differs."""
        before, after, changes = self._before, self._after, self._changes
        renamed, kept = self._renamed, set(self._renamed.values())
        added = {name: (self._face(name), after.nodes[name].position) for name in changes.added - kept}
        same = [name for name in changes.modified if name in before.nodes]
        moved = {
            n: after.nodes[n].position for n in same if before.nodes[n].position != after.nodes[n].position
        }
        cut, wires = self._wires()
        turns = [turn for name in sorted(same) for turn in self._turns(before.nodes[name], after.nodes[name])]
        turns += [Turn(old, "", old, new) for old, new in renamed.items()]
        turns += [
            turn for old, new in renamed.items() for turn in self._turns(before.nodes[old], after.nodes[new])
        ]
        gone = tuple(sorted(changes.removed - renamed.keys()))
        return Vision(added, gone, moved, wires, cut, tuple(turns))

    def _wires(self) -> tuple[tuple[Edge, ...], tuple[tuple[Point, ...], ...]]:
        """The wires that would go, and where those that would come would lead."""
        old = {self._ends(edge, self._renamed): edge for edge in self._changes.edges_removed}
        new = {self._ends(edge, {}): edge for edge in self._changes.edges_added}
        cut = tuple(edge for ends, edge in old.items() if ends not in new)
        come = [edge for ends, edge in new.items() if ends not in old]
        faces = {name: self._face(name) for edge in come for name in (edge.source.node, edge.target.node)}
        return cut, tuple(
            (
                self._spot(faces, edge.source.node, "out", edge.source.port, edge.source.index),
                *edge.bends,
                self._spot(faces, edge.target.node, "in", edge.target.port, edge.target.index),
            )
            for edge in come
        )

    @staticmethod
    def _ends(edge: Edge, renamed: Mapping[str, str]) -> tuple[object, ...]:
        source, target = edge.source, edge.target
        return (
            renamed.get(source.node, source.node),
            source.port,
            renamed.get(target.node, target.node),
            target.port,
            target.index,
        )

    def _spot(self, faces: Mapping[str, Face], name: str, side: str, port: str, index: int) -> Point:
        face, (x, y) = faces[name], self._after.nodes[name].position
        for spot in face.spots:
            if spot.key == (side, port, index):
                return x + spot.x, y + spot.y
        return x + (face.width if side == "out" else 0.0), y + face.height / 2

    def _face(self, name: str) -> Face:
        graph = self._after
        node = graph.nodes[name]
        layer = self._layer(node)
        return make_face(node, layer, graph.incoming(name), graph.outgoing(name), UNCHECKED, self._names)

    def _layer(self, node: Node) -> Layer | None:
        return layer_in(self._catalog, node, self._block)

    def _turns(self, old: Node, new: Node) -> Iterator[Turn]:
        if old.type != new.type:
            yield Turn(old.name, "", type_title(old.type), type_title(new.type))
        if old.muted != new.muted:
            words = {True: "on", False: "off"}
            yield Turn(old.name, "muted", words[old.muted], words[new.muted])
        was, now = self._values(old), self._values(new)
        for param in old.params.keys() | new.params.keys():
            before = shown_value(was.get(param), self._names_before)
            after = shown_value(now.get(param), self._names)
            if before != after or was.get(param) != now.get(param):
                yield Turn(old.name, param, before, after)

    def _values(self, node: Node) -> Mapping[str, object]:
        layer = self._layer(node)
        return {**node.params, **(layer.values(node.params) if layer else {})}
