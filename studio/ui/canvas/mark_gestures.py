"""Dragging frames and notes elsewhere with what they carry, and their edges to another size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.project.graph import Frame, Position
from studio.project.marks import LEAST_FRAME, LEAST_NOTE, Carried
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.mark_item import MarkItem, Part
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import GRID

if TYPE_CHECKING:
    from studio.ui.canvas.mark_deeds import MarkDeeds
    from studio.ui.canvas.view import GraphView


class MoveMarks:
    """Drag all that is selected, and what lies in selected frames; a mere press does `clicked`."""

    def __init__(
        self, view: GraphView, scene: GraphScene, deeds: MarkDeeds, at: QPointF, clicked: Callable[[], None]
    ) -> None:
        self._view, self._scene, self._deeds = view, scene, deeds
        self._press, self._clicked = at, clicked
        self._origin = view.mapToScene(at.toPoint())
        self._moved: Carried | None = None
        self._by: Position = (0.0, 0.0)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Show everything where it would come to lie, on the grid."""
        if self._moved is None:
            if (at - self._press).manhattanLength() < QApplication.startDragDistance() / 2:
                return
            self._moved = self._deeds.carried()
        by = self._view.mapToScene(at.toPoint()) - self._origin
        self._show((round(by.x() / GRID) * GRID, round(by.y() / GRID) * GRID))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Let everything lie."""
        if self._moved is None:
            if not modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier):
                self._clicked()
        else:
            self._deeds.shift(self._moved, self._by)

    def cancel(self) -> None:
        """Put everything back."""
        if self._moved is not None:
            self._show((0.0, 0.0))

    def trace(self) -> QPainterPath | None:
        """Nothing: the things themselves move."""
        return None

    def _show(self, by: Position) -> None:
        assert self._moved is not None
        self._by = by
        graph = self._scene.project.graph
        marks = graph.marks
        self._scene.marks.preview(
            {name: _moved(QRectF(*marks[name].position, *marks[name].size), by) for name in self._moved.marks}
        )
        places = {name: graph.nodes[name].position for name in self._moved.nodes}
        self._scene.preview({name: (x + by[0], y + by[1]) for name, (x, y) in places.items()})


class ResizeMark:
    """Drag an edge or a corner of a frame or note."""

    def __init__(
        self, view: GraphView, scene: GraphScene, deeds: MarkDeeds, item: MarkItem, part: Part, at: QPointF
    ) -> None:
        self._view, self._scene, self._deeds = view, scene, deeds
        self._item, self._part = item, part
        self._before = QRectF(item.body)
        self._origin = view.mapToScene(at.toPoint())

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Show the size, on the grid."""
        by = self._view.mapToScene(at.toPoint()) - self._origin
        least = LEAST_FRAME if isinstance(self._item.mark, Frame) else LEAST_NOTE
        self._show(resized(self._before, self._part, by, least))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Keep the size."""
        if self._item.body != self._before:
            self._deeds.resize(self._item.name, self._item.body)

    def cancel(self) -> None:
        """Give it the size back that it had."""
        self._show(self._before)

    def trace(self) -> QPainterPath | None:
        """Nothing: the thing itself changes."""
        return None

    def _show(self, body: QRectF) -> None:
        self._scene.marks.preview({self._item.name: body})
        self._scene.content_changed.emit()


def resized(before: QRectF, part: Part, by: QPointF, least: Position) -> QRectF:
    """A rectangle some of whose edges were dragged, on the grid and no smaller than it can be."""
    left, top, right, bottom = before.left(), before.top(), before.right(), before.bottom()
    if "w" in part:
        left = min(_snapped(left + by.x()), right - least[0])
    elif "e" in part:
        right = max(_snapped(right + by.x()), left + least[0])
    if "n" in part:
        top = min(_snapped(top + by.y()), bottom - least[1])
    elif "s" in part:
        bottom = max(_snapped(bottom + by.y()), top + least[1])
    return QRectF(left, top, right - left, bottom - top)


def _moved(rect: QRectF, by: Position) -> QRectF:
    return rect.translated(*by)


def _snapped(length: float) -> float:
    return float(round(length / GRID) * GRID)
