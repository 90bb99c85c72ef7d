"""The minimap: the whole drawing small, with a frame around what is seen; drag it, or press elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui.canvas import hues
from studio.ui.canvas.far_tiles import grouped, mark_plates
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.scrolling import ANGLE, NOTCH
from studio.ui.canvas.view import GraphView

LEAST, MOST = QSize(124, 76), QSize(232, 142)
SHARE = 0.16
"""Of the canvas's width."""
LEAST_ROOM = 420
"""A canvas narrower than this has no room for a minimap."""
AROUND = 8
LATER_MS, EACH_MS, LATEST_MS = 40, 0.25, 600
"""How long after a change the plates are painted anew: so long, longer for each node, at most so long."""
BEHIND_MS = 2000
"""While changes follow each other sooner, as in a drag, so long at most."""
MARKS_MS = 60
"""How long it takes, once a selection's move is shown, until the next one is."""
FEW = 500
"""So many nodes are few enough for smooth edges."""
DOT = 3.0
"""What is to be seen at once is at least so large."""


class Minimap(QWidget):
    """Plates are painted once after changes and kept; while the view moves only the frame is new."""

    def __init__(self, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._view = scene, view
        self._plates: QPixmap | None = None
        self._marked: QPixmap | None = None
        """The plates with what stands out among them."""
        self._whole = QRectF()
        self._wrong: list[QRectF] = []
        self._held: QPointF | None = None
        self._seen = QRectF()
        self.resize(LEAST)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Minimap"))
        self.setAccessibleDescription(self.tr("The whole drawing small, and what of it is seen"))
        tip = self.tr("The whole drawing: drag the frame, press to go there, turn the wheel to zoom")
        self.setToolTip(tip)
        self._behind_since = QElapsedTimer()
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._refresh)
        scene.content_changed.connect(self.content_changed)
        self._marks_later = QTimer(self, singleShot=True, interval=MARKS_MS)
        self._marks_later.timeout.connect(self._show_moved)
        self._behind = False
        """Whether the selection has moved since it was last shown."""
        scene.selection_moved.connect(self._selection_moved)
        view.moved.connect(self._moved)
        view.covered = self._place

    def take_room(self, canvas: QSize) -> None:
        """Be as large as suits a canvas of this size."""
        width = min(max(round(canvas.width() * SHARE), LEAST.width()), MOST.width())
        self.resize(width, round(width * LEAST.height() / LEAST.width()))
        self.content_changed()  # what it would cover there is another thing

    def content_changed(self) -> None:
        """Paint the plates anew, a little after the last of several changes."""
        if not self._later.isActive():
            self._behind_since.start()
        if self._behind_since.elapsed() < BEHIND_MS:
            self._later.start(min(LATER_MS + round(EACH_MS * len(self._scene.nodes)), LATEST_MS))

    def _selection_moved(self) -> None:
        """Not at each step of a drag: what lies under the map would be painted anew with it."""
        self._behind = True
        if not self._marks_later.isActive():
            self._show_moved()

    def _show_moved(self) -> None:
        if self._behind:
            self._behind = False
            self._marked = None
            self.update()
            self._marks_later.start()

    def _moved(self) -> None:
        self.setVisible(self._is_wanted())
        seen = self._view.seen()
        if seen != self._seen:
            self._seen = seen
            self.update()

    def _refresh(self) -> None:
        self._plates = self._marked = None
        self._whole = self._scene.bounds()
        self._wrong = [item.body for item in self._scene.nodes.values() if item.face.errors]
        self._moved()
        self.update()

    def _place(self) -> QRect:
        """Where it lies, also if only when what is to be seen now is shown; nothing where it will not lie."""
        possible = self._scene.look.minimap and self._view.width() >= LEAST_ROOM
        if possible and (self.isVisible() or not self._view.seen().contains(self._scene.bounds())):
            return self.geometry()
        return QRect()

    def _is_wanted(self) -> bool:
        """Not while there is nothing, nor where it would cover some of it although all is seen anyway."""
        if not self._scene.look.minimap or self._view.width() < LEAST_ROOM:
            return False
        if not self._scene.nodes and not self._scene.marks.items:
            return False
        here = self._view.mapToScene(self.geometry().adjusted(-6, -6, 6, 6)).boundingRect()
        if not self._view.seen().contains(self._whole):
            return True
        return not self._scene.nodes_in(here) and not self._scene.marks.touched(here)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._scene.look.ink
        if self._plates is None or self._plates.size() != self.size() * self.devicePixelRatioF():
            self._plates, self._marked = self._painted(), None
        if self._marked is None:
            self._marked = self._with_marks(self._plates)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._marked)
        if not self._whole.isEmpty():
            painter.setPen(hairline(ink.accent))
            painter.setBrush(QColor(ink.accent.red(), ink.accent.green(), ink.accent.blue(), 24))
            painter.drawRect(self._frame())
        painter.end()

    def _with_marks(self, plates: QPixmap) -> QPixmap:
        ink, nodes = self._scene.look.ink, self._scene.nodes
        marked = QPixmap(plates)
        painter = QPainter(marked)
        self._mark(painter, self._wrong, ink.error)
        self._mark(painter, [nodes[name].body for name in self._scene.lit if name in nodes], ink.found)
        self._mark(painter, [nodes[name].body for name in self._scene.chosen], ink.accent)
        painter.end()
        return marked

    def _mark(self, painter: QPainter, bodies: list[QRectF], colour: QColor) -> None:
        """Dots that stand out where some nodes lie."""
        if not bodies:
            return
        scale, shift = self._scale(), self._shift()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if len(bodies) > FEW:  # they stand out by their number
            painter.setTransform(QTransform(scale, 0, 0, scale, shift.x(), shift.y()))
            painter.drawRects(bodies)
            painter.resetTransform()
            return
        dots: list[QRectF] = []
        for body in bodies:
            centre, wide = body.center() * scale + shift, max(body.width() * scale, DOT)
            high = max(body.height() * scale, DOT)
            dots.append(QRectF(centre.x() - wide / 2, centre.y() - high / 2, wide, high))
        painter.drawRects(dots)

    def _painted(self) -> QPixmap:
        ink, ratio = self._scene.look.ink, self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink.line)
        painter.setBrush(ink.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(self._scene.nodes) <= FEW)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setOpacity(0.75)
        painter.translate(self._shift())
        painter.scale(self._scale(), self._scale())
        marks = self._scene.marks
        for colour, _, rect in mark_plates(self._scene, marks.frames, hues.title_ground):
            painter.setBrush(colour)
            painter.drawRect(rect)
        for _, colour, rect in mark_plates(self._scene, marks.notes, hues.note_ground):
            painter.setBrush(colour)
            painter.drawRect(rect)
        for colour, rects in grouped(self._scene.nodes.values(), ink):
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.end()
        return pixmap

    def _frame(self) -> QRectF:
        """What is seen, as far as it lies on the map."""
        seen = self._view.seen()
        frame = QRectF(self._to_map(seen.topLeft()), self._to_map(seen.bottomRight()))
        return frame.intersected(QRectF(self.rect()).adjusted(3, 3, -4, -4))

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._whole.isEmpty():
            return
        middle = self._to_map(self._view.seen().center())
        inside = self._frame().contains(event.position())
        self._held = middle - event.position() if inside else QPointF()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if not inside:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._go(event.position() + self._held)
            return
        inside = self._frame().contains(event.position())
        self.setCursor(Qt.CursorShape.OpenHandCursor if inside else Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.zoom_to(self._view.zoom * NOTCH ** (event.angleDelta().y() / ANGLE))
        event.accept()

    def _go(self, at: QPointF) -> None:
        self._view.center_at((at - self._shift()) / self._scale())

    # Places

    def _scale(self) -> float:
        wide = (self.width() - 2 * AROUND) / max(self._whole.width(), 1)
        high = (self.height() - 2 * AROUND) / max(self._whole.height(), 1)
        return min(wide, high, 0.2)

    def _shift(self) -> QPointF:
        middle = QPointF(self.width() / 2, self.height() / 2)
        return middle - self._whole.center() * self._scale()

    def _to_map(self, point: QPointF) -> QPointF:
        return point * self._scale() + self._shift()
