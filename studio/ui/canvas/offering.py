"""Dragging a parameter's line from a node onto the arguments of the block that is looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.ui.canvas.arguments_strip import ArgumentsStrip
from studio.ui.canvas.gestures import Gesture, Modifiers


class OfferParam:
    """Moves the node like any other drag; over the arguments the node is back in its place, and the
    parameter that was pressed is what is dropped.
    """

    def __init__(self, begin: Callable[[], Gesture], strip: ArgumentsStrip, param: str, at: QPointF) -> None:
        self._begin, self._strip, self._param, self._press = begin, strip, param, at
        self._begun = begin()
        self._moved = self._over = False

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Move the node, or show which argument would take the parameter."""
        if not self._moved and (at - self._press).manhattanLength() >= QApplication.startDragDistance():
            self._moved = True
            self._strip.show_target(True)
        if self._strip.covers(at) != self._over:
            self._over = not self._over
            if self._over:
                self._begun.cancel()
            else:
                self._begun = self._begin()
        if self._over:
            self._strip.aim(at)
        else:
            self._begun.move(at, modifiers)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Let the argument take the parameter, or the node lie."""
        self._strip.show_target(False)
        if self._over and self._strip.covers(at):
            self._strip.take(self._param, at)
        elif not self._over:
            self._begun.release(at, modifiers)

    def cancel(self) -> None:
        """Put the node back."""
        self._strip.show_target(False)
        if not self._over:
            self._begun.cancel()

    def trace(self) -> QPainterPath | None:
        """What moving the node shows."""
        return None if self._over else self._begun.trace()
