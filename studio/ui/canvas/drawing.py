"""Paints a node's face and a wire's pill: near with everything, halfway with its name and ports only."""

from __future__ import annotations

from enum import IntEnum
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from studio.ui.canvas import hues
from studio.ui.canvas.face import HEADER, LEFT, PIN, RIGHT, Chain, Face, Row, Spot
from studio.ui.canvas.ink import Ink, fonts
from studio.ui.theme import NODE_RADIUS

BADGE = 9
PORT = 5.0
SMALL_PORT = 3.5
TINT = 4.0
FOLD = 11.0
CARD = 4
"""How far each card under a block looks out."""
LINK, GAP_LINK = 12, 5
MARGIN = 20
"""Room around a node for ports, badge and shadow."""
SHADOW = ((3, 8.0), (3, 6.0), (4, 4.5), (5, 3.0), (6, 2.0), (8, 1.0))
"""Strength and reach of the layers that make a soft shadow."""
_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_MIDDLE_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class Level(IntEnum):
    """How much of a node is drawn."""

    FAR = 0
    HALFWAY = 1
    NEAR = 2


def level_of(zoom: float) -> Level:
    """What is drawn at a zoom."""
    return Level.NEAR if zoom >= 0.72 else Level.HALFWAY if zoom >= 0.55 else Level.FAR


def face_pixmap(face: Face, ink: Ink, level: Level, plate: QPixmap, scale: float) -> QPixmap:
    """A node's picture on its plate; `scale` is zoom times device pixel ratio."""
    pixmap = QPixmap(plate)
    painter = _painter(pixmap, scale)
    painter.translate(MARGIN, MARGIN)
    paint_face(painter, face, ink, level)
    painter.end()
    return pixmap


def paint_face(painter: QPainter, face: Face, ink: Ink, level: Level) -> None:
    """What lies on a node's plate; the painter's origin is the node's corner."""
    if face.muted:
        painter.setOpacity(0.5)
    if level == Level.NEAR:
        _header(painter, face, ink)
        for row in face.rows:
            _row(painter, row, face.width, ink)
        if face.chain is not None:
            _chain(painter, face.chain, face.width, ink)
        _bar(painter, face, ink)
    else:
        _large(painter, face, ink)
    for spot in face.spots:
        _spot(painter, spot, face, ink, level)
    painter.setOpacity(1)
    if face.noted:
        _note_mark(painter, face, ink)
    paint_badge(painter, face, ink)


def plate_pixmap(face: Face, ink: Ink, level: Level, scale: float) -> QPixmap:
    """What nodes of one size and family have in common: shadow, plate and strip, with MARGIN around."""
    pixmap = _blank(face.width + 2 * MARGIN, face.height + 2 * MARGIN, scale)
    painter = _painter(pixmap, scale)
    painter.translate(MARGIN, MARGIN)
    paint_plate(painter, face, ink, level)
    painter.end()
    return pixmap


def ring_pixmap(face: Face, ink: Ink, chosen: bool, scale: float) -> QPixmap:
    """The line around a node that is selected, or under the pointer, with its ports on it."""
    pixmap = _blank(face.width + 2 * MARGIN, face.height + 2 * MARGIN, scale)
    painter = _painter(pixmap, scale)
    painter.translate(MARGIN, MARGIN)
    painter.setPen(QPen(ink.accent if chosen else ink.faint, 2 if chosen else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = 0.0 if chosen else 0.5
    body = QRectF(inset, inset, face.width - 2 * inset, face.height - 2 * inset)
    painter.drawRoundedRect(body, NODE_RADIUS, NODE_RADIUS)
    colour = ink.port(face.family)
    for spot in face.spots:
        paint_port(painter, spot, colour, ink.canvas if spot.side == "in" else colour)
    painter.end()
    return pixmap


def paint_plate(painter: QPainter, face: Face, ink: Ink, level: Level) -> None:
    """Shadow, plate and strip; the painter's origin is the node's corner."""
    _shadow(painter, face, ink, level)
    if face.stacked:
        _cards(painter, face, ink)
    _plate(painter, face, ink)
    if face.muted:
        painter.setOpacity(0.5)
    _strip(painter, face, ink)
    painter.setOpacity(1)
    if face.colour:
        _tint(painter, face, ink)


def paint_port(painter: QPainter, spot: Spot, stroke: QColor, fill: QColor) -> None:
    """A port's circle."""
    radius = SMALL_PORT if spot.small else PORT
    painter.setPen(QPen(stroke, 1.3 if spot.small else 2))
    painter.setBrush(fill)
    painter.drawEllipse(QPointF(spot.x, spot.y), radius, radius)


def paint_badge(painter: QPainter, face: Face, ink: Ink) -> None:
    """The mark of a node with problems, at its top right corner."""
    count = face.errors + face.warnings
    if not count:
        return
    centre = QPointF(face.width - 8, -3)
    painter.setPen(QPen(ink.canvas, 2))
    painter.setBrush(ink.error if face.errors else ink.warn)
    painter.drawEllipse(centre, BADGE, BADGE)
    painter.setFont(fonts().badge)
    painter.setPen(ink.on_badge)
    text = "!" if count == 1 else str(count) if count < 10 else "9+"
    painter.drawText(QRectF(centre.x() - 10, centre.y() - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, text)


def on_badge(face: Face, x: float, y: float) -> bool:
    """Whether a point lies on the mark of a node with problems; the origin is the node's corner."""
    return bool(face.errors or face.warnings) and hypot(x - face.width + 8, y + 3) <= BADGE + 1


def pill_pixmap(text: str, ink: Ink, wrong: bool, scale: float) -> QPixmap:
    """A wire's pill."""
    width, height = pill_size(text)
    pixmap = _blank(width, height, scale)
    painter = _painter(pixmap, scale)
    paint_pill(painter, QRectF(0, 0, width, height), text, ink, wrong)
    painter.end()
    return pixmap


def paint_pill(painter: QPainter, place: QRectF, text: str, ink: Ink, wrong: bool) -> None:
    """A wire's pill, drawn in its place."""
    rect = place.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(ink.error if wrong else ink.border, 1))
    painter.setBrush(ink.pill)
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setFont(fonts().pill)
    painter.setPen(ink.error if wrong else ink.secondary)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def pill_size(text: str) -> tuple[float, float]:
    """Width and height of a pill seen near."""
    return round(fonts().width(fonts().pill, text)) + 16, 18


def pill_growth(level: Level) -> float:
    """How much larger pills are drawn from further away, to be read there."""
    return 1.0 if level == Level.NEAR else 1.5


def _blank(width: float, height: float, scale: float) -> QPixmap:
    pixmap = QPixmap(int(width * scale) + 1, int(height * scale) + 1)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _painter(pixmap: QPixmap, scale: float) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    return painter


def _shadow(painter: QPainter, face: Face, ink: Ink, level: Level) -> None:
    rect = QRectF(0, 0, face.width, face.height)
    layers = SHADOW if level == Level.NEAR else SHADOW[1::2]
    painter.setPen(Qt.PenStyle.NoPen)
    for strength, reach in layers:
        painter.setBrush(QColor(0, 0, 0, strength * (3 if ink.dark else 1)))
        grown = rect.adjusted(-reach, 2 - reach, reach, 2 + reach)
        painter.drawRoundedRect(grown, NODE_RADIUS + reach, NODE_RADIUS + reach)


def _cards(painter: QPainter, face: Face, ink: Ink) -> None:
    """The edges of the cards that a block lies on."""
    for depth in (2, 1):
        rect = QRectF(0, 0, face.width, face.height).adjusted(6 * depth, 12, -6 * depth, CARD * depth)
        painter.setPen(QPen(ink.card_edge, 1))
        painter.setBrush(ink.card)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), NODE_RADIUS - 2, NODE_RADIUS - 2)


def _plate(painter: QPainter, face: Face, ink: Ink) -> None:
    rect = QRectF(0, 0, face.width, face.height)
    border = QPen(ink.card_edge if face.stacked else ink.border, 1)
    if face.muted:
        border.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(border)
    painter.setBrush(ink.node)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), NODE_RADIUS - 0.5, NODE_RADIUS - 0.5)


def _strip(painter: QPainter, face: Face, ink: Ink) -> None:
    """The family's colour along the left edge, within the plate's round corners."""
    plate = QPainterPath()
    plate.addRoundedRect(QRectF(0, 0, face.width, face.height), NODE_RADIUS, NODE_RADIUS)
    strip = QPainterPath()
    strip.addRect(QRectF(0, 0, 4, face.height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.family(face.family))
    painter.drawPath(plate.intersected(strip))


def _tint(painter: QPainter, face: Face, ink: Ink) -> None:
    """The colour that people gave the node: a strip along its upper edge and a line around it."""
    colour = hues.line(ink.tokens, face.colour)
    whole = QRectF(0, 0, face.width, face.height)
    plate, strip = QPainterPath(), QPainterPath()
    plate.addRoundedRect(whole, NODE_RADIUS, NODE_RADIUS)
    strip.addRect(QRectF(0, 0, face.width, TINT))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(plate.intersected(strip))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.5))
    painter.drawRoundedRect(whole.adjusted(0.75, 0.75, -0.75, -0.75), NODE_RADIUS - 0.75, NODE_RADIUS - 0.75)


def _note_mark(painter: QPainter, face: Face, ink: Ink) -> None:
    """A turned-down corner: something is written about this node."""
    right, bottom = face.width, face.height
    fold = QPainterPath(QPointF(right - FOLD, bottom - 1))
    fold.lineTo(right - FOLD, bottom - FOLD)
    fold.lineTo(right - 1, bottom - FOLD)
    fold.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.secondary)
    painter.drawPath(fold)


def _header(painter: QPainter, face: Face, ink: Ink) -> None:
    font = fonts()
    room = face.width - LEFT - RIGHT - (PIN if face.pinned else 0)
    least = min(font.width(font.name, face.name), room * 0.45)
    type_width = min(font.width(font.type, face.type), room - least - 8)
    name = font.elided(font.name, face.name, room - type_width - 8)
    painter.setFont(font.name)
    painter.setPen(ink.text)
    painter.drawText(QRectF(LEFT, 1, room, HEADER - 2), _MIDDLE_LEFT, name)
    if face.pinned:
        _pin(painter, QPointF(LEFT + font.width(font.name, name) + 8, HEADER / 2), ink)
        room += PIN
    painter.setFont(font.type)
    painter.setPen(ink.type(face.family))
    shown = font.elided(font.type, face.type, type_width + 1)
    painter.drawText(QRectF(LEFT, 1, room, HEADER - 1), _MIDDLE_RIGHT, shown)


def _pin(painter: QPainter, at: QPointF, ink: Ink) -> None:
    """A drawing pin: the node stays where it is."""
    painter.setPen(QPen(ink.secondary, 1.4))
    painter.drawLine(at, at + QPointF(-3.5, 5.5))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.secondary)
    painter.drawEllipse(at + QPointF(1.5, -2.5), 3.6, 3.6)


def _row(painter: QPainter, row: Row, width: float, ink: Ink) -> None:
    rect = QRectF(LEFT, row.y - 9, width - LEFT - RIGHT, 18)
    painter.setFont(fonts().label)
    painter.setPen(ink.secondary)
    painter.drawText(rect, _MIDDLE_LEFT, row.label)
    painter.setFont(fonts().value)
    painter.setPen(ink.wrong(row.wrong) if row.wrong else ink.text)
    painter.drawText(rect, _MIDDLE_RIGHT, row.value)
    if row.wrong:
        painter.setFont(fonts().badge)
        painter.drawText(rect.adjusted(4 - LEFT, 0, 0, 0), _MIDDLE_LEFT, " !")


def _chain(painter: QPainter, chain: Chain, width: float, ink: Ink) -> None:
    """A link for each repeat as far as there is room; hollow ones share the first one's weights."""
    font = fonts()
    text = font.width(font.value, chain.text)
    room = width - LEFT - RIGHT - text - 10
    links = max(1, min(chain.links, int((room + GAP_LINK) // (LINK + GAP_LINK))))
    colour = ink.family("Block")
    painter.setPen(QPen(colour, 1.2))
    for at in range(links):
        x = LEFT + at * (LINK + GAP_LINK)
        painter.setBrush(Qt.BrushStyle.NoBrush if chain.shared and at else colour)
        painter.drawRoundedRect(QRectF(x, chain.y - 3.5, LINK, 7), 2, 2)
        if at:
            painter.drawLine(QPointF(x - GAP_LINK, chain.y), QPointF(x, chain.y))
    painter.setFont(font.value)
    painter.setPen(ink.text)
    painter.drawText(QRectF(LEFT, chain.y - 9, width - LEFT - RIGHT, 18), _MIDDLE_RIGHT, chain.text)


def _bar(painter: QPainter, face: Face, ink: Ink) -> None:
    """The node's share of all parameters."""
    if not face.share:
        return
    whole = QRectF(LEFT - 3, face.height - 6, face.width - LEFT - RIGHT + 3, 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.line)
    painter.drawRoundedRect(whole, 1, 1)
    painter.setBrush(ink.family(face.family))
    whole.setWidth(max(whole.width() * face.share, 2))
    painter.drawRoundedRect(whole, 1, 1)


def _large(painter: QPainter, face: Face, ink: Ink) -> None:
    """The name, and the type where there is room, large enough to be read from further away."""
    font = fonts()
    room = face.width - LEFT - RIGHT
    with_type = face.height >= 64
    height = 26 if with_type else face.height
    top = face.height / 2 - 26 if with_type else 0
    painter.setFont(font.large)
    painter.setPen(ink.text)
    name = f"{face.name} {face.chain.text}" if face.chain is not None else face.name
    shown = font.elided(font.large, name, room - (PIN if face.pinned else 0))
    painter.drawText(QRectF(LEFT, top, room, height), _MIDDLE_LEFT, shown)
    if face.pinned:
        _pin(painter, QPointF(LEFT + font.width(font.large, shown) + 8, top + height / 2), ink)
    if with_type:
        painter.setFont(font.medium)
        painter.setPen(ink.type(face.family))
        shown = font.elided(font.medium, face.type, room)
        painter.drawText(QRectF(LEFT, top + height, room, 24), _MIDDLE_LEFT, shown)


def _spot(painter: QPainter, spot: Spot, face: Face, ink: Ink, level: Level) -> None:
    colour = ink.port(face.family)
    hollow = spot.side == "in"
    paint_port(painter, spot, colour, ink.canvas if hollow else colour)
    if spot.label and level == Level.NEAR and not any(row.y == spot.y for row in face.rows):
        painter.setFont(fonts().label)
        painter.setPen(ink.secondary)
        rect = QRectF(LEFT, spot.y - 9, face.width - LEFT - RIGHT, 18)
        painter.drawText(rect, _MIDDLE_LEFT if hollow else _MIDDLE_RIGHT, spot.label)
