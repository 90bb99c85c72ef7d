"""Paints frames and notes: near as they are, from afar as coloured plates with their titles."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPainterPath, QPen, QPixmap

from studio.project.graph import Frame, Sticky
from studio.project.marks import BAR
from studio.ui.canvas import hues
from studio.ui.canvas.ink import Ink, fonts
from studio.ui.canvas.markdown import Document

RADIUS = 10.0
LINE = 1.5
NOTE_RADIUS = 6.0
TITLE = BAR
"""How high a frame's title bar is at 100 %."""
LEAST_TITLE = 20.0
"""How high it is on the screen at least."""
TITLE_PX, LEAST_PX = 13.0, 12.0
INSET = 10.0
FADE = 28.0


def title_height(frame_height: float, zoom: float) -> float:
    """How high a frame's title bar is on the canvas: from afar higher, to be read and caught."""
    return min(max(TITLE, LEAST_TITLE / zoom), max(frame_height, TITLE))


def paint_frame(painter: QPainter, frame: Frame, body: QRectF, ink: Ink, bar: float) -> None:
    """A frame without its title; `bar` is how high the title's bar is."""
    tokens = ink.tokens
    painter.setPen(QPen(hues.line(tokens, frame.colour), LINE))
    painter.setBrush(hues.frame_ground(tokens, frame.colour))
    inset = LINE / 2
    painter.drawRoundedRect(body.adjusted(inset, inset, -inset, -inset), RADIUS - inset, RADIUS - inset)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hues.title_ground(tokens, frame.colour))
    painter.drawPath(_bar(body.adjusted(LINE, LINE, -LINE, -LINE), bar - LINE))


def _bar(body: QRectF, high: float) -> QPainterPath:
    """The bar of a title: round above, straight below."""
    size = 2 * (RADIUS - LINE)
    path = QPainterPath(QPointF(body.left(), body.top() + high))
    path.arcTo(body.left(), body.top(), size, size, 180, -90)
    path.arcTo(body.right() - size, body.top(), size, size, 90, -90)
    path.lineTo(body.right(), body.top() + high)
    path.closeSubpath()
    return path


def title_pixels(zoom: float) -> float:
    """How large a frame's title is written on the screen."""
    return max(TITLE_PX * zoom, LEAST_PX)


def title_shown(title: str, room: float, zoom: float) -> str:
    """A frame's title, shortened so that it fits into pixels of the screen."""
    return fonts().elided(fonts().name, title, room * TITLE_PX / title_pixels(zoom))


def title_pixmap(shown: str, pixels: float, ratio: float, ink: Ink, colour: str) -> QPixmap:
    """A frame's title on one line, so many pixels large."""
    width = fonts().width(fonts().name, shown) * pixels / TITLE_PX + 2
    height = pixels * 1.5
    pixmap = QPixmap(int(width * ratio) + 1, int(height * ratio) + 1)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    font = QFont(fonts().name)
    font.setPixelSize(round(pixels))
    painter.setFont(font)
    painter.setPen(title_ink(ink, colour))
    painter.drawText(QRectF(0, 0, width + 8, height), Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    return pixmap


def title_ink(ink: Ink, colour: str) -> QColor:
    """What a frame's title is written with."""
    return hues.text_on(hues.title_ground(ink.tokens, colour).name(), ink.tokens)


def paint_title(painter: QPainter, frame: Frame, body: QRectF, ink: Ink) -> None:
    """A frame's title at 100 %, drawn in its place."""
    font = fonts()
    painter.setFont(font.name)
    painter.setPen(title_ink(ink, frame.colour))
    room = QRectF(body.x() + INSET, body.y(), body.width() - 2 * INSET, TITLE)
    shown = font.elided(font.name, frame.title, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def note_document(note: Sticky, ink: Ink) -> Document:
    """A note's text, laid out."""
    ground = hues.note_ground(ink.tokens, note.colour).name()
    text = hues.text_on(ground, ink.tokens)
    return Document(note.text, note.size[0], text, hues.text_on(ground, ink.tokens, ink.tokens.accent))


def paint_note(painter: QPainter, note: Sticky, ink: Ink, document: Document) -> None:
    """A note; the painter's origin is its corner. What is too long fades out."""
    width, height = note.size
    body = QRectF(0, 0, width, height)
    ground = hues.note_ground(ink.tokens, note.colour)
    painter.setPen(QPen(hues.line(ink.tokens, note.colour), 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), NOTE_RADIUS, NOTE_RADIUS)
    document.paint(painter, body.adjusted(2, 2, -2, -2))
    if document.size().height() > height + 1:
        _fade(painter, body, ground)


def _fade(painter: QPainter, body: QRectF, ground: QColor) -> None:
    high = min(FADE, body.height() / 2)
    strip = QRectF(2, body.bottom() - high, body.width() - 4, high - 2)
    clear = QColor(ground)
    clear.setAlpha(0)
    shade = QLinearGradient(strip.topLeft(), QPointF(strip.x(), strip.bottom() - 4))
    shade.setColorAt(0, clear)
    shade.setColorAt(1, ground)
    painter.fillRect(strip, shade)
