"""A wire on the canvas, with its shape as a pill; and the loose wire that follows the pointer."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsRectItem

from studio.build.plan import TensorType
from studio.project.graph import Edge, Position
from studio.ui.canvas.curves import (
    FLAT,
    Points,
    curve,
    curves,
    hull,
    leads_back,
    length_of,
    lines_of,
    middle_of,
    off_lines,
    path_of,
    reach_of,
)
from studio.ui.canvas.drawing import pill_size
from studio.ui.canvas.look import Look

AROUND = 16.0
"""Room around a wire's curve for its pill and its width."""
PIECES, LINES = 12, 3
"""In how many pieces a loose wire is drawn, and of how many straight lines each is."""


class EdgeItem(QGraphicsRectItem):
    """One wire: where it goes and how it looks. It is painted with all others, by WireLayer."""

    def __init__(self, look: Look, edge: Edge) -> None:
        super().__init__()
        self._look = look
        self.edge = edge
        self._pill: str | None = ""
        self.wrong = False
        self.chosen = False
        self.lit = False
        self.hovered = False
        self.detached = False
        self.dot: int | None = None
        """Which of its dots is selected."""
        self._path: QPainterPath | None = None
        self.bounds = QRectF()
        self._length = 0.0
        self._middle = (0.0, 0.0)
        self._lines: list[QLineF] = []
        self.level: QLineF | None = None
        """The whole wire, where it is one level line: most are."""
        self._type: TensorType | None = None
        self._pill_size = (0.0, 0.0)
        self._bends: list[QPointF] = []
        self._led: tuple[Points, ...] = ()
        self._shift = QPointF()
        """How far the wire was moved since it was led: each curve and line of it has yet to go as far."""
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)

    def route(self, source: QPointF, target: QPointF, bends: Iterable[Position] = ()) -> None:
        """Lead the wire from port to port, through the bends."""
        self.repaint()
        self._bends = [QPointF(*bend) for bend in bends]
        self._lead(source, target)
        self.setRect(self.bounds)
        self.repaint()

    def move_by(self, by: QPointF) -> None:
        """Move the wire as it is, where both its nodes are moved: that is quicker than to lead it anew."""
        self.repaint()
        x, y = self._middle
        self._path, self._middle = None, (x + by.x(), y + by.y())
        self._bends = [bend + by for bend in self._bends]
        self.level = self.level.translated(by) if self.level is not None else None
        self._shift = self._shift + by
        self.bounds = self.bounds.translated(by)
        self.setRect(self.bounds)
        self.repaint()

    def repaint(self) -> None:
        """Where it lies, the view is painted anew."""
        self._look.repaints.ask(self.bounds)

    def _lead(self, source: QPointF, target: QPointF) -> None:
        self._path, self._lines, self.level, self._shift = None, [], None, QPointF()
        left, top, right, bottom = source.x(), source.y(), target.x(), target.y()
        if self._bends or leads_back(right - left, bottom - top):
            self._led = curves(source, target, self._bends)
            longest = max(self._led, key=length_of)
            self._length, self._middle = length_of(longest), middle_of(longest)
            self.bounds = hull(self._led, AROUND)
        else:
            self._lead_straight(left, top, right, bottom)

    def _lead_straight(self, left: float, top: float, right: float, bottom: float) -> None:
        """Without bends: most wires are, so that this is quick, and asks Qt for nothing."""
        along, down = right - left, bottom - top
        reach = reach_of(along, down)
        source, target = QPointF(left, top), QPointF(right, bottom)
        self._led = ((source, QPointF(left + reach, top), QPointF(right - reach, bottom), target),)
        if -FLAT < down < FLAT and along >= 2 * reach:
            self.level = QLineF(source, target)
            self._lines = [self.level]
        self._length = abs(along) + abs(down)
        self._middle = ((left + right) / 2, (top + bottom) / 2)
        left, right = min(left, right - reach), max(right, left + reach)
        top, bottom = min(top, bottom), max(top, bottom)
        around = 2 * AROUND
        self.bounds = QRectF(left - AROUND, top - AROUND, right - left + around, bottom - top + around)

    @property
    def path(self) -> QPainterPath:
        """The curve."""
        if self._path is None:
            self._path = path_of(self._parts)
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
            self.repaint()
        self._type = type
        return recoloured

    def choose(self, chosen: bool) -> None:
        """Show whether the wire is selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.dot = self.dot if chosen else None
            self.repaint()

    def light(self, lit: bool) -> None:
        """Show whether what is dragged would be put into this wire."""
        if lit != self.lit:
            self.lit = lit
            self.repaint()

    def hover(self, hovered: bool) -> None:
        """Show whether the pointer is on the wire."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.repaint()

    def choose_dot(self, dot: int | None) -> None:
        """Show which of the dots is selected."""
        if dot != self.dot:
            self.dot = dot
            self.repaint()

    def detach(self, detached: bool) -> None:
        """Hide the wire while its end is dragged away."""
        self.detached = detached
        self.repaint()

    def distance(self, point: QPointF) -> float:
        """How far a point is from the curve."""
        return off_lines(point, self.lines())

    def crosses(self, rect: QRectF) -> bool:
        """Whether the curve passes through a rectangle."""
        return any(rect.contains(line.p2()) for line in lines_of(self._parts, 16))

    def meets(self, stroke: QLineF) -> bool:
        """Whether the curve crosses a straight line."""
        bounded = QLineF.IntersectionType.BoundedIntersection
        return any(line.intersects(stroke)[0] == bounded for line in self.lines())

    def dot_at(self, point: QPointF, reach: float) -> int | None:
        """The dot nearest to a point, within reach."""
        near = [(QLineF(bend, point).length(), at) for at, bend in enumerate(self._bends)]
        distance, at = min(near, default=(reach + 1, 0))
        return at if distance <= reach else None

    def part_at(self, point: QPointF) -> int:
        """Between which of its points the curve comes nearest to a point: 0 is before the first bend."""
        away = [off_lines(point, lines_of([part])) for part in self._parts]
        return away.index(min(away)) if self._bends else 0

    @property
    def middle(self) -> QPointF:
        """Where its pill is, on the curve."""
        return QPointF(*self._middle)

    def pill_place(self, growth: float = 1.0) -> QRectF | None:
        """Where the pill lies on the canvas, so many times as large; None where there is none, or no room."""
        corner = self.pill_corner(growth)
        wide, high = self._pill_size
        return QRectF(*corner, wide * growth, high * growth) if corner else None

    def pill_corner(self, growth: float) -> tuple[float, float] | None:
        """The upper left corner of that place."""
        if not self.pill or self._length < self._pill_size[0] * growth + 14:
            return None
        x, y = self._middle
        wide, high = self._pill_size
        return x - wide * growth / 2, y - high * growth / 2

    def lines(self) -> list[QLineF]:
        """The curve as short lines: a wide pen draws those several times faster than a path."""
        parts = self._parts
        self._lines = self._lines or lines_of(parts)
        return self._lines

    def led_lines(self) -> tuple[QPointF, list[QLineF]]:
        """The lines where the wire was led, and how far it was moved since: a painter moves them quicker."""
        self._lines = self._lines or lines_of(self._led)
        return self._shift, self._lines

    @property
    def _parts(self) -> tuple[Points, ...]:
        """Its curves where it lies now."""
        if not self._shift.isNull():
            by, self._shift = self._shift, QPointF()
            self._lines = [line.translated(by) for line in self._lines]
            self._led = tuple((a + by, b + by, c + by, d + by) for a, b, c, d in self._led)
        return self._led

    @property
    def bends(self) -> list[QPointF]:
        """The points that it is led through."""
        return self._bends

    @property
    def plain(self) -> bool:
        """Whether nothing tells it from most other wires."""
        return not (self.chosen or self.lit or self.hovered or self.wrong or self._bends)


class LooseWire(QGraphicsRectItem):
    """The wire that follows the pointer. It is drawn in pieces: only what is close to it is painted anew."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._path = QPainterPath()
        self._wrong = False
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)
        self.setZValue(3)
        self._pieces = [QGraphicsPathItem(self) for _ in range(PIECES)]
        self._ink()

    def route(self, source: QPointF, target: QPointF) -> None:
        """Lead the wire from port to pointer."""
        parts = [curve(source, target)]
        self._path = path_of(parts)
        lines = lines_of(parts, PIECES * LINES)
        for at, piece in enumerate(self._pieces):
            mine = lines[at * LINES : (at + 1) * LINES]
            path = QPainterPath(mine[0].p1())
            for line in mine:
                path.lineTo(line.p2())
            piece.setPath(path)

    def path(self) -> QPainterPath:
        """The whole curve."""
        return self._path

    def warn(self, wrong: bool) -> None:
        """Show whether the wire would not work where it ends now."""
        if wrong != self._wrong:
            self._wrong = wrong
            self._ink()

    def _ink(self) -> None:
        colour = self._look.ink.error if self._wrong else self._look.ink.accent
        pen = QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        for piece in self._pieces:
            piece.setPen(pen)
