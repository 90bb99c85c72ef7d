"""The hand on the canvas: from press to release it leads one gesture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainterPath
from PySide6.QtWidgets import QApplication

from studio.ui.canvas.gestures import Catching, Gesture, InPlace, Pan

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

EDGE = 32
"""Pixels at the view's edge where a drag moves what is seen: the nearer to it, or beyond, the faster."""
SLOW, FAST = 2.0, 32.0
"""Pixels in each step of CREEP_MS, where that begins and well outside of the view."""
CREEP_MS = 16
NOWHERE = QPoint(-1, -1)
Start = Callable[[QMouseEvent], Gesture | None]


class Hand(QObject):
    """Follows the mouse for a view. `start` says which gesture a press begins."""

    tapped = Signal()
    """The space bar was pressed and let go without dragging."""
    hovered = Signal(QPointF)
    moved = Signal()
    """A gesture went on or ended, or a press began none."""

    def __init__(self, view: GraphView, start: Start) -> None:
        super().__init__(view)
        self._view, self._start = view, start
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._space = self._space_used = False
        self.at = NOWHERE
        """The pointer, in the view's pixels."""
        self._held = Qt.KeyboardModifier.NoModifier
        self._pressing = False
        self._creeping = QTimer(self, interval=CREEP_MS)
        self._creeping.timeout.connect(self._creep)

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture, unless one is going on; one of the keys is given up."""
        if self._gesture is not None and self._button != Qt.MouseButton.NoButton:
            return
        self.cancel()
        self.at, self._button = event.position().toPoint(), event.button()
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._space_used = True
            self._gesture = Pan(self._view, event.position())
            self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._pressing = True
            self._gesture = self._start(event)
            self._pressing = False
            if self._gesture is None:
                self.moved.emit()

    @property
    def gesture(self) -> Gesture | None:
        """What is going on."""
        return self._gesture

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is going on, or about to."""
        return self._pressing or self._gesture is not None

    def take(self, gesture: Gesture) -> None:
        """Begin a gesture that keys lead: no button is held, and the mouse does not move it."""
        self.cancel()
        self._gesture, self._button = gesture, Qt.MouseButton.NoButton
        self.moved.emit()

    def lead(self, at: QPointF) -> None:
        """Lead a gesture of the keys to a point of the viewport."""
        if self._gesture is not None:
            self._gesture.move(at, Qt.KeyboardModifier.NoModifier)
            self.moved.emit()

    def put(self, at: QPointF) -> None:
        """Do there what a gesture of the keys was for."""
        if self._gesture is not None:
            self._put_down().release(at, Qt.KeyboardModifier.NoModifier)
            self._rest()

    def move(self, event: QMouseEvent) -> None:
        """Lead the gesture on; without one, say where the pointer is."""
        self.at, self._held = event.position().toPoint(), event.modifiers()
        if self._gesture is None or self._button == Qt.MouseButton.NoButton:
            self.hovered.emit(event.position())
            return
        self._gesture.move(event.position(), event.modifiers())
        self.moved.emit()
        if isinstance(self._gesture, Pan | InPlace):
            self._creeping.stop()
        else:
            self._creep_near_the_edge()

    def carry(self, at: QPoint | None) -> None:
        """Something from outside is dragged over the view; None: no longer."""
        if at is None:
            self._creeping.stop()
        else:
            self.at = at
            self._creep_near_the_edge()

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

    def give_way(self) -> None:
        """The drawing has changed: give up the gesture, unless it is what changed it.

        One that changes the drawing as it goes must not change it once more in the midst of another edit.
        """
        if not isinstance(self._gesture, InPlace):
            self.cancel()
        elif not self._gesture.editing:
            self._put_down()
            self._rest()

    def leave(self) -> None:
        """The pointer has left the view; what is chosen in a menu still belongs to where that was opened."""
        if QApplication.activePopupWidget() is None:
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

    def _creep_near_the_edge(self) -> None:
        if self._is_held or self._speed().isNull():
            self._creeping.stop()
        elif not self._creeping.isActive():
            self._creeping.start()

    def _creep(self) -> None:
        """Move what is seen while something is dragged to the view's edge."""
        if self._is_held:
            self._creeping.stop()
            return
        self._view.pan(-self._speed())
        if self._gesture is not None:
            self._gesture.move(QPointF(self.at), self._held)
            self.moved.emit()

    @property
    def _is_held(self) -> bool:
        """Whether what is under the pointer has caught the gesture: it must not be carried away."""
        return isinstance(self._gesture, Catching) and self._gesture.holds

    def _speed(self) -> QPoint:
        """Pixels to move on by in one step."""
        room = self._view.viewport().rect()
        across = _pushed(self.at.x(), room.left(), room.right())
        return QPoint(across, _pushed(self.at.y(), room.top(), room.bottom()))


def _pushed(at: int, start: int, end: int) -> int:
    """How far to move on where something is held at a place between two edges, or beyond them."""
    depth = max(start + EDGE - at, at - (end - EDGE), 0)
    speed = min(SLOW + (FAST - SLOW) * (depth / (3 * EDGE)) ** 1.5, FAST) if depth else 0.0
    return round(speed) if at > (start + end) / 2 else -round(speed)
