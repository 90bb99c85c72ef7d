"""The hand on the canvas: from press to release it leads one gesture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainterPath

from studio.ui.canvas.gestures import Gesture, Pan

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

EDGE, STEP = 28, 14
NOWHERE = QPoint(-1, -1)
Start = Callable[[QMouseEvent], Gesture | None]


class Hand(QObject):
    """Follows the mouse for a view. `start` says which gesture a press begins."""

    tapped = Signal()
    """The space bar was pressed and let go without dragging."""
    hovered = Signal(QPointF)
    moved = Signal()
    """A gesture went on or ended."""

    def __init__(self, view: GraphView, start: Start) -> None:
        super().__init__(view)
        self._view, self._start = view, start
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._space = self._space_used = False
        self.at = NOWHERE
        """The pointer, in the view's pixels."""
        self._creeping = QTimer(self, interval=16)
        self._creeping.timeout.connect(self._creep)

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture, unless one is going on."""
        if self._gesture is not None:
            return
        self.at, self._button = event.position().toPoint(), event.button()
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._space_used = True
            self._gesture = Pan(self._view, event.position())
            self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._gesture = self._start(event)

    def move(self, event: QMouseEvent) -> None:
        """Lead the gesture on; without one, say where the pointer is."""
        self.at = event.position().toPoint()
        if self._gesture is None:
            self.hovered.emit(event.position())
            return
        self._gesture.move(event.position(), event.modifiers())
        self.moved.emit()
        inner = self._view.viewport().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        if isinstance(self._gesture, Pan) or inner.contains(self.at):
            self._creeping.stop()
        else:
            self._creeping.start()

    def release(self, event: QMouseEvent) -> None:
        """Do what the gesture was for."""
        if self._gesture is not None and event.button() == self._button:
            gesture = self._put_down()
            gesture.release(event.position(), event.modifiers())
            self._rest()

    def cancel(self) -> bool:
        """Give up the gesture; says whether there was one."""
        if self._gesture is None:
            return False
        self._put_down().cancel()
        self._rest()
        return True

    def leave(self) -> None:
        """The pointer has left the view."""
        self.at = NOWHERE
        self.hovered.emit(QPointF(NOWHERE))

    def hold_space(self, held: bool) -> None:
        """While the space bar is held, dragging pans."""
        tapped = self._space and not held and not self._space_used
        self.forget_space(held)
        if tapped:
            self.tapped.emit()

    def forget_space(self, held: bool = False) -> None:
        """The space bar is held, or the keyboard went elsewhere."""
        self._space, self._space_used = held, False
        if self._gesture is None:
            self._rest()

    def trace(self) -> QPainterPath | None:
        """What the gesture shows, on the canvas."""
        return self._gesture.trace() if self._gesture is not None else None

    def _put_down(self) -> Gesture:
        gesture, self._gesture = self._gesture, None
        assert gesture is not None
        self._creeping.stop()
        return gesture

    def _rest(self) -> None:
        shape = Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor
        self._view.viewport().setCursor(shape)
        self.moved.emit()

    def _creep(self) -> None:
        """Pan slowly while something is dragged to the view's edge."""
        inner = self._view.viewport().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        across = (self.at.x() < inner.left()) - (self.at.x() > inner.right())
        down = (self.at.y() < inner.top()) - (self.at.y() > inner.bottom())
        self._view.pan(QPoint(STEP * across, STEP * down))
        if self._gesture is not None:
            self._gesture.move(QPointF(self.at), Qt.KeyboardModifier.NoModifier)
