"""The minimap: the whole drawing small, with a frame around what is seen; press or drag to go there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.ink import hairline
from studio.ui.canvas.plates import grouped, mark_plates
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView

SIZE = QSize(150, 92)
AROUND = 8
LATER_MS = 40


class Minimap(QWidget):
    """Plates are painted once after changes and kept; while the view moves only the frame is new."""

    def __init__(self, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._view = scene, view
        self._plates: QPixmap | None = None
        self._whole = QRectF()
        self.setFixedSize(SIZE)
        self.setAccessibleName(self.tr("Minimap"))
        self.setToolTip(self.tr("The whole drawing; drag the frame to look elsewhere"))
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._refresh)
        scene.content_changed.connect(self.content_changed)
        view.moved.connect(self._moved)

    def content_changed(self) -> None:
        """Paint the plates anew, a little later."""
        if not self._later.isActive():
            self._later.start(LATER_MS + len(self._scene.nodes) // 10)

    def _moved(self) -> None:
        self.setVisible(self._is_wanted())
        self.update()

    def _refresh(self) -> None:
        self._plates = None
        self._whole = self._scene.bounds()
        self._moved()

    def _is_wanted(self) -> bool:
        """Not while there is nothing, nor where it would cover a node although all is seen anyway."""
        if not self._scene.nodes and not self._scene.marks.items:
            return False
        here = self._view.mapToScene(self.geometry().adjusted(-6, -6, 6, 6)).boundingRect()
        return not self._view.seen().contains(self._whole) or not self._scene.nodes_in(here)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._scene.look.ink
        if self._plates is None or self._plates.devicePixelRatio() != self.devicePixelRatioF():
            self._plates = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._plates)
        if not self._whole.isEmpty():
            frame = QRectF(
                self._to_map(self._view.seen().topLeft()), self._to_map(self._view.seen().bottomRight())
            )
            painter.setPen(hairline(ink.accent))
            painter.setBrush(QColor(ink.accent.red(), ink.accent.green(), ink.accent.blue(), 24))
            painter.drawRect(frame.intersected(QRectF(self.rect()).adjusted(3, 3, -4, -4)))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, at: QPointF) -> None:
        if not self._whole.isEmpty():
            self._view.center_at((at - self._shift()) / self._scale())

    def _painted(self) -> QPixmap:
        ink, ratio = self._scene.look.ink, self.devicePixelRatioF()
        pixmap = QPixmap(SIZE * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink.line)
        painter.setBrush(ink.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setOpacity(0.75)
        painter.translate(self._shift())
        painter.scale(self._scale(), self._scale())
        for colour, rect in mark_plates(self._scene):
            painter.setBrush(colour)
            painter.drawRect(rect)
        for colour, rects in grouped(self._scene):
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.end()
        return pixmap

    def _scale(self) -> float:
        wide = (SIZE.width() - 2 * AROUND) / max(self._whole.width(), 1)
        high = (SIZE.height() - 2 * AROUND) / max(self._whole.height(), 1)
        return min(wide, high, 0.2)

    def _shift(self) -> QPointF:
        middle = QPointF(SIZE.width() / 2, SIZE.height() / 2)
        return middle - self._whole.center() * self._scale()

    def _to_map(self, point: QPointF) -> QPointF:
        return point * self._scale() + self._shift()
