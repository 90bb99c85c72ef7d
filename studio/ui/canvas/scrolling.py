"""Wheel, touchpad and fingers: they move what is seen, or make it larger and smaller where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

NOTCH = 1.2
"""How much larger one notch of the wheel makes it."""
ANGLE = 120
"""What Qt counts for a notch; half as many pixels are scrolled."""
TAKEN = (QWheelEvent, QNativeGestureEvent, QGestureEvent)


class Scrolling:
    """Takes the events of the view's viewport that scroll and zoom."""

    def __init__(self, view: GraphView) -> None:
        self._view = view
        view.viewport().grabGesture(Qt.GestureType.PinchGesture)

    def take(self, event: QWheelEvent | QNativeGestureEvent | QGestureEvent) -> bool:
        """Do what an event stands for; says whether it stands for anything."""
        if isinstance(event, QWheelEvent):
            self._turn(event)
        elif isinstance(event, QNativeGestureEvent):
            self._pinched(event)
        elif isinstance(event, QGestureEvent):
            return self._two_fingers(event)
        event.accept()
        return True

    def _turn(self, event: QWheelEvent) -> None:
        """Ctrl zooms at the pointer, Shift scrolls sideways."""
        view, modifiers = self._view, event.modifiers()
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            view.zoom_to(view.zoom * NOTCH ** (event.angleDelta().y() / ANGLE), event.position())
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and not delta.x():
            view.pan(QPoint(delta.y(), 0))
        else:
            view.pan(delta)

    def _pinched(self, event: QNativeGestureEvent) -> None:
        """A pinch on a touchpad."""
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._view.zoom_to(self._view.zoom * max(1 + event.value(), 0.1), event.position())

    def _two_fingers(self, event: QGestureEvent) -> bool:
        """Two fingers on a screen: what lies between them follows; what one finger had begun is given up."""
        pinch = cast("QPinchGesture | None", event.gesture(Qt.GestureType.PinchGesture))
        if pinch is None:
            return False
        event.accept(pinch)
        if pinch.state() == Qt.GestureState.GestureStarted:
            self._view.hand.cancel()
            return True
        view, port = self._view, self._view.viewport()
        centre = QPointF(port.mapFromGlobal(pinch.centerPoint()))
        view.pan((pinch.centerPoint() - pinch.lastCenterPoint()).toPoint())
        if pinch.changeFlags() & QPinchGesture.ChangeFlag.ScaleFactorChanged:
            view.zoom_to(view.zoom * pinch.scaleFactor(), centre)
        return True
