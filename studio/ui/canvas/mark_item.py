"""A frame or a note on the canvas: one item that paints everything itself."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsRectItem, QStyleOptionGraphicsItem, QWidget

from studio.project.graph import Frame, Mark, Sticky
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.mark_drawing import (
    INSET,
    NOTE_RADIUS,
    RADIUS,
    note_document,
    paint_frame,
    paint_note,
    title_height,
    title_pixels,
    title_pixmap,
    title_shown,
)
from studio.ui.canvas.markdown import Document

AROUND = 6.0
"""Room around the rectangle for its outline and handles."""
FRAME_ORDER, NOTE_ORDER = -2.0, 0.5
LARGEST = 1e9
"""Square pixels of a frame above which all lie equally far down."""
HANDLE = 3.5
MOST_PIXELS = 3_000_000
"""A note's picture is kept up to this size; larger ones are painted anew each time."""
LEAST_ROOM = 40.0
Part = Literal["title", "body", "n", "s", "w", "e", "nw", "ne", "sw", "se"]


class MarkItem(QGraphicsRectItem):
    """One frame or note. `body` is where it is seen now, perhaps while it is dragged."""

    def __init__(self, look: Look, mark: Mark) -> None:
        super().__init__()
        self._look = look
        self.mark = mark
        self.chosen = False
        self.lit = False
        self.body = QRectF()
        self._title: tuple[tuple[str, float, float, Ink, str], QPixmap] | None = None
        self._document: tuple[object, Document] | None = None
        self._picture: tuple[object, QPixmap] | None = None
        self.setPen(Qt.PenStyle.NoPen)
        self.show_mark(mark)

    @property
    def name(self) -> str:
        """The frame's or note's name."""
        return self.mark.name

    def show_mark(self, mark: Mark) -> None:
        """Show another value of it."""
        self.mark = mark
        self.put(QRectF(*mark.position, *mark.size))
        self.update()

    def put(self, body: QRectF) -> bool:
        """Show it elsewhere or in another size; says whether that changed anything."""
        if body == self.body:
            return False
        self.body = QRectF(body)
        self.setRect(body.adjusted(-AROUND, -AROUND, AROUND, AROUND))
        # A frame within another lies above it: the smaller one can be caught.
        size = min(body.width() * body.height() / LARGEST, 0.99)
        self.setZValue(FRAME_ORDER - size if isinstance(self.mark, Frame) else NOTE_ORDER)
        return True

    def choose(self, chosen: bool) -> None:
        """Show whether it is selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def light_up(self, lit: bool) -> None:
        """Show whether it is one that was looked for."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    @property
    def bar(self) -> QRectF:
        """A frame's title bar."""
        high = title_height(self.body.height(), self._look.zoom)
        return QRectF(self.body.x(), self.body.y(), self.body.width(), high)

    def part_at(self, point: QPointF, reach: float) -> Part | None:
        """What of it lies at a point: an edge or corner within reach, its title, or, of a note, its body."""
        body = self.body
        if not body.adjusted(-reach, -reach, reach, reach).contains(point):
            return None
        down = "n" if point.y() < body.top() + reach else "s" if point.y() > body.bottom() - reach else ""
        across = "w" if point.x() < body.left() + reach else "e" if point.x() > body.right() - reach else ""
        if down or across:
            return _EDGES[down + across]
        if isinstance(self.mark, Sticky):
            return "body"
        return "title" if self.bar.contains(point) else None

    def link_at(self, point: QPointF) -> str:
        """Where the link at a point of a note leads; empty where there is none."""
        if isinstance(self.mark, Frame):
            return ""
        layout = self.document().documentLayout()
        return layout.anchorAt(point - self.body.topLeft())

    def document(self) -> Document:
        """A note's text, laid out."""
        assert isinstance(self.mark, Sticky)
        key = (self.mark.text, self.mark.colour, self._size, self._look.ink)
        if self._document is None or self._document[0] != key:
            self._document = key, note_document(self._seen(self.mark), self._look.ink)
        return self._document[1]

    @property
    def _size(self) -> tuple[float, float]:
        return self.body.width(), self.body.height()

    def _seen(self, note: Sticky) -> Sticky:
        """The note in the size in which it is seen."""
        return Sticky(note.name, note.text, note.colour, note.position, self._size)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it, and its outline over it."""
        if isinstance(self.mark, Frame):
            paint_frame(painter, self.mark, self.body, self._look.ink, self.bar.height())
            self.paint_title(painter)
        else:
            self._paint_note(painter, self.mark)
        self.paint_outline(painter)

    def paint_title(self, painter: QPainter) -> None:
        """The title of a frame from its picture, as large on the screen as it takes to be read."""
        frame, look = self.mark, self._look
        if not isinstance(frame, Frame) or not frame.title:
            return
        look.blit(
            painter,
            self._title_picture(frame),
            self.body.x() + INSET / max(look.zoom, 1.0),
            self.body.y() + (self.bar.height() - title_pixels(look.zoom) * 1.5 / look.zoom) / 2,
        )

    def far_title(self) -> tuple[QPixmap, QRectF] | None:
        """The title's picture and the plate that it is drawn on from afar; None where there is none."""
        frame, zoom = self.mark, self._look.zoom
        if not isinstance(frame, Frame) or not frame.title:
            return None
        picture = self._title_picture(frame)
        wide = picture.deviceIndependentSize().width() + 2 * INSET
        return picture, QRectF(self.body.topLeft(), QSizeF(wide / zoom, self.bar.height()))

    def _title_picture(self, frame: Frame) -> QPixmap:
        look = self._look
        shown = title_shown(
            frame.title, max(self.body.width() * look.zoom - 2 * INSET, LEAST_ROOM), look.zoom
        )
        key = (shown, title_pixels(look.zoom), look.ratio, look.ink, frame.colour)
        if self._title is None or self._title[0] != key:
            self._title = key, title_pixmap(*key)
        return self._title[1]

    def _paint_note(self, painter: QPainter, note: Sticky) -> None:
        look = self._look
        document = self.document()
        seen = self._seen(note)
        if self.body.width() * self.body.height() * look.scale**2 > MOST_PIXELS:
            painter.translate(self.body.topLeft())
            paint_note(painter, seen, look.ink, document)
            painter.translate(-self.body.topLeft())
            return
        key = (id(document), look.scale)
        kept = self._picture
        if kept is None or (kept[0] != key and not look.zooming):
            self._picture = kept = key, _note_pixmap(seen, look, document)
        if kept[0] == key:
            look.blit(painter, kept[1], self.body.x(), self.body.y())
        else:
            painter.drawPixmap(self.body, kept[1], QRectF(kept[1].rect()))

    def paint_outline(self, painter: QPainter) -> None:
        """What shows that it is selected, or was looked for."""
        if not self.chosen and not self.lit:
            return
        ink, zoom = self._look.ink, self._look.zoom
        radius = RADIUS if isinstance(self.mark, Frame) else NOTE_RADIUS
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.lit:
            painter.setPen(QPen(ink.found, 4 / min(zoom, 1.0)))
            painter.drawRoundedRect(self.body.adjusted(-2, -2, 2, 2), radius + 2, radius + 2)
        if self.chosen:
            painter.setPen(QPen(ink.accent, 2 / min(zoom, 1.0)))
            painter.drawRoundedRect(self.body, radius, radius)
            self._paint_handles(painter)

    def _paint_handles(self, painter: QPainter) -> None:
        ink, size = self._look.ink, HANDLE / self._look.zoom
        painter.setPen(QPen(ink.accent, 1.5 / self._look.zoom))
        painter.setBrush(ink.canvas)
        body = self.body
        for corner in (body.topLeft(), body.topRight(), body.bottomLeft(), body.bottomRight()):
            painter.drawRect(QRectF(corner.x() - size, corner.y() - size, 2 * size, 2 * size))


_EDGES: dict[str, Part] = {one: one for one in ("n", "s", "w", "e", "nw", "ne", "sw", "se")}  # type: ignore[misc]


def _note_pixmap(note: Sticky, look: Look, document: Document) -> QPixmap:
    pixmap = QPixmap(int(note.size[0] * look.scale) + 1, int(note.size[1] * look.scale) + 1)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(look.scale, look.scale)
    paint_note(painter, note, look.ink, document)
    painter.end()
    return pixmap
