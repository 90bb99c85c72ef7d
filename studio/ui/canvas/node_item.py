"""A node on the canvas: one item that paints everything itself, ports included."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QStyleOptionGraphicsItem, QWidget

from studio.project.graph import Position
from studio.ui.canvas.drawing import MARGIN, Level, on_badge, paint_badge, paint_port
from studio.ui.canvas.face import Face, Side, Spot, State, with_state
from studio.ui.canvas.look import Look
from studio.ui.theme import NODE_RADIUS

ORDER, SELECTED_ORDER = 1.0, 2.0


class NodeItem(QGraphicsRectItem):
    """One node. The rectangle of the item includes MARGIN for ports, badge and shadow; `body` does not."""

    def __init__(self, look: Look, face: Face, position: Position) -> None:
        super().__init__(-MARGIN, -MARGIN, face.width + 2 * MARGIN, face.height + 2 * MARGIN)
        self._look = look
        self.face = face
        self.chosen = False
        self.hovered = False
        self.lit = False
        self.body = QRectF(*position, face.width, face.height)
        self._left, self._top = position[0] - MARGIN, position[1] - MARGIN
        self._spots = {spot.key: spot for spot in face.spots}
        self.setPen(Qt.PenStyle.NoPen)
        self.setPos(*position)
        self.setZValue(ORDER)

    @property
    def name(self) -> str:
        """The node's name."""
        return self.face.name

    def show_face(self, face: Face) -> bool:
        """Show another face; says whether ports may have moved."""
        if face == self.face:
            return False
        moved = (face.width, face.height, face.spots) != (self.face.width, self.face.height, self.face.spots)
        self.face = face
        if moved:
            self._spots = {spot.key: spot for spot in face.spots}
            self.setRect(-MARGIN, -MARGIN, face.width + 2 * MARGIN, face.height + 2 * MARGIN)
            self.body = QRectF(self.body.x(), self.body.y(), face.width, face.height)
        self.update()
        return moved

    def show_state(self, state: State) -> None:
        """Show what the last check said."""
        face = with_state(self.face, state)
        if face != self.face:
            self.face = face
            self.update()

    def move_to(self, position: Position) -> bool:
        """Move; says whether anything changed."""
        if position == (self.body.x(), self.body.y()):
            return False
        self.body.moveTo(*position)
        self._left, self._top = position[0] - MARGIN, position[1] - MARGIN
        self.setPos(*position)
        return True

    def choose(self, chosen: bool, *, lifted: bool = True) -> None:
        """Show whether the node is selected; lifted, it lies over the others."""
        if chosen != self.chosen:
            self.chosen = chosen
            if lifted or not chosen:
                self.setZValue(SELECTED_ORDER if chosen else ORDER)
            if self._look.level != Level.FAR:  # from afar the view draws it, and is told so itself
                self.update()

    def hover(self, hovered: bool) -> None:
        """Show whether the pointer is on the node."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def light_up(self, lit: bool) -> None:
        """Show whether the node is one that was looked for."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def spot(self, side: Side, port: str, index: int) -> Spot | None:
        """A port's place on the node."""
        return self._spots.get((side, port, index))

    def place_of(self, side: Side, port: str, index: int) -> QPointF:
        """Where a wire meets the port, on the canvas."""
        spot = self._spots.get((side, port, index))
        if spot is None:
            return QPointF(self.body.x() + (self.face.width if side == "out" else 0), self.body.center().y())
        return QPointF(self.body.x() + spot.x, self.body.y() + spot.y)

    def spot_at(self, point: QPointF, reach: float) -> Spot | None:
        """The port nearest to a point on the canvas, no further than `reach`."""
        x, y = point.x() - self.body.x(), point.y() - self.body.y()
        if not (-reach <= x <= self.face.width + reach and -reach <= y <= self.face.height + reach):
            return None
        near = [((spot.x - x) ** 2 + (spot.y - y) ** 2, at) for at, spot in enumerate(self.face.spots)]
        distance, at = min(near, default=(reach * reach + 1, 0))
        return self.face.spots[at] if distance <= reach * reach else None

    def on_badge(self, point: QPointF) -> bool:
        """Whether a point on the canvas lies on the mark of the node's problems."""
        return on_badge(self.face, point.x() - self.body.x(), point.y() - self.body.y())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the face's picture and, over it, what changes often."""
        look = self._look
        if self.lit:
            self._halo(painter)
        made = look.face(self.face)
        if made is None:
            painter.setPen(look.ink.border)
            painter.setBrush(look.ink.node)
            painter.drawRoundedRect(0, 0, self.face.width, self.face.height, NODE_RADIUS, NODE_RADIUS)
        elif made[1] == look.scale:
            look.blit(painter, made[0], self._left, self._top)
        else:
            size = made[0].size() / made[1]
            painter.drawPixmap(QRectF(-MARGIN, -MARGIN, size.width(), size.height()), made[0], made[0].rect())
        if self.chosen or self.hovered:
            look.blit(painter, look.ring(self.face, self.chosen), self._left, self._top)
            paint_badge(painter, self.face, look.ink)
        if look.offers is not None:
            self._offers(painter)

    def _halo(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._look.ink.found, 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        body = QRectF(-4, -4, self.face.width + 8, self.face.height + 8)
        painter.drawRoundedRect(body, NODE_RADIUS + 4, NODE_RADIUS + 4)

    def _offers(self, painter: QPainter) -> None:
        """While a wire is dragged: ports that fit are lit, the others grey."""
        ink = self._look.ink
        for spot in self.face.spots:
            if self._look.offered(self.name, spot):
                painter.setPen(Qt.PenStyle.NoPen)
                glow = ink.accent.toRgb()
                glow.setAlpha(70)
                painter.setBrush(glow)
                painter.drawEllipse(QPointF(spot.x, spot.y), 10, 10)
                paint_port(painter, spot, ink.accent, ink.canvas if spot.side == "in" else ink.accent)
            else:
                paint_port(painter, spot, ink.line, ink.node)
