"""Paints all wires and nodes that are seen: two items for all of them, most of it in a few large calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from studio.ui.canvas.drawing import Level, paint_badge, paint_port, pill_growth
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.look import Look
from studio.ui.canvas.node_item import ORDER, NodeItem
from studio.ui.theme import NODE_RADIUS

SMOOTH = QPainter.RenderHint.Antialiasing
DOT, CHOSEN_DOT = 5.0, 5.5
"""How large the dots are that a wire is led through."""
DEPTH = 12
"""How often the index halves its rectangle: what lies at a point of 5000 nodes is found in 10 µs."""
EVERYWHERE = QRectF(-1e6, -1e6, 2e6, 2e6)
_BOUNDS = Qt.ItemSelectionMode.IntersectsItemBoundingRect


def lay_under(scene: QGraphicsScene, look: Look) -> None:
    """Give a new scene its layers."""
    scene.setSceneRect(QRectF(0, 0, 1, 1))  # else the index would reach as far as the layers
    scene.setBspTreeDepth(DEPTH)
    wires = WireLayer(look)
    for layer in (wires, NodeLayer(look, wires)):
        scene.addItem(layer)
    look.repaints.go_to(scene)


class WireLayer(QGraphicsItem):
    """Lies under the nodes. The wires themselves are items without contents: they say what lies where."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.nodes: list[NodeItem] = []
        """The nodes that the same repaint touches, the topmost last."""
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        return EVERYWHERE

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint those that what is to be painted anew touches."""
        near = self.scene().items(option.exposedRect, _BOUNDS, Qt.SortOrder.AscendingOrder)
        look = self._look
        self.nodes = look.exposed([one for one in near if isinstance(one, NodeItem)])
        wires = look.exposed([one for one in near if isinstance(one, EdgeItem) and not one.detached])
        level, curved, others = list[QLineF](), list[EdgeItem](), list[EdgeItem]()
        for one in wires:
            if not one.plain:
                others.append(one)
            elif one.level is not None:
                level.append(one.level)
            else:
                curved.append(one)
        self._paint_plain(painter, level, curved)
        for one in others:
            self._paint_other(painter, one)
        self._paint_pills(painter, wires)

    def _paint_plain(self, painter: QPainter, level: list[QLineF], curved: list[EdgeItem]) -> None:
        look = self._look
        near = look.level == Level.NEAR
        painter.setPen(look.ink.wire_pen if near else look.ink.thin_pen)
        painter.setRenderHint(SMOOTH, near)  # a level hairline is sharper so, and quicker
        painter.drawLines(level)
        painter.setRenderHint(SMOOTH, near or not look.zooming)
        if near:
            _draw_curved(painter, curved)
        else:  # a hairline is drawn as quickly along a path, which is not worked out point by point before
            whole = QPainterPath()
            for one in curved:
                whole.addPath(one.path)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(whole)
        painter.setRenderHint(SMOOTH, True)

    def _paint_other(self, painter: QPainter, wire: EdgeItem) -> None:
        painter.setPen(self._stroke(wire))
        painter.drawLines(wire.lines())
        if wire.bends:
            self._paint_dots(painter, wire)

    def _stroke(self, wire: EdgeItem) -> QPen:
        ink, near = self._look.ink, self._look.level == Level.NEAR
        if wire.chosen or wire.lit or wire.wrong:
            colour = ink.accent if wire.chosen or wire.lit else ink.error
            return QPen(colour, 2.4 if wire.chosen or wire.lit else 2) if near else hairline(colour)
        if wire.hovered:
            return QPen(ink.text, 2.2) if near else hairline(ink.text)
        return ink.wire_pen if near else ink.thin_pen

    def _paint_dots(self, painter: QPainter, wire: EdgeItem) -> None:
        ink, bends = self._look.ink, wire.bends
        painter.setBrush(painter.pen().color())
        painter.setPen(QPen(ink.canvas, 1.2))
        for bend in bends:
            painter.drawEllipse(bend, DOT, DOT)
        if wire.dot is not None and wire.dot < len(bends):
            painter.setBrush(ink.canvas)
            painter.setPen(QPen(ink.accent, 2.5))
            painter.drawEllipse(bends[wire.dot], CHOSEN_DOT, CHOSEN_DOT)

    def _paint_pills(self, painter: QPainter, wires: Iterable[EdgeItem]) -> None:
        growth = pill_growth(self._look.level)
        look, scale = self._look, self._look.scale
        places = ((one, one.pill_corner(growth)) for one in wires)
        look.blit_all(
            painter,
            ((look.pill(one.pill, one.wrong), *at, scale) for one, at in places if at is not None),
        )


def _draw_curved(painter: QPainter, wires: Iterable[EdgeItem]) -> None:
    """Wires that were moved as far are drawn together."""
    moved: dict[tuple[float, float], list[QLineF]] = {}
    for one in wires:
        shift, lines = one.led_lines()
        moved.setdefault(shift.toTuple(), []).extend(lines)
    for by, lines in moved.items():
        shift = QPointF(*by)
        painter.translate(shift)
        painter.drawLines(lines)
        painter.translate(-shift)


class NodeLayer(QGraphicsItem):
    """Lies over the wires. It paints the nodes that the layer of the wires has found, right before it."""

    def __init__(self, look: Look, wires: WireLayer) -> None:
        super().__init__()
        self._look, self._wires = look, wires
        self.setZValue(ORDER)

    def boundingRect(self) -> QRectF:
        return EVERYWHERE

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the faces' pictures and, over them, what changes often."""
        nodes = self._wires.nodes
        self._paint([one for one in nodes if not one.lifted], painter)
        self._paint([one for one in nodes if one.lifted], painter)

    def _paint(self, nodes: Sequence[NodeItem], painter: QPainter) -> None:
        look = self._look
        for one in nodes:
            if one.lit:
                self._paint_halo(painter, one)
        pictures = [(one, look.face(one.face)) for one in nodes]
        look.blit_all(
            painter,
            ((made[0], *one.corner, made[1]) for one, made in pictures if made is not None),
        )
        for one, made in pictures:
            if made is None:
                painter.fillRect(one.body, look.ink.node)
            if one.chosen or one.hovered:
                self._paint_ring(painter, one)
            if look.offers is not None:
                self._paint_offers(painter, one)

    def _paint_halo(self, painter: QPainter, node: NodeItem) -> None:
        painter.setPen(QPen(self._look.ink.found, 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(node.body.adjusted(-4, -4, 4, 4), NODE_RADIUS + 4, NODE_RADIUS + 4)

    def _paint_ring(self, painter: QPainter, node: NodeItem) -> None:
        look, corner = self._look, node.body.topLeft()
        look.blit(painter, look.ring(node.face, node.chosen), *node.corner)
        if node.face.errors or node.face.warnings:
            painter.translate(corner)
            paint_badge(painter, node.face, look.ink)
            painter.translate(-corner)

    def _paint_offers(self, painter: QPainter, node: NodeItem) -> None:
        """While a wire is dragged: ports that fit are lit, the others grey."""
        ink, corner = self._look.ink, node.body.topLeft()
        painter.translate(corner)
        for spot in node.face.spots:
            if self._look.offered(node.name, spot):
                painter.setPen(Qt.PenStyle.NoPen)
                glow = ink.accent.toRgb()
                glow.setAlpha(70)
                painter.setBrush(glow)
                painter.drawEllipse(QPointF(spot.x, spot.y), 10, 10)
                paint_port(painter, spot, ink.accent, ink.canvas if spot.side == "in" else ink.accent)
            else:
                paint_port(painter, spot, ink.line, ink.node)
        painter.translate(-corner)
