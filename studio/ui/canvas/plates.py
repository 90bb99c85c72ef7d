"""The picture from afar: coloured plates with names and hairline wires, drawn in a few large calls."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QStaticText, QTransform

from studio.ui.canvas.ink import fonts, hairline
from studio.ui.canvas.scene import GraphScene

TEXT_ON_PLATE = QColor("#0f1116")
LEAST_TEXT_ZOOM = 0.2
ROUND_ZOOM = 0.3
NAME_PX = 10


class Plates:
    """Draws a scene from afar. What it draws is gathered once after each change, not at each repaint."""

    def __init__(self, scene: GraphScene) -> None:
        self._scene = scene
        self._stale = True
        self._plates: list[tuple[QColor, list[QRectF]]] = []
        self._wires = QPainterPath()
        self._wrong = QPainterPath()
        self._names: dict[tuple[str, int], QStaticText] = {}
        self._font = QFont(fonts().type)
        self._font.setPixelSize(NAME_PX)

    def forget(self) -> None:
        """Something has changed: gather again at the next repaint."""
        self._stale = True

    def paint(self, painter: QPainter, transform: QTransform, exposed: QRectF) -> None:
        """Paint everything; `exposed` is the part of the canvas that is seen."""
        if self._stale:
            self._gather()
        look = self._scene.look
        painter.setTransform(transform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(hairline(look.ink.wire))
        painter.drawPath(self._wires)
        painter.setPen(hairline(look.ink.error))
        painter.drawPath(self._wrong)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, rects in self._plates:
            painter.setBrush(colour)
            painter.drawRects(rects)
        self._paint_chosen(painter)
        if look.zoom >= LEAST_TEXT_ZOOM:
            self._paint_names(painter, transform, exposed)

    def _gather(self) -> None:
        scene = self._scene
        plates: dict[str, tuple[QColor, list[QRectF]]] = {}
        for item in scene.nodes.values():
            colour = scene.look.ink.error if item.face.errors else scene.look.ink.family(item.face.family)
            plates.setdefault(colour.name(), (colour, []))[1].append(item.body)
        self._plates = list(plates.values())
        self._wires, self._wrong = QPainterPath(), QPainterPath()
        for edge in scene.edges.values():
            (self._wrong if edge.wrong else self._wires).addPath(edge.path)
        self._stale = False

    def _paint_chosen(self, painter: QPainter) -> None:
        scene = self._scene
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(scene.look.ink.accent, 3 / scene.look.zoom))
        around = 3 / scene.look.zoom
        bodies = [scene.nodes[name].body.adjusted(-around, -around, around, around) for name in scene.chosen]
        if bodies:
            painter.drawRects(bodies)
        painter.setPen(hairline(scene.look.ink.accent))
        for edge in scene.chosen_edges:
            painter.drawPath(scene.edges[edge].path)

    def _paint_names(self, painter: QPainter, transform: QTransform, exposed: QRectF) -> None:
        zoom = self._scene.look.zoom
        painter.resetTransform()
        painter.setFont(self._font)
        painter.setPen(TEXT_ON_PLATE)
        dx, dy = transform.dx(), transform.dy()
        for name, item in self._scene.nodes.items():
            body = item.body
            if exposed.intersects(body):
                text = self._name(name, int(body.width() * zoom) - 6)
                middle = dy + zoom * (body.y() + body.height() / 2) - NAME_PX * 0.6
                painter.drawStaticText(QPointF(int(dx + zoom * body.x()) + 3, int(middle)), text)

    def _name(self, name: str, room: int) -> QStaticText:
        key = (name, room)
        if key not in self._names:
            if len(self._names) > 20_000:
                self._names.clear()
            shown = fonts().elided(fonts().type, name, room * 11 / NAME_PX) if room > 8 else ""
            text = QStaticText(shown)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(font=self._font)
            self._names[key] = text
        return self._names[key]
