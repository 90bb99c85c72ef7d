"""Dragging wires: from port to port, the end of one elsewhere, with Ctrl all wires of a port to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QPainterPath

from studio.build.foresight import Question
from studio.project.graph import Edge, Endpoint
from studio.ui.canvas.aiming import Aim
from studio.ui.canvas.asking import Asking
from studio.ui.canvas.edge_item import LooseWire
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.fitting import Offer, joined, offers
from studio.ui.canvas.gestures import Catching, Modifiers
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView


class Drop(Protocol):
    """What happens to a wire that was dropped on empty canvas."""

    def __call__(self, fixed: Endpoint, side: Side, at: QPoint) -> None:
        """`fixed` is the end that holds, on `side` of its node."""


class _Loose(Catching):
    """What both gestures have in common: loose wires that hold at one end, and what their others aim at.

    `wanted` is the side of the ports that the free ends go to, `old` are the wires that they are the ends of.
    """

    def __init__(
        self,
        view: GraphView,
        scene: GraphScene,
        asking: Asking,
        fixed: Sequence[Endpoint],
        wanted: Side,
        old: Sequence[Edge],
    ) -> None:
        self._view, self._scene, self._asking = view, scene, asking
        self._fixed, self._wanted, self._old = fixed, wanted, old
        side: Side = "out" if wanted == "in" else "in"
        self._anchors = [scene.nodes[end.node].place_of(side, end.port, end.index) for end in fixed]
        self._wires = [LooseWire(scene.look) for _ in fixed]
        self._at = QPointF()
        self._aim: Aim | None = None

    @property
    def holds(self) -> bool:
        """Whether a port has caught the wires."""
        return self._aim is not None and self._aim.caught is not None

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Lead the wires to the pointer, or to the port that catches them."""
        self._at = at
        if self._aim is None:
            self._aim = self._begin()
        end = self._aim.follow(at)
        for wire, anchor in zip(self._wires, self._anchors, strict=True):
            wire.route(*((anchor, end) if self._wanted == "in" else (end, anchor)))
            wire.warn(self._aim.refused)

    def cancel(self) -> None:
        """Leave every wire as it was."""
        self._end()

    def trace(self) -> QPainterPath | None:
        """The loose wires."""
        path = QPainterPath()
        for wire in self._wires:
            path.addPath(wire.path())
        return path

    def _begin(self) -> Aim:
        scene = self._scene
        for wire in self._wires:
            scene.addItem(wire)
        for edge in self._old:
            scene.edges[edge].detach(True)
        return Aim(
            self._view, scene, self._asking, self._wanted, self._open(), self._question, self._known_better
        )

    def _known_better(self) -> None:
        """More is known of the ports: another one may catch."""
        if self._aim is not None:
            self.move(self._at, Modifiers.NoModifier)

    def _end(self) -> Endpoint | None:
        """Put away what was shown, and say which port caught the wires."""
        aim, self._aim = self._aim, None
        if aim is None:
            return None
        for wire in self._wires:
            self._scene.removeItem(wire)
        for edge in self._old:
            if edge in self._scene.edges:
                self._scene.edges[edge].detach(False)
        aim.end()
        return aim.caught

    def _led(self, end: Endpoint) -> list[Edge]:
        """The wires as they would be."""
        if self._wanted == "in":
            return [Edge(source, end) for source in self._fixed]
        return [Edge(end, target) for target in self._fixed]

    def _question(self, end: Endpoint) -> Question:
        return joined(self._scene.project.graph, self._led(end), self._old)

    def _open(self) -> frozenset[Offer]:
        """The ports that close no cycle."""
        scene, names = self._scene, {end.node for end in self._fixed}
        several = self._wanted == "in" and len(self._fixed) > 1
        return offers(scene.project.graph, scene.nodes.values(), names, self._wanted, several=several)


class DragWire(_Loose):
    """Drag a wire from a port, or the connected end of one away from its input."""

    def __init__(
        self,
        view: GraphView,
        scene: GraphScene,
        asking: Asking,
        editor: Editor,
        item: NodeItem,
        spot: Spot,
        dropped: Drop,
    ) -> None:
        self._editor, self._dropped = editor, dropped
        old = wires_at(scene, item, spot) if spot.side == "in" else []
        fixed = old[0].source if old else Endpoint(item.name, spot.port, spot.index)
        wanted: Side = "out" if spot.side == "in" and not old else "in"
        super().__init__(view, scene, asking, [fixed], wanted, old)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Connect, disconnect, or offer layers that fit."""
        moved, caught = self._aim is not None, self._end()
        old = self._old[0] if self._old else None
        if caught is not None:
            wire = self._led(caught)[0]
            self._editor.connect_ports(wire.source, wire.target, instead_of=old)
        elif moved and old is not None:
            self._editor.disconnect_wires([old])
        elif moved and self._scene.node_at(self._view.mapToScene(at.toPoint())) is None:
            side: Side = "out" if self._wanted == "in" else "in"
            self._dropped(self._fixed[0], side, at.toPoint())

    def _open(self) -> frozenset[Offer]:
        """An end that was dragged away may be put back as well."""
        own = (edge.target for edge in self._old)
        return super()._open() | {(end.node, "in", end.port, end.index) for end in own}


class MoveWires(_Loose):
    """Drag all wires of a port to another one of the same side; dropped elsewhere they stay."""

    def __init__(
        self,
        view: GraphView,
        scene: GraphScene,
        asking: Asking,
        editor: Editor,
        item: NodeItem,
        spot: Spot,
    ) -> None:
        self._editor = editor
        old = wires_at(scene, item, spot, whole_port=True)
        fixed = [edge.source if spot.side == "in" else edge.target for edge in old]
        super().__init__(view, scene, asking, fixed, spot.side, old)
        self._port = Endpoint(item.name, spot.port)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Let the wires be where they were dropped."""
        caught = self._end()
        if caught is not None and replace(caught, index=0) != self._port:
            self._editor.move_wires(self._old, caught, self._wanted)

    def _led(self, end: Endpoint) -> list[Edge]:
        if self._wanted == "out":
            return super()._led(end)
        return [Edge(source, replace(end, index=end.index + at)) for at, source in enumerate(self._fixed)]


def wires_at(scene: GraphScene, item: NodeItem, spot: Spot, *, whole_port: bool = False) -> list[Edge]:
    """The wires at a port; of one that takes several at one place of it, or at the `whole_port`."""
    graph = scene.project.graph
    if spot.side == "out":
        return [edge for edge in graph.outgoing(item.name) if edge.source.port == spot.port]
    here = [edge for edge in graph.incoming(item.name) if edge.target.port == spot.port]
    return here if whole_port else [edge for edge in here if edge.target.index == spot.index]
