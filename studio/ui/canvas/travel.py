"""Leads the view to another place in a moment, so that the eye can follow; any press or turn ends it."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPointF, QRectF, QVariantAnimation
from PySide6.QtWidgets import QStyle

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

MILLISECONDS = 180
INTERRUPTING = {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
    QEvent.Type.NativeGesture,
    QEvent.Type.TouchBegin,
    QEvent.Type.DragEnter,
    QEvent.Type.Resize,
}


class Travel(QObject):
    """Where the desktop asks for no animation, or the view is not seen, it is there at once."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._from, self._to = (1.0, QPointF()), (1.0, QPointF())
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(MILLISECONDS)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._move)
        view.viewport().installEventFilter(self)

    @property
    def going(self) -> bool:
        """Whether the view is on its way."""
        return self._motion.state() == QVariantAnimation.State.Running

    def fit(self, rect: QRectF) -> None:
        """Show a rectangle of the canvas whole, at 100 % at most."""
        self._go(*self._view.fitting(rect))

    def zoom_to(self, zoom: float) -> None:
        """Zoom around the middle."""
        self._go(zoom, self._view.seen().center())

    def stop(self) -> None:
        """Stay where the view has come to."""
        self._motion.stop()

    def _go(self, zoom: float, centre: QPointF) -> None:
        self.stop()
        self._from, self._to = (self._view.zoom, self._view.seen().center()), (zoom, centre)
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if self._view.isVisible() and self._view.style().styleHint(hint, None, self._view) > 0:
            self._motion.start()
        else:
            self._move(1.0)

    def _move(self, part: float) -> None:
        """The zoom grows by equal factors; what lies in the middle comes in along with it."""
        (old, start), (new, end) = self._from, self._to
        zoom = new if part >= 1 else exp(log(old) + (log(new) - log(old)) * part)
        share = part if abs(new - old) < 1e-6 else (1 / old - 1 / zoom) / (1 / old - 1 / new)
        self._view.look_at(zoom, start + (end - start) * share)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in INTERRUPTING:
            self.stop()
        return super().eventFilter(watched, event)
