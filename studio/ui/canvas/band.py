"""Selecting what a rubber band touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsRectItem

from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView


class RubberBand:
    """Select what a rectangle touches. Shift adds to the selection, Ctrl toggles."""

    def __init__(self, view: GraphView, scene: GraphScene, at: QPointF, modifiers: Modifiers) -> None:
        self._view, self._scene = view, scene
        self._origin = view.mapToScene(at.toPoint())
        self._kept = (scene.chosen, scene.chosen_edges)
        keeps = bool(modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier))
        self._base: set[str] = set(scene.chosen) if keeps else set()
        self._toggles = bool(modifiers & Modifiers.ControlModifier)
        if not keeps:
            scene.choose(())
        accent = scene.look.ink.accent
        self._band = QGraphicsRectItem()
        self._band.setPen(hairline(accent))
        self._band.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 28))
        self._band.setZValue(4)
        scene.addItem(self._band)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Select what the band touches so far."""
        rect = QRectF(self._origin, self._view.mapToScene(at.toPoint())).normalized()
        self._band.setRect(rect)
        hit = self._scene.nodes_in(rect)
        names = self._base ^ set(hit) if self._toggles else self._base | set(hit)
        order = [name for name in self._scene.nodes if name in names]
        self._scene.choose(order, () if names else self._scene.edges_in(rect))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Keep what is selected."""
        self._scene.removeItem(self._band)

    def cancel(self) -> None:
        """Select what was selected before."""
        self._scene.removeItem(self._band)
        self._scene.choose(*self._kept)

    def trace(self) -> QPainterPath | None:
        """The band."""
        path = QPainterPath()
        path.addRect(self._band.rect())
        return path
