"""The ghost's picture: nodes that would come translucent, what would go struck out, values as 3 → same."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from studio.project.graph import Edge
from studio.ui.canvas.curves import curves, path_of
from studio.ui.canvas.drawing import MARGIN, Level, face_pixmap, plate_pixmap
from studio.ui.canvas.face import HEADER, LEFT, RIGHT, ROW, Face
from studio.ui.canvas.ink import Ink, fonts
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.vision import Point, Turn, Vision
from studio.ui.theme import NODE_RADIUS

TRANSLUCENT, VEIL = 0.72, 185
ABOVE = 8.0
AROUND = 60.0
INSET = 6
READABLE = 0.95
"""Texts are never drawn smaller than at this zoom."""
DASHES = (4.0, 3.0)


class GhostItem(QGraphicsItem):
    """All of the ghost in one item, over everything else."""

    def __init__(self, scene: GraphScene, vision: Vision) -> None:
        super().__init__()
        self._graph = scene
        self.vision = vision
        self._pictures: dict[str, tuple[Level, float, QPixmap]] = {}
        self._wires = [_led(points) for points in vision.wires]
        self._bounds = self._around()
        self.setZValue(ABOVE)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it; the painter's coordinates are those of the canvas."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_going(painter)
        self._paint_coming(painter)
        for node, turns in self._by_node().items():
            for at, turn in enumerate(turns):
                self._turn(painter, self._graph.nodes[node], turn, at)

    def _paint_going(self, painter: QPainter) -> None:
        for edge in self.vision.cut:
            if edge in self._graph.edges:
                self._cut(painter, edge)
        for name in self.vision.removed:
            self._strike(painter, self._graph.nodes[name].body)
        for name in self.vision.moved:
            self._fade(painter, self._graph.nodes[name].body)

    def _paint_coming(self, painter: QPainter) -> None:
        painter.setPen(self._dashed(self._ink.accent, 2))
        for path in self._wires:
            painter.drawPath(path)
        for name, at in self.vision.moved.items():
            self._appear(painter, self._graph.nodes[name].face, QPointF(*at))
        for face, at in self.vision.added.values():
            self._appear(painter, face, QPointF(*at))

    @property
    def _ink(self) -> Ink:
        return self._graph.look.ink

    def _around(self) -> QRectF:
        nodes = self._graph.nodes
        touched = [*self.vision.removed, *self.vision.moved, *(one.node for one in self.vision.turns)]
        whole = QRectF()
        for name in touched:
            whole = whole.united(nodes[name].body)
        for name, at in self.vision.moved.items():
            whole = whole.united(QRectF(QPointF(*at), nodes[name].body.size()))
        for face, at in self.vision.added.values():
            whole = whole.united(QRectF(*at, face.width, face.height))
        for path in self._wires:
            whole = whole.united(path.boundingRect())
        for edge in self.vision.cut:
            if edge in self._graph.edges:
                whole = whole.united(self._graph.edges[edge].path.boundingRect())
        around = AROUND / min(self._graph.look.zoom, 1.0)
        return whole.adjusted(-around, -around, 5 * around, around)

    def _by_node(self) -> dict[str, list[Turn]]:
        found: dict[str, list[Turn]] = {}
        for turn in self.vision.turns:
            found.setdefault(turn.node, []).append(turn)
        return found

    def _dashed(self, colour: QColor, width: float) -> QPen:
        pen = QPen(colour, width / min(self._graph.look.zoom, 1.0))
        pen.setDashPattern(DASHES)
        return pen

    def _outline(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(self._dashed(self._ink.accent, 1.6))
        painter.drawRoundedRect(rect, NODE_RADIUS, NODE_RADIUS)

    def _appear(self, painter: QPainter, face: Face, at: QPointF) -> None:
        """A node that would come: its picture, translucent, with a dashed outline."""
        picture = self._picture(face)
        size = QRectF(at.x() - MARGIN, at.y() - MARGIN, face.width + 2 * MARGIN, face.height + 2 * MARGIN)
        painter.setOpacity(TRANSLUCENT)
        painter.drawPixmap(size, picture, QRectF(0, 0, picture.width() - 1, picture.height() - 1))
        painter.setOpacity(1.0)
        self._outline(painter, QRectF(at.x(), at.y(), face.width, face.height))

    def _picture(self, face: Face) -> QPixmap:
        look = self._graph.look
        kept = self._pictures.get(face.name)
        if kept is None or kept[:2] != (look.level, look.scale):
            plate = plate_pixmap(face, look.ink, look.level, look.scale)
            kept = (look.level, look.scale, face_pixmap(face, look.ink, look.level, plate, look.scale))
            self._pictures[face.name] = kept
        return kept[2]

    def _cut(self, painter: QPainter, edge: Edge) -> None:
        """A wire that would go: faded, dashed in red, with a cross in its middle."""
        path, ink = self._graph.edges[edge].path, self._ink
        width = 1 / min(self._graph.look.zoom, 1.0)
        painter.setPen(QPen(ink.canvas, 4 * width))
        painter.drawPath(path)
        painter.setPen(self._dashed(ink.error, 2))
        painter.drawPath(path)
        middle, reach = path.pointAtPercent(0.5), 6 * width
        painter.setPen(QPen(ink.canvas, 6 * width))
        self._cross(painter, middle, reach)
        painter.setPen(QPen(ink.error, 2.4 * width))
        self._cross(painter, middle, reach)

    def _cross(self, painter: QPainter, at: QPointF, reach: float) -> None:
        across, down = QPointF(reach, reach), QPointF(reach, -reach)
        painter.drawLine(at - across, at + across)
        painter.drawLine(at - down, at + down)

    def _fade(self, painter: QPainter, body: QRectF) -> None:
        """What would not be there any more, with its ports."""
        veil = QColor(self._ink.canvas)
        veil.setAlpha(VEIL)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawRoundedRect(body.adjusted(-6, -6, 6, 6), NODE_RADIUS, NODE_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _strike(self, painter: QPainter, body: QRectF) -> None:
        """A node that would go: faded and struck out in red."""
        self._fade(painter, body)
        painter.setPen(self._dashed(self._ink.error, 1.6))
        painter.drawRoundedRect(body, NODE_RADIUS, NODE_RADIUS)
        painter.setPen(QPen(self._ink.error, 1.6 / min(self._graph.look.zoom, 1.0)))
        painter.drawLine(body.topLeft(), body.bottomRight())

    def _turn(self, painter: QPainter, item: NodeItem, turn: Turn, at: int) -> None:
        """A value that would be another: 3 → same, over its line; below the node where it has none."""
        font, ink = fonts(), self._ink
        near = self._graph.look.level == Level.NEAR
        row = next((one for one in item.face.rows if one.label == turn.label), None) if near else None
        grown = max(1.0, READABLE / self._graph.look.zoom)
        alone = row is None and bool(turn.label)
        told = f"{turn.label}: " if alone else ""
        old, new = f"{told}{_short(turn.old)} → ", _short(turn.new)
        width = font.width(font.value, old) + font.width(font.value, new) + 2 * INSET
        painter.save()
        painter.translate(self._place(item, row.y if row else None, turn, width, at, grown))
        painter.scale(grown, grown)
        painter.setPen(self._dashed(ink.accent, 1.2 / grown))
        painter.setBrush(ink.node)
        chip = QRectF(0, -ROW / 2, width, ROW)
        painter.drawRoundedRect(chip, 5, 5)
        inner = chip.adjusted(INSET, 0, -INSET, 0)
        painter.setFont(font.value)
        painter.setPen(ink.secondary)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, old)
        painter.setPen(ink.type_accent)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, new)
        painter.restore()

    def _place(
        self, item: NodeItem, y: float | None, turn: Turn, width: float, at: int, grown: float
    ) -> QPointF:
        """Where a chip's left end stands: it ends with the value's line, unless it would hide its name."""
        body, font = item.body, fonts()
        if y is None and not turn.label:
            return QPointF(body.x() + LEFT - INSET, body.y() + HEADER / 2 - ROW * at * grown)
        if y is None:
            return QPointF(body.x() + LEFT - INSET, body.bottom() + ROW * (0.8 + 1.15 * at) * grown)
        least = LEFT + font.width(font.label, turn.label) + 6
        return QPointF(body.x() + max(least, body.width() - RIGHT + INSET - width * grown), body.y() + y)


def _led(points: tuple[Point, ...]) -> QPainterPath:
    """A wire from its first point to its last, through those between."""
    source, *bends, target = (QPointF(*one) for one in points)
    return path_of(curves(source, target, bends))


def _short(text: str) -> str:
    return text if len(text) <= 28 else f"{text[:27]}…"
