"""What all items of one canvas share: theme, zoom, and pictures of faces and pills kept between paints."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from time import thread_time
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

from studio.ui.canvas.drawing import (
    Level,
    face_pixmap,
    level_of,
    pill_growth,
    pill_pixmap,
    plate_pixmap,
    ring_pixmap,
)
from studio.ui.canvas.face import Face, Spot
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.repaints import Repaints

if TYPE_CHECKING:
    from studio.ui.canvas.heat import HeatLayer


class Bounded(Protocol):
    """What lies somewhere on the canvas."""

    @property
    def bounds(self) -> QRectF:
        """Around all that is painted of it."""
        ...


T = TypeVar("T", bound=Bounded)
RENEW, MAKE, HASTE = 0.004, 0.008, 0.001
"""Seconds of one repaint spent on renewing pictures made for another zoom, on making any others, and on
either while the zoom changes.

What is left over is drawn from the old ones, or as a bare plate, until the next repaint.
"""
MOST_BYTES = 96 * 2**20
MOST_PILLS, MOST_PLATES, MOST_RINGS = 2000, 400, 2000
PlateKey = tuple[float, float, str | None, bool, bool, str]
"""What plates that look alike have in common."""


class Look:
    """Theme, zoom and pictures."""

    def __init__(self, ink: Ink) -> None:
        self.ink = ink
        self.level = Level.NEAR
        self.zoom = 1.0
        self.ratio = 1.0
        self.scale = 1.0
        """Zoom times the screen's device pixel ratio."""
        self.offers: frozenset[tuple[str, str, str, int]] | None = None
        """While a wire is dragged: the places (node, side, port, index) it may end at."""
        self.minimap = True
        """Whether the minimap is shown where there is room for it."""
        self.guides = True
        """Whether what is dragged snaps to its neighbours."""
        self.dx, self.dy = 0.0, 0.0
        self._region: QRegion | None = None
        self.repaints = Repaints()
        """Takes what is to be painted anew."""
        self.heat: HeatLayer | None = None
        """What paints the heat of nodes, where there is any."""
        self.zooming = False
        """Whether the zoom changes just now: pictures made for another zoom will do until it rests."""
        self.late = False
        """Whether the last repaint had to use old pictures."""
        self._faces: OrderedDict[str, tuple[Face, Level, float, QPixmap]] = OrderedDict()
        self._bytes = 0
        self._plates: dict[PlateKey, tuple[QPixmap, Level, float]] = {}
        self._rings: dict[tuple[float, float, str | None, bool, tuple[Spot, ...]], QPixmap] = {}
        self._rings_of: dict[tuple[int, bool], tuple[Face, QPixmap]] = {}
        """The same by the face itself, which is kept: to hash a face takes longer than to draw its ring."""
        self._rings_for = (self.level, self.scale)
        self._pills: dict[tuple[str, bool, float], QPixmap] = {}
        self._spent = 0.0

    def set_ink(self, ink: Ink) -> None:
        """Change the theme."""
        self.ink = ink
        self.forget()

    def set_zoom(self, zoom: float, ratio: float) -> None:
        """Follow the view."""
        self.zoom, self.ratio, self.scale = zoom, ratio, zoom * ratio
        self.level = level_of(zoom)

    def forget(self) -> None:
        """Drop every picture."""
        self._faces.clear()
        self._plates.clear()
        self._rings.clear()
        self._rings_of.clear()
        self._pills.clear()
        self._bytes = 0

    def begin(self, dx: float, dy: float, region: QRegion) -> None:
        """A repaint of a region of the view begins; the canvas's origin lies at this pixel of the view."""
        self.dx, self.dy = dx, dy
        self._region = region if region.rectCount() > 1 else None
        self.late = False
        self._spent = 0.0

    def exposed(self, items: list[T]) -> list[T]:
        """Those items that are painted anew, of all within the bounds of what is.

        There are fewer only where what is painted anew is scattered.
        """
        if self._region is None:
            return items
        region, view = self._region, QTransform(self.zoom, 0, 0, self.zoom, self.dx, self.dy)
        return [one for one in items if region.intersects(view.mapRect(one.bounds).toAlignedRect())]

    def face(self, face: Face) -> tuple[QPixmap, float] | None:
        """A node's picture and the scale it was made at; only its plate where there is no time for more.

        None where there is no time for that either.
        """
        kept = self._faces.get(face.name)
        if kept is not None and kept[0] is face and kept[1] == self.level and kept[2] == self.scale:
            self._faces.move_to_end(face.name)
            return kept[3], self.scale
        rezoomed = kept is not None and kept[0] is face
        if kept is not None and rezoomed and self.zooming:
            return kept[3], kept[2]
        if self._spent > (HASTE if self.zooming else RENEW if rezoomed else MAKE):
            self.late = True
            return (kept[3], kept[2]) if kept else self._bare(face)
        began = thread_time()
        pixmap = face_pixmap(face, self.ink, self.level, self._plate(face), self.scale)
        self._keep(face, pixmap)
        self._spent += thread_time() - began
        return pixmap, self.scale

    def _bare(self, face: Face) -> tuple[QPixmap, float] | None:
        kept = self._plates.get(_plate_key(face))
        if kept is not None and (self.zooming or kept[1:] == (self.level, self.scale)):
            return kept[0], kept[2]
        if self._spent > (2 * HASTE if self.zooming else MAKE):
            return None
        began = thread_time()
        plate = self._plate(face)
        self._spent += thread_time() - began
        return plate, self.scale

    def blit(self, painter: QPainter, pixmap: QPixmap, x: float, y: float) -> None:
        """Draw a picture made at the present scale with its corner at a point of the canvas."""
        self.blit_all(painter, ((pixmap, x, y, self.scale),))

    def blit_all(self, painter: QPainter, pictures: Iterable[tuple[QPixmap, float, float, float]]) -> None:
        """Draw pictures with their corners at points of the canvas, each made at the scale given.

        Those made at the present one are put on whole pixels, so that they stay sharp.
        """
        ratio, scale, zoom, dx, dy = self.ratio, self.scale, self.zoom, self.dx, self.dy
        painter.setWorldMatrixEnabled(False)
        for pixmap, x, y, made_at in pictures:
            left, top = x * zoom + dx, y * zoom + dy
            if made_at != scale:
                part = zoom / made_at
                place = QRectF(left, top, pixmap.width() * part, pixmap.height() * part)
                painter.drawPixmap(place, pixmap, pixmap.rect())
            elif ratio == 1:
                painter.drawPixmap(round(left), round(top), pixmap)
            else:
                pixmap.setDevicePixelRatio(ratio)
                painter.drawPixmap(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), pixmap)
        painter.setWorldMatrixEnabled(True)

    def pill(self, text: str, wrong: bool) -> QPixmap:
        """A pill's picture at the present zoom."""
        key = (text, wrong, self.scale)
        if key not in self._pills:
            if len(self._pills) > MOST_PILLS:
                self._pills.clear()
            self._pills[key] = pill_pixmap(text, self.ink, wrong, self.scale * pill_growth(self.level))
        return self._pills[key]

    def offered(self, node: str, spot: Spot) -> bool:
        """Whether the dragged wire may end at this port."""
        return self.offers is not None and (node, spot.side, spot.port, spot.index) in self.offers

    def ring(self, face: Face, chosen: bool) -> QPixmap:
        """The line around a node that is selected, or under the pointer."""
        if self._rings_for != (self.level, self.scale):  # they are of use at one zoom alone
            self._rings_for = (self.level, self.scale)
            self._rings.clear()
            self._rings_of.clear()
        known = self._rings_of.get((id(face), chosen))
        if known is not None:
            return known[1]
        key = (face.width, face.height, face.family, chosen, face.spots)
        if key not in self._rings:
            self._rings[key] = ring_pixmap(face, self.ink, chosen, self.scale)
        if len(self._rings_of) > MOST_RINGS:
            self._rings_of.clear()
        self._rings_of[id(face), chosen] = face, self._rings[key]
        return self._rings[key]

    def _plate(self, face: Face) -> QPixmap:
        key, made_for = _plate_key(face), (self.level, self.scale)
        kept = self._plates.get(key)
        if kept is not None and kept[1:] == made_for:
            return kept[0]
        if len(self._plates) > MOST_PLATES:
            self._plates.clear()
        plate = plate_pixmap(face, self.ink, *made_for)
        self._plates[key] = plate, *made_for
        return plate

    def _keep(self, face: Face, pixmap: QPixmap) -> None:
        old = self._faces.pop(face.name, None)
        self._bytes += _size(pixmap) - (_size(old[3]) if old else 0)
        self._faces[face.name] = (face, self.level, self.scale, pixmap)
        while self._bytes > MOST_BYTES and len(self._faces) > 1:
            _, gone = self._faces.popitem(last=False)
            self._bytes -= _size(gone[3])


def _plate_key(face: Face) -> PlateKey:
    return face.width, face.height, face.family, face.muted, face.stacked, face.colour


def _size(pixmap: QPixmap) -> int:
    return 4 * pixmap.width() * pixmap.height()
