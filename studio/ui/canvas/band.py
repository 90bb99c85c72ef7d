"""Selecting what a rubber band touches, or what a lasso goes around."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPolygonF
from PySide6.QtWidgets import QApplication, QGraphicsPathItem, QGraphicsRectItem

from studio.project.graph import Edge
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

ORDER = 4.0
STEP = 3.0
"""Pixels that the pointer goes before the lasso takes another corner."""
SAMPLES = 24
FILL = Qt.FillRule.WindingFill
Area = TypeVar("Area", QGraphicsRectItem, QGraphicsPathItem)


class Picking:
    """What is selected while an area grows: Shift adds to what was selected, Ctrl toggles."""

    def __init__(self, scene: GraphScene, modifiers: Modifiers) -> None:
        self._scene = scene
        self._kept = (scene.chosen, scene.chosen_edges, scene.chosen_marks)
        keeps = bool(modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier))
        self._nodes: set[str] = set(scene.chosen) if keeps else set()
        self._marks: set[str] = set(scene.chosen_marks) if keeps else set()
        self._toggles = bool(modifiers & Modifiers.ControlModifier)
        if not keeps:
            scene.choose(())

    def show(self, hit: Iterable[str], marks: Iterable[str], wires: Callable[[], Iterable[Edge]]) -> None:
        """Select these nodes, frames and notes; where there are none, the wires that are asked for then."""
        names, around = self._merged(self._nodes, hit), self._merged(self._marks, marks)
        order = [name for name in self._scene.nodes if name in names]
        self._scene.choose(order, () if names or around else wires(), around)

    def finish(self) -> None:
        """Keep what is selected, in the order from left to right: joined, it follows that."""
        scene, nodes = self._scene, self._scene.nodes
        order = sorted(scene.chosen, key=lambda name: (nodes[name].body.x(), nodes[name].body.y()))
        scene.choose(order, scene.chosen_edges, scene.chosen_marks)

    def _merged(self, base: set[str], hit: Iterable[str]) -> set[str]:
        return base ^ set(hit) if self._toggles else base | set(hit)

    def undo(self) -> None:
        """Select what was selected before."""
        self._scene.choose(*self._kept)


class RubberBand:
    """Select what a rectangle touches. Shift adds to the selection, Ctrl toggles."""

    def __init__(self, view: GraphView, scene: GraphScene, at: QPointF, modifiers: Modifiers) -> None:
        self._view, self._scene = view, scene
        self._origin = view.mapToScene(at.toPoint())
        self._picking = Picking(scene, modifiers)
        self._band = _drawn(QGraphicsRectItem(), scene)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Select what the band touches so far."""
        rect = QRectF(self._origin, self._view.mapToScene(at.toPoint())).normalized()
        self._band.setRect(rect)
        scene = self._scene
        self._picking.show(scene.nodes_in(rect), scene.marks.touched(rect), partial(scene.edges_in, rect))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Keep what is selected."""
        self._scene.removeItem(self._band)
        self._picking.finish()

    def cancel(self) -> None:
        """Select what was selected before."""
        self._scene.removeItem(self._band)
        self._picking.undo()

    def trace(self) -> QPainterPath | None:
        """The band."""
        path = QPainterPath()
        path.addRect(self._band.rect())
        return path


class BandFromWire:
    """A press on a wire has selected it; a pointer that goes on means a band: wires are everywhere."""

    def __init__(self, view: GraphView, scene: GraphScene, at: QPointF, modifiers: Modifiers) -> None:
        self._at = at
        self._begin = partial(RubberBand, view, scene, at, modifiers)
        self._band: RubberBand | None = None

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Begin the band when the pointer is clearly elsewhere, then lead it."""
        if self._band is None and (at - self._at).manhattanLength() >= QApplication.startDragDistance():
            self._band = self._begin()
        if self._band is not None:
            self._band.move(at, modifiers)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Keep what is selected."""
        if self._band is not None:
            self._band.release(at, modifiers)

    def cancel(self) -> None:
        """Select what was selected before."""
        if self._band is not None:
            self._band.cancel()

    def trace(self) -> QPainterPath | None:
        """The band, where there is one."""
        return self._band.trace() if self._band is not None else None


class Lasso:
    """Select the nodes whose middle a freehand line goes around. Shift adds, Ctrl toggles."""

    def __init__(self, view: GraphView, scene: GraphScene, at: QPointF, modifiers: Modifiers) -> None:
        self._view, self._scene = view, scene
        self._line = QPolygonF([view.mapToScene(at.toPoint())])
        self._last = at
        self._picking = Picking(scene, modifiers)
        self._area = _drawn(QGraphicsPathItem(), scene)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Draw on, and select what lies inside so far."""
        if (at - self._last).manhattanLength() < STEP:
            return
        self._last = at
        self._line.append(self._view.mapToScene(at.toPoint()))
        scene, line = self._scene, self._line
        path = self._path()
        self._area.setPath(path)
        inside = [
            name
            for name in scene.nodes_in(line.boundingRect())
            if line.containsPoint(scene.nodes[name].body.center(), FILL)
        ]
        self._picking.show(inside, scene.marks.touched(path), self._crossed)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Keep what is selected."""
        self._scene.removeItem(self._area)
        self._picking.finish()

    def cancel(self) -> None:
        """Select what was selected before."""
        self._scene.removeItem(self._area)
        self._picking.undo()

    def trace(self) -> QPainterPath | None:
        """The line."""
        return self._path()

    def _path(self) -> QPainterPath:
        path = QPainterPath()
        path.addPolygon(self._line)
        path.closeSubpath()
        return path

    def _crossed(self) -> list[Edge]:
        """The wires that pass through what the line goes around."""
        near = self._scene.edges_in(self._line.boundingRect())
        return [edge for edge in near if self._holds_some_of(self._scene.edges[edge].path)]

    def _holds_some_of(self, path: QPainterPath) -> bool:
        points = (path.pointAtPercent(step / SAMPLES) for step in range(SAMPLES + 1))
        return any(self._line.containsPoint(point, FILL) for point in points)


def _drawn(area: Area, scene: GraphScene) -> Area:
    accent = scene.look.ink.accent
    area.setPen(hairline(accent))
    area.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 28))
    area.setZValue(ORDER)
    scene.addItem(area)
    return area
