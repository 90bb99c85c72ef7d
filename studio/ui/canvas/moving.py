"""Dragging the selected nodes elsewhere, or a lone one into a wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.project.graph import Position
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import GRID

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView


class MoveNodes:
    """Drag the selected nodes; a press that does not move selects what was pressed."""

    def __init__(self, view: GraphView, scene: GraphScene, editor: Editor, name: str, at: QPointF) -> None:
        self._view, self._scene, self._editor = view, scene, editor
        self._name, self._press = name, at
        self._origin = view.mapToScene(at.toPoint())
        self._start: dict[str, Position] = {}
        self._target: EdgeItem | None = None

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Show the nodes where they would come to lie, on the grid."""
        if not self._start:
            if (at - self._press).manhattanLength() < QApplication.startDragDistance() / 2:
                return
            nodes = self._scene.project.graph.nodes
            self._start = {name: nodes[name].position for name in self._scene.chosen}
        by = self._view.mapToScene(at.toPoint()) - self._origin
        self._scene.preview({name: _snapped(start, by) for name, start in self._start.items()})
        self._aim(at)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Let the nodes lie, or select the one that was pressed alone."""
        if not self._start:
            if not modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier):
                self._scene.choose([self._name])
            return
        positions = {name: _at(self._scene.nodes[name].body) for name in self._start}
        target = self._aimed(None)
        if target is not None:
            self._editor.insert(target.edge, self._name, positions[self._name])
        else:
            self._editor.move(positions)

    def cancel(self) -> None:
        """Put the nodes back."""
        self._aimed(None)
        self._scene.preview(self._start)

    def trace(self) -> QPainterPath | None:
        """Nothing: the nodes themselves move."""
        return None

    def _aim(self, at: QPointF) -> None:
        """A lone node without wires is put into the wire that it is dropped on."""
        graph = self._scene.project.graph
        name = self._name
        lone = len(self._start) == 1 and not graph.incoming(name) and not graph.outgoing(name)
        fits = lone and self._editor.fits_into(graph.nodes[name].type)
        point = self._view.mapToScene(at.toPoint())
        self._aimed(self._scene.edge_at(point, 10 / self._view.zoom) if fits else None)

    def _aimed(self, target: EdgeItem | None) -> EdgeItem | None:
        old, self._target = self._target, target
        if old is not target:
            if old is not None:
                old.light(False)
            if target is not None:
                target.light(True)
        return old


def _snapped(start: Position, by: QPointF) -> Position:
    return round((start[0] + by.x()) / GRID) * GRID, round((start[1] + by.y()) / GRID) * GRID


def _at(rect: QRectF) -> Position:
    return rect.x(), rect.y()
