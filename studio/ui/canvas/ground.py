"""The canvas's ground: its colour, and the dots of a grid about as wide at every zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPolygonF, QTransform

from studio.ui.canvas.ink import Ink, hairline

STEP = 24.0
LEAST, MOST = 18.0, 36.0


class Ground:
    """Draws all dots in one call, from points that are made once for each size of the view."""

    def __init__(self) -> None:
        self._size = QSize()
        self._points = QPolygonF()

    def paint(self, painter: QPainter, exposed: QRect, view: QTransform, size: QSize, ink: Ink) -> None:
        """Paint a part of the view; the painter's coordinates are the view's pixels."""
        painter.fillRect(exposed, ink.canvas)
        if size != self._size:
            self._prepare(size)
        step = STEP * view.m11()
        while step < LEAST:
            step *= 2
        while step > MOST:
            step /= 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(hairline(ink.dots))
        painter.setTransform(QTransform(step, 0, 0, step, view.dx() % step - step, view.dy() % step - step))
        painter.drawPoints(self._points)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _prepare(self, size: QSize) -> None:
        columns, rows = int(size.width() / LEAST) + 3, int(size.height() / LEAST) + 3
        self._size = QSize(size)
        self._points = QPolygonF([QPointF(x, y) for y in range(rows) for x in range(columns)])
