"""Dragging the selected nodes elsewhere, into a wire, or out of their wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.project.graph import Position
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.landing import Landing
from studio.ui.canvas.pulling import Shake
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.snapping import Snapping
from studio.ui.canvas.structure import Structure

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView


class MoveNodes:
    """Drag the selected nodes; a press that does not move selects what was pressed.

    With Alt, or when they are shaken, they come out of their wires, and their neighbours are joined.
    """

    def __init__(
        self,
        view: GraphView,
        scene: GraphScene,
        structure: Structure,
        name: str,
        at: QPointF,
        modifiers: Modifiers = Modifiers.NoModifier,
    ) -> None:
        self._view, self._scene, self._structure = view, scene, structure
        self._name, self._press = name, at
        self._pulls = bool(modifiers & Modifiers.AltModifier)
        self._shake = Shake(at)
        self._landing: Landing | None = None
        self._origin = view.mapToScene(at.toPoint())
        self._start: dict[str, Position] = {}
        self._snapping = Snapping(view, scene)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Show the nodes where they would come to lie, on the grid."""
        if not self._start:
            if (at - self._press).manhattanLength() < QApplication.startDragDistance() / 2:
                return
            self._begin()
        assert self._landing is not None
        if self._shake.seen(at) or self._pulls:
            self._landing.pull()
        by = self._view.mapToScene(at.toPoint()) - self._origin
        dx, dy = self._snapping.shift(self._start, self._name, by, modifiers)
        self._scene.preview({name: (x + dx, y + dy) for name, (x, y) in self._start.items()})
        self._landing.aim(at)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Let the nodes lie, or select the one that was pressed alone."""
        if self._landing is None:
            if not modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier):
                self._scene.choose([self._name])
            return
        positions = {name: _at(self._scene.nodes[name].body) for name in self._start}
        self._snapping.end()
        self._landing.land(positions)

    def cancel(self) -> None:
        """Put the nodes back."""
        self._snapping.end()
        if self._landing is not None:
            self._landing.cancel()
        self._scene.preview(self._start)

    def trace(self) -> QPainterPath | None:
        """What the nodes are in line with, and the wires around what was pulled out: they themselves move."""
        lines, wires = self._snapping.trace(), self._landing.trace() if self._landing else None
        if lines is None or wires is None:
            return lines or wires
        lines.addPath(wires)
        return lines

    def _begin(self) -> None:
        if self._name not in self._scene.chosen:  # keys have selected something else since the press
            self._scene.choose([self._name])
        nodes = self._scene.project.graph.nodes
        self._start = {name: nodes[name].position for name in self._scene.chosen}
        self._landing = Landing(self._view, self._scene, self._structure, tuple(self._start))


def _at(rect: QRectF) -> Position:
    return rect.x(), rect.y()
