"""Which parts of the canvas are painted anew: where something changed, or all that is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

FEW = 24
"""So many rectangles are painted each in its place. More of them cost more than a repaint of all: to paint
into many small ones is slow."""


class Repaints:
    """Takes what nodes and wires want painted, and hands it to the scene."""

    def __init__(self) -> None:
        self._scene: QGraphicsScene | None = None
        self._together = False
        self._asked = 0

    def go_to(self, scene: QGraphicsScene) -> None:
        """Whose views are painted."""
        self._scene = scene

    def ask(self, rect: QRectF) -> None:
        """A rectangle of the canvas is to be painted anew."""
        self._asked += 1
        if self._scene is not None and not (self._together and self._asked > FEW):
            self._scene.update(rect)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Much may change at once: if it does, all is painted anew, once."""
        if self._together:
            yield
            return
        self._together, self._asked = True, 0
        try:
            yield
        finally:
            self._together = False
            if self._asked > FEW and self._scene is not None:
                self._scene.update()
