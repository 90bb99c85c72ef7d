"""The view: pan, zoom, the dotted grid, and the gesture that the mouse is making."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTransform,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from studio.ui.canvas.accessible import SpokenDrawing
from studio.ui.canvas.drawing import Level
from studio.ui.canvas.ground import Ground
from studio.ui.canvas.hand import Hand, Start
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.plates import Plates
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.scrolling import TAKEN, Scrolling
from studio.ui.canvas.travel import Travel

LEAST_ZOOM, MOST_ZOOM = 0.02, 4.0
FAR_AWAY = 200_000.0
AROUND = 48
AWAY = 10
"""Pixels from what lies over the view to what is brought into sight."""
REST_MS = 80


class GraphView(QGraphicsView):
    """Shows the scene. `start` says which gesture a press begins; it gets every move till the release."""

    moved = Signal()
    """The part of the canvas that is seen has changed."""
    zoomed = Signal(float)
    tabbed = Signal()
    """Tab was pressed."""

    def __init__(self, scene: GraphScene, start: Start, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._scrolling = Scrolling(self)
        self.travel = Travel(self)
        self._graph = scene
        self.hand = Hand(self, start)
        self.hand.moved.connect(self.repaint_far)
        self._plates = Plates(scene)
        self._ground = Ground()
        self.zoom = 1.0
        self.ghost: QGraphicsItem | None = None
        """What is drawn over everything, from afar too."""
        self.covered: Callable[[], QRect] = QRect
        """The pixels of the viewport that something lies over; what is brought into sight keeps off them."""
        self._set_up()
        scene.content_changed.connect(self._content_changed)
        scene.selection_moved.connect(self.repaint_far)
        self._rested = QTimer(self, singleShot=True, interval=REST_MS)
        self._rested.timeout.connect(self._sharpen)
        self.spoken = SpokenDrawing(self)
        """The drawing as screen readers have it."""

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSceneRect(-FAR_AWAY, -FAR_AWAY, 2 * FAR_AWAY, 2 * FAR_AWAY)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def graph(self) -> GraphScene:
        """What is shown."""
        return self._graph

    # What is seen

    def seen(self) -> QRectF:
        """The part of the canvas that is seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom, keeping what is at a point of the viewport (its middle by default) where it is."""
        self.travel.stop()
        zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        anchor = at if at is not None else QPointF(self.viewport().rect().center())
        before = self._to_scene(anchor)
        self._set_zoom(zoom)
        self._put(before, anchor)

    def center_at(self, point: QPointF) -> None:
        """Bring a point of the canvas to the middle."""
        self.travel.stop()
        self._put(point, QPointF(self.viewport().rect().center()))

    def look_at(self, zoom: float, centre: QPointF) -> None:
        """Zoom, and bring a point of the canvas to the middle."""
        self._set_zoom(min(max(zoom, LEAST_ZOOM), MOST_ZOOM))
        self._put(centre, QPointF(self.viewport().rect().center()))

    def fit(self, rect: QRectF) -> None:
        """Show a rectangle of the canvas whole, at 100 % at most."""
        self.travel.stop()
        self.look_at(*self.fitting(rect))

    def fitting(self, rect: QRectF) -> tuple[float, QPointF]:
        """The zoom, and the point in the middle, at which a rectangle of the canvas is seen whole."""
        if rect.isNull():
            return 1.0, QPointF()
        room = self.viewport().size()
        wide = max(room.width() - 2 * AROUND, 1) / max(rect.width(), 1)
        high = max(room.height() - 2 * AROUND, 1) / max(rect.height(), 1)
        return min(max(min(wide, high), LEAST_ZOOM), 1.0), rect.center()

    def reveal(self, rect: QRectF) -> None:
        """Bring a rectangle into sight: no further than needed, from out of sight to the middle."""
        seen = self.seen().adjusted(AROUND / 2, AROUND / 2, -AROUND / 2, -AROUND / 2)
        if not seen.intersects(rect):
            self.center_at(rect.center())
        elif not seen.contains(rect):
            self.travel.stop()
            across = _missing(rect.left(), rect.right(), seen.left(), seen.right())
            down = _missing(rect.top(), rect.bottom(), seen.top(), seen.bottom())
            self._put(self.seen().topLeft() + QPointF(across, down), QPointF())
        place, cover = self.mapFromScene(rect).boundingRect(), self.covered()
        if place.intersects(cover):
            self.pan(_out_from_under(cover, place, self.viewport().rect()))

    def pan(self, by: QPoint) -> None:
        """Move what is seen by some pixels."""
        self.travel.stop()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - by.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() - by.y())

    def _set_zoom(self, zoom: float) -> None:
        changed = zoom != self.zoom
        if changed:
            self._graph.look.zooming = True
            self._rested.start()
        self.zoom = zoom
        self._graph.look.set_zoom(zoom, self.devicePixelRatioF())
        self.setTransform(QTransform.fromScale(zoom, zoom))
        if changed:
            self.zoomed.emit(zoom)
            self.moved.emit()

    def _sharpen(self) -> None:
        """The zoom rests: draw every picture anew for it."""
        self._graph.look.zooming = False
        self.viewport().update()

    def _put(self, point: QPointF, at: QPointF) -> None:
        """Scroll so that a point of the canvas comes to a point of the viewport."""
        corner = point * self.zoom - at
        self.horizontalScrollBar().setValue(round(corner.x()))
        self.verticalScrollBar().setValue(round(corner.y()))

    def _to_scene(self, at: QPointF) -> QPointF:
        return self.viewportTransform().inverted()[0].map(at)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.moved.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._graph.look
        if self.devicePixelRatioF() != look.ratio:
            look.set_zoom(self.zoom, self.devicePixelRatioF())
        corner = self.viewportTransform()
        look.begin(corner.dx(), corner.dy(), event.region())
        if look.level == Level.FAR:
            painter = QPainter(self.viewport())
            painter.setClipRegion(event.region())
            self._paint_ground(painter, event.rect())
            self._plates.paint(painter, self.viewportTransform(), self.seen())
            self._paint_extras(painter)
            painter.end()
        else:
            super().paintEvent(event)
        if look.late or self._plates.late:
            self._plates.late = False
            QTimer.singleShot(0, self.viewport(), self.viewport().update)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        kept = painter.transform()
        painter.resetTransform()
        exposed = kept.mapRect(QRectF(rect)).toAlignedRect().intersected(self.viewport().rect())
        self._paint_ground(painter, exposed)
        painter.setTransform(kept)

    def _paint_ground(self, painter: QPainter, exposed: QRect) -> None:
        size = self.viewport().size()
        self._ground.paint(painter, exposed, self.viewportTransform(), size, self._graph.look.ink)

    def _paint_extras(self, painter: QPainter) -> None:
        """From afar Qt does not draw the scene; the wire and the band that a gesture shows are drawn here."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.ghost is not None:
            painter.setTransform(self.viewportTransform())
            self.ghost.paint(painter, QStyleOptionGraphicsItem())
        if (path := self.hand.trace()) is not None:
            painter.setTransform(self.viewportTransform())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(hairline(self._graph.look.ink.accent, 2))
            painter.drawPath(path)

    def forget_plates(self) -> None:
        """The far picture has changed."""
        self._plates.forget()
        self.repaint_far()

    def _content_changed(self) -> None:
        self.forget_plates()
        self.moved.emit()

    def repaint_far(self) -> None:
        """From afar the view itself draws what has changed."""
        if self._graph.look.level == Level.FAR:
            self.viewport().update()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.hand.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # What a double click means is seen where the gesture starts.
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hand.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hand.leave()
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hand.forget_space()
        super().focusOutEvent(event)

    # Wheel and keys

    def viewportEvent(self, event: QEvent) -> bool:
        taken = isinstance(event, TAKEN) and self._scrolling.take(event)
        return taken or super().viewportEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        if next:
            self.tabbed.emit()
            return True
        return super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # QGraphicsView would scroll by arrow keys; the canvas has its own use for them

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()


def _out_from_under(cover: QRect, place: QRect, room: QRect) -> QPoint:
    """How to move a place above or to the left of what covers it: the shorter way where it has room."""
    above = QPoint(0, cover.top() - AWAY - place.bottom())
    beside = QPoint(cover.left() - AWAY - place.right(), 0)
    ways = [by for by in (above, beside) if room.contains(place.translated(by))]
    return min(ways, key=lambda by: by.manhattanLength(), default=QPoint())


def _missing(start: float, end: float, first: float, last: float) -> float:
    """How far what is seen must move to hold a stretch, or of a longer one its start."""
    if end - start > last - first or start < first:
        return start - first
    return max(end - last, 0.0)
