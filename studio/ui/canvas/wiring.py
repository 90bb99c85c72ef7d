"""Dragging a wire from port to port, or the end of one elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, QPoint, QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QToolTip

from studio.project.graph import Edge, Endpoint
from studio.ui.canvas.edge_item import LooseWire
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.fitting import offers
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

_translate = QCoreApplication.translate
CATCH = 28
"""Pixels within which a port catches the wire."""


class Drop(Protocol):
    """What happens to a wire that was dropped on empty canvas."""

    def __call__(self, fixed: Endpoint, side: Side, at: QPoint) -> None:
        """`fixed` is the end that holds, on `side` of its node."""


class DragWire:
    """Drag a wire from a port, or the connected end of one away from its input."""

    def __init__(
        self, view: GraphView, scene: GraphScene, editor: Editor, item: NodeItem, spot: Spot, dropped: Drop
    ) -> None:
        self._view, self._scene, self._editor, self._dropped = view, scene, editor, dropped
        self._old = _wire_into(scene, item, spot)
        self._moved = False
        if self._old is not None:
            self._fixed, self._side = self._old.source, "out"
        else:
            self._fixed, self._side = Endpoint(item.name, spot.port, spot.index), spot.side
        self._wanted: Side = "in" if self._side == "out" else "out"
        self._anchor = scene.nodes[self._fixed.node].place_of(self._side, self._fixed.port, self._fixed.index)
        self._wire = LooseWire(scene.look)
        self._caught: Endpoint | None = None
        scene.addItem(self._wire)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Lead the wire to the pointer, or to the port that catches it."""
        if not self._moved:
            self._begin()
        point = self._view.mapToScene(at.toPoint())
        over = self._nearest(point)
        end = over[0].place_of(self._wanted, over[1].port, over[1].index) if over else point
        self._caught = Endpoint(over[0].name, over[1].port, over[1].index) if over else None
        self._wire.route(*((self._anchor, end) if self._side == "out" else (end, self._anchor)))
        self._explain(point, at)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Connect, disconnect, or offer layers that fit."""
        self._end()
        if self._caught is not None:
            ends = (self._fixed, self._caught) if self._side == "out" else (self._caught, self._fixed)
            self._editor.connect_ports(*ends, instead_of=self._old)
        elif self._moved and self._old is not None:
            self._editor.disconnect_wires([self._old])
        elif self._moved and self._scene.node_at(self._view.mapToScene(at.toPoint())) is None:
            self._dropped(self._fixed, self._side, at.toPoint())

    def cancel(self) -> None:
        """Leave every wire as it was."""
        self._end()

    def trace(self) -> QPainterPath | None:
        """The loose wire."""
        return self._wire.path()

    def _begin(self) -> None:
        self._moved = True
        scene = self._scene
        scene.look.offers = (
            offers(scene.project.graph, scene.nodes.values(), self._fixed, self._wanted) | self._own_place()
        )
        if self._old is not None:
            scene.edges[self._old].detach(True)
        self._view.viewport().update()

    def _own_place(self) -> frozenset[tuple[str, str, str, int]]:
        """An end that was dragged away may be put back."""
        if self._old is None:
            return frozenset()
        target = self._old.target
        return frozenset({(target.node, "in", target.port, target.index)})

    def _end(self) -> None:
        self._scene.removeItem(self._wire)
        self._scene.look.offers = None
        if self._old is not None and self._old in self._scene.edges:
            self._scene.edges[self._old].detach(False)
        QToolTip.hideText()
        self._view.viewport().update()

    def _nearest(self, point: QPointF) -> tuple[NodeItem, Spot] | None:
        """The nearest port that fits: within reach, or anywhere on the node under the pointer."""
        look = self._scene.look
        reach = CATCH / self._view.zoom
        under = self._scene.node_at(point)
        items = [under] if under is not None else self._scene.nodes_near(point, reach)
        found = [
            (_distance(item.place_of(spot.side, spot.port, spot.index), point), item.name, spot.key)
            for item in items
            for spot in item.face.spots
            if look.offered(item.name, spot)
        ]
        distance, name, key = min(found, default=(reach + 1, "", None))
        if key is None or (under is None and distance > reach):
            return None
        spot = self._scene.nodes[name].spot(*key)
        assert spot is not None
        return self._scene.nodes[name], spot

    def _explain(self, point: QPointF, at: QPointF) -> None:
        """Say why the node under the pointer takes no wire."""
        under = self._scene.node_at(point)
        where = self._view.viewport().mapToGlobal(at.toPoint())
        if under is None or self._caught is not None or under.name == self._fixed.node:
            QToolTip.hideText()
        elif not any(spot.side == self._wanted for spot in under.face.spots):
            text = (
                _translate("Canvas", "{node} takes no input")
                if self._wanted == "in"
                else _translate("Canvas", "{node} gives no output")
            )
            QToolTip.showText(where, text.format(node=under.name))
        else:
            text = _translate("Canvas", "{node} is connected the other way already: this would close a cycle")
            QToolTip.showText(where, text.format(node=under.name))


def _wire_into(scene: GraphScene, item: NodeItem, spot: Spot) -> Edge | None:
    """The wire that ends at an input port."""
    if spot.side == "out":
        return None
    here = Endpoint(item.name, spot.port, spot.index)
    return next((edge for edge in scene.project.graph.incoming(item.name) if edge.target == here), None)


def _distance(one: QPointF, other: QPointF) -> float:
    return ((one.x() - other.x()) ** 2 + (one.y() - other.y()) ** 2) ** 0.5
