"""What a press of the mouse can begin: what every gesture does, and panning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

Modifiers = Qt.KeyboardModifier


class Gesture(Protocol):
    """Lives from press to release; positions are the viewport's."""

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """The pointer moved."""

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """The button was let go: do it."""

    def cancel(self) -> None:
        """Leave everything as it was."""

    def trace(self) -> QPainterPath | None:
        """What the gesture shows, on the canvas."""


class InPlace:
    """A gesture that changes the drawing as it goes, while the view stays; `editing` while it does so."""

    editing = False


class Catching:
    """A gesture that ports catch: while one `holds` it, the view stays, so that the port does too."""

    @property
    def holds(self) -> bool:
        """Whether something under the pointer has caught it."""
        return False


class Pan:
    """Drag the canvas itself."""

    def __init__(self, view: GraphView, at: QPointF) -> None:
        self._view, self._last = view, at.toPoint()

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Follow the pointer."""
        by, self._last = at.toPoint() - self._last, at.toPoint()
        self._view.pan(by)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Stay."""

    def cancel(self) -> None:
        """Stay."""

    def trace(self) -> QPainterPath | None:
        """Nothing."""
        return None
