"""A wire on the canvas, with its shape as a pill; and the loose wire that follows the pointer."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsRectItem, QStyleOptionGraphicsItem, QWidget

from studio.build.plan import TensorType
from studio.project.graph import Edge
from studio.ui.canvas.drawing import Level, pill_growth, pill_size
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.look import Look

AROUND = 16.0
"""Room around a wire's curve for its pill and its width."""
Points = tuple[QPointF, QPointF, QPointF, QPointF]


class EdgeItem(QGraphicsRectItem):
    """One wire."""

    def __init__(self, look: Look, edge: Edge) -> None:
        super().__init__()
        self._look = look
        self.edge = edge
        self._pill: str | None = ""
        self.wrong = False
        self.chosen = False
        self.lit = False
        self.detached = False
        self._path: QPainterPath | None = None
        self.bounds = QRectF()
        self._length = 0.0
        self._middle = (0.0, 0.0)
        self._lines: list[QLineF] = []
        self._type: TensorType | None = None
        self._pill_size = (0.0, 0.0)
        self._points: Points = (QPointF(), QPointF(), QPointF(), QPointF())
        self.setPen(Qt.PenStyle.NoPen)

    def route(self, source: QPointF, target: QPointF) -> None:
        """Lead the wire from port to port."""
        self._points = curve(source, target)
        self._path, self._lines = None, []
        left, top, right, bottom = source.x(), source.y(), target.x(), target.y()
        self._length = abs(right - left) + abs(bottom - top)
        self._middle = ((left + right) / 2, (top + bottom) / 2)
        reach = self._points[1].x() - left
        left, right = min(left, right - reach), max(right, left + reach)
        top, bottom = min(top, bottom), max(top, bottom)
        around = 2 * AROUND
        self.bounds = QRectF(left - AROUND, top - AROUND, right - left + around, bottom - top + around)
        self.setRect(self.bounds)

    @property
    def path(self) -> QPainterPath:
        """The curve."""
        if self._path is None:
            self._path = path_of(self._points)
        return self._path

    @property
    def pill(self) -> str:
        """The tensor's shape, where it is known."""
        if self._pill is None:
            self._pill = self._type.pill if self._type else ""
            self._pill_size = pill_size(self._pill)
        return self._pill

    def show_check(self, type: TensorType | None, wrong: bool) -> bool:
        """Show the tensor's shape, and whether it does not fit; says whether that changed its colour."""
        recoloured = wrong != self.wrong
        if recoloured or (type is not self._type and type != self._type):
            self._pill = None
            self.wrong = wrong
            self.update()
        self._type = type
        return recoloured

    def choose(self, chosen: bool) -> None:
        """Show whether the wire is selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def light(self, lit: bool) -> None:
        """Show whether what is dragged would be put into this wire."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def detach(self, detached: bool) -> None:
        """Hide the wire while its end is dragged away."""
        self.detached = detached
        self.update()

    def distance(self, point: QPointF) -> float:
        """How far a point is from the curve."""
        return min(_to_segment(point, line.p1(), line.p2()) for line in self._drawn())

    def crosses(self, rect: QRectF) -> bool:
        """Whether the curve passes through a rectangle."""
        return any(rect.contains(line.p2()) for line in _lines(self._points, 16))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the curve and, where there is room, the pill."""
        if self.detached:
            return
        painter.setPen(self._stroke())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._look.level == Level.NEAR:
            painter.drawLines(self._drawn())
        else:
            painter.drawPath(self.path)
        if self.pill:
            self._paint_pill(painter)

    def pill_place(self) -> QRectF | None:
        """Where the pill lies on the canvas at 100 %; None where there is none, or no room for it."""
        if not self.pill or self._length < self._pill_size[0] + 14:
            return None
        (width, height), (x, y) = self._pill_size, self._middle
        return QRectF(x - width / 2, y - height / 2, width, height)

    def _drawn(self) -> list[QLineF]:
        """The curve as short lines: a wide pen draws those several times faster than a path."""
        if not self._lines:
            self._lines = _lines(self._points, _pieces(self._points, self._length))
        return self._lines

    def _stroke(self) -> QPen:
        look = self._look
        near = look.level == Level.NEAR
        if self.chosen or self.lit or self.wrong:
            colour = look.ink.accent if self.chosen or self.lit else look.ink.error
            return QPen(colour, 2.4 if self.chosen or self.lit else 2) if near else hairline(colour)
        return look.ink.wire_pen if near else look.ink.thin_pen

    def _paint_pill(self, painter: QPainter) -> None:
        growth = pill_growth(self._look.level)
        width, height = self._pill_size[0] * growth, self._pill_size[1] * growth
        if self._length >= width + 14:
            x, y = self._middle
            self._look.blit(painter, self._look.pill(self.pill, self.wrong), x - width / 2, y - height / 2)


class LooseWire(QGraphicsPathItem):
    """The wire that follows the pointer."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setPen(QPen(look.ink.accent, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        self.setZValue(3)

    def route(self, source: QPointF, target: QPointF) -> None:
        """Lead the wire from port to pointer."""
        self.setPath(path_of(curve(source, target)))

    def warn(self, wrong: bool) -> None:
        """Show whether the wire would not work where it ends now."""
        colour = self._look.ink.error if wrong else self._look.ink.accent
        if self.pen().color() != colour:
            self.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))


def curve(source: QPointF, target: QPointF) -> Points:
    """The four points of a wire's Bézier curve: it leaves to the right and arrives from the left."""
    dx, dy = target.x() - source.x(), abs(target.y() - source.y())
    reach = max(min(dx / 2, 160.0), min(24 + dy / 3, 64.0)) if dx >= 0 else min(64 - 0.4 * dx, 400.0)
    return source, source + QPointF(reach, 0), target - QPointF(reach, 0), target


def path_of(points: Points) -> QPainterPath:
    """The curve as a path."""
    path = QPainterPath(points[0])
    path.cubicTo(points[1], points[2], points[3])
    return path


def _pieces(points: Points, length: float) -> int:
    """How many straight lines a curve takes."""
    if abs(points[0].y() - points[3].y()) < 0.5 and points[1].x() <= points[2].x():
        return 1
    return max(10, min(int(length / 14), 40))


def _lines(points: Points, count: int) -> list[QLineF]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((point.x(), point.y()) for point in points)
    made, x, y = [], ax, ay
    for a, b, c, d in _weights(count):
        to_x, to_y = a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy
        made.append(QLineF(x, y, to_x, to_y))
        x, y = to_x, to_y
    return made


@cache
def _weights(count: int) -> tuple[tuple[float, float, float, float], ...]:
    """The four points' weights at the ends of `count` pieces of a curve."""
    parts = [step / count for step in range(1, count + 1)]
    return tuple(((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3) for t in parts)


def _to_segment(point: QPointF, start: QPointF, end: QPointF) -> float:
    along, to = end - start, point - start
    length = QPointF.dotProduct(along, along)
    part = max(0.0, min(1.0, QPointF.dotProduct(to, along) / length)) if length else 0.0
    off = to - along * part
    return QPointF.dotProduct(off, off) ** 0.5
