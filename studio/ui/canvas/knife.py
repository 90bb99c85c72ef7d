"""Cutting wires: a line drawn by hand, and every wire that it goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from studio.project.graph import Edge
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

STEP = 3.0
"""Pixels that the pointer goes before the line goes on."""


class Knife:
    """Draw a line; the wires that it crosses light up, and are gone when the button is let go."""

    def __init__(self, view: GraphView, scene: GraphScene, editor: Editor, at: QPointF) -> None:
        self._view, self._scene, self._editor = view, scene, editor
        self._last = self._to_scene(at)
        self._crossed: dict[Edge, EdgeItem] = {}
        self._path = QPainterPath(self._last)
        self._line = QGraphicsPathItem()
        pen = hairline(scene.look.ink.error, 2)
        pen.setStyle(Qt.PenStyle.DashLine)
        self._line.setPen(pen)
        self._line.setZValue(5)
        scene.addItem(self._line)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Draw the line on."""
        point = self._to_scene(at)
        stroke = QLineF(self._last, point)
        if stroke.length() * self._view.zoom < STEP:
            return
        self._last = point
        self._path.lineTo(point)
        self._line.setPath(self._path)
        around = QRectF(stroke.p1(), stroke.p2()).normalized().adjusted(-1, -1, 1, 1)
        for item in self._scene.items(around, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
            if isinstance(item, EdgeItem) and item.edge not in self._crossed and item.meets(stroke):
                self._crossed[item.edge] = item
                item.light(True)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Cut."""
        self.move(at, modifiers)
        crossed = [edge for edge in self._crossed if edge in self._scene.edges]
        self._end()
        if crossed:
            self._editor.cut(crossed)

    def cancel(self) -> None:
        """Leave every wire whole."""
        self._end()

    def trace(self) -> QPainterPath | None:
        """The line, and from afar the wires that it crosses."""
        path = QPainterPath(self._path)
        for item in self._crossed.values():
            path.addPath(item.path)
        return path

    def _end(self) -> None:
        self._scene.removeItem(self._line)
        for item in self._crossed.values():
            item.light(False)

    def _to_scene(self, at: QPointF) -> QPointF:
        return self._view.mapToScene(at.toPoint())
