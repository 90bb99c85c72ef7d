"""Two drawings in one picture: what came in green, what went in red and dashed, what is another in yellow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.project.arranging import Box, arranged
from studio.project.graph import Endpoint, Graph, Node
from studio.project.graph_delta import GraphDelta, Wire, graph_delta, joined
from studio.project.layers import Wire as Joint
from studio.ui.theme import DARK, TEXT_PX, Tokens

WIDTH, HEIGHT, AROUND, ROUND = 168.0, 52.0, 72.0, 6.0
TURN = 40.0
NEAREST, FARTHEST = 3.0, 0.02
STEP = 1.2


class DrawingDifference(QWidget):
    """Fitted to the room there is; the wheel comes nearer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._graph, self._delta, self._tokens = Graph(), GraphDelta(), DARK
        self._nearer, self._offset = 1.0, QPointF()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The difference of two drawings"))
        self.setToolTip(self.tr("Green came, red and dashed went, yellow is another; the wheel comes nearer"))

    @property
    def graph(self) -> Graph:
        """Both drawings in one, as they are laid out here."""
        return self._graph

    @property
    def delta(self) -> GraphDelta:
        """What differs."""
        return self._delta

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_graphs(self, before: Graph, after: Graph) -> None:
        """Show what has changed from one to the other."""
        self._delta = graph_delta(before, after)
        self._graph = laid_out(joined(before, after), self._delta.removed)
        self._nearer, self._offset = 1.0, QPointF()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = STEP if event.angleDelta().y() > 0 else 1 / STEP
        nearer = min(NEAREST / self._fitting(), max(1.0, self._nearer * factor))
        at = event.position() - QRectF(self.rect()).center()
        self._offset = at - (at - self._offset) * (nearer / self._nearer) if nearer > 1 else QPointF()
        self._nearer = nearer
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._tokens.panel))
        scale = self._fitting() * self._nearer
        painter.translate(QRectF(self.rect()).center() + self._offset)
        painter.scale(scale, scale)
        painter.translate(-self._whole().center())
        for edge in self._graph.edges:
            self._paint_wire(painter, (edge.source, edge.target))
        font = QFont(self.font())
        font.setPixelSize(round(TEXT_PX))
        painter.setFont(font)
        for node in self._graph.nodes.values():
            self._paint_node(painter, node)

    def _fitting(self) -> float:
        whole = self._whole()
        wide, high = self.width() / max(whole.width(), 1), self.height() / max(whole.height(), 1)
        return max(FARTHEST, min(wide, high, 1.0))

    def _whole(self) -> QRectF:
        whole = QRectF()
        for node in self._graph.nodes.values():
            whole = whole.united(_place(node))
        return whole.adjusted(-AROUND, -AROUND, AROUND, AROUND)

    def _paint_wire(self, painter: QPainter, wire: Wire) -> None:
        delta, tokens, nodes = self._delta, self._tokens, self._graph.nodes
        ends = [one for one in wire if one.node in nodes]
        if len(ends) < 2:
            return
        came, went = wire in delta.wires_added, wire in delta.wires_removed
        colour = tokens.ok if came else tokens.error if went else tokens.faint
        pen = QPen(QColor(colour), 2.5 if came or went else 1.5)
        pen.setStyle(Qt.PenStyle.DashLine if went else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(_place(nodes[_node(wire[0])]), _place(nodes[_node(wire[1])])))

    def _paint_node(self, painter: QPainter, node: Node) -> None:
        delta, tokens, place = self._delta, self._tokens, _place(node)
        came, went = node.name in delta.added, node.name in delta.removed
        changes = delta.changed.get(node.name, ())
        colour = QColor(
            tokens.ok if came else tokens.error if went else tokens.warn if changes else tokens.line
        )
        ground = QColor(colour)
        ground.setAlpha(46 if came or went or changes else 60)
        pen = QPen(colour, 2 if came or went or changes else 1)
        pen.setStyle(Qt.PenStyle.DashLine if went else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, ROUND, ROUND)
        sign = "+ " if came else "− " if went else ""
        self._write(painter, place.adjusted(10, 6, -8, -HEIGHT / 2 + 2), sign + node.name, tokens.text)
        told = ", ".join(f"{name} {_short(old)} → {_short(new)}" for name, old, new in changes) or node.type
        self._write(painter, place.adjusted(10, HEIGHT / 2 - 2, -8, -4), told, tokens.secondary)

    def _write(self, painter: QPainter, room: QRectF, text: str, colour: str) -> None:
        painter.setPen(QColor(colour))
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def laid_out(graph: Graph, gone: Collection[str]) -> Graph:
    """Nodes where they were drawn; where one that is gone would lie over another, all of them arranged."""
    nodes = graph.nodes
    drawn = {name: _place(node) for name, node in nodes.items()}
    if not any(drawn[name].intersects(one) for name in gone for other, one in drawn.items() if other != name):
        return graph
    boxes = {name: Box(*node.position, WIDTH, HEIGHT) for name, node in nodes.items()}
    wires = [Joint(one.source.node, one.target.node, HEIGHT / 2, HEIGHT / 2) for one in graph.edges]
    places = arranged(boxes, wires)
    return graph.with_nodes(*(replace(node, position=places[name]) for name, node in nodes.items()))


def _node(end: Endpoint) -> str:
    return end.node


def _place(node: Node) -> QRectF:
    return QRectF(*node.position, WIDTH, HEIGHT)


def _path(source: QRectF, target: QRectF) -> QPainterPath:
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    path = QPainterPath(start)
    if end.x() > start.x():
        reach = max((end.x() - start.x()) / 2, 20.0)
        path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
        return path
    level = (start.y() + end.y()) / 2 if abs(start.y() - end.y()) > HEIGHT else start.y() + HEIGHT
    turn, back = QPointF(start.x(), level), QPointF(end.x(), level)
    path.cubicTo(start + QPointF(TURN, 0), turn + QPointF(TURN, 0), turn)
    path.lineTo(back)
    path.cubicTo(back - QPointF(TURN, 0), end - QPointF(TURN, 0), end)
    return path


def _short(value: object) -> str:
    text = "–" if value is None else "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"
