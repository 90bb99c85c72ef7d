"""The picture from afar: coloured plates with names and hairline wires, drawn in a few large calls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QTransform

from studio.ui.canvas import hues
from studio.ui.canvas.far_tiles import Coloured, Tile, mark_plates, tiles_of
from studio.ui.canvas.ink import fonts, hairline
from studio.ui.canvas.mark_drawing import INSET as BESIDE_TITLE
from studio.ui.canvas.mark_drawing import RADIUS
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import NODE_RADIUS

TEXT_ON_PLATE = QColor("#0f1116")
LEAST_TEXT_ZOOM, FULL_TEXT_ZOOM = 0.22, 0.25
"""Where names begin to appear, and where they are all there: between, they fade in."""
LARGE_NAME, SMALL_NAME, SMALL_ZOOM = 10, 9, 0.32
"""Pixels of a name's letters, and below which zoom they are the smaller ones."""
NAME_HIGH = 15.0
NAME_ROOM = 12.0
"""Pixels that a plate with a name is high at least."""
INSET = 16.0
"""Of a name, on the canvas: as it is from nearer."""
ROOM_STEP = 6
"""Names are shortened in steps of so many pixels, so that a little zooming needs no new pictures."""
FEW = 200
"""So many nodes are few enough for round corners and smooth wires."""
MANY = 1500
MOST_NAMES = 20_000
Name = tuple[str, int, int]
"""A name, its letters' pixels, and the steps of room that it has."""
NEW_NAMES, FEW_NAMES = 60, 10
"""Pictures of names made in one repaint, and while the zoom changes; the others appear with the next ones."""


class Plates:
    """Draws a scene from afar. What it draws is gathered once after each change, not at each repaint."""

    def __init__(self, scene: GraphScene) -> None:
        self._scene = scene
        self._stale = True
        self._new = 0
        self.late = False
        """Whether the last repaint had to leave out names."""
        self._tiles: list[Tile] = []
        self._count = 0
        self._frames: list[tuple[QColor, QColor, QRectF]] = []
        self._notes: list[tuple[QColor, QColor, QRectF]] = []
        self._titles: list[tuple[QColor, QPixmap, QRectF]] = []
        self._titles_for = (0.0, 0.0)
        self._errors: list[str] = []
        self._names: dict[Name, QPixmap] = {}
        self._ratio = 1.0
        self._font = QFont(fonts().type)

    def forget(self) -> None:
        """Something has changed: gather again at the next repaint."""
        self._stale = True

    def paint(self, painter: QPainter, transform: QTransform, exposed: QRectF) -> None:
        """Paint everything; `exposed` is the part of the canvas that is seen."""
        if self._stale:
            self._gather()
        look = self._scene.look
        tiles = [tile for tile in self._tiles if tile.bounds.intersects(exposed)]
        painter.setTransform(transform)
        few = self._count <= FEW
        self._paint_marks(painter, self._frames, few)
        self._paint_wires(painter, tiles, few)
        self._paint_marks(painter, self._notes, few)
        self._paint_plates(painter, tiles, few)
        if look.heat is not None:
            look.heat.paint_far(painter, tiles)
        self._outline(painter, look.ink.error, [name for name in self._errors if name in self._scene.nodes])
        self._outline(
            painter, look.ink.found, [name for name in self._scene.lit if name in self._scene.nodes]
        )
        self._outline(painter, look.ink.accent, self._scene.chosen)
        self._paint_chosen_wires(painter)
        self._paint_chosen_marks(painter)
        if look.zoom >= LEAST_TEXT_ZOOM:
            self._paint_names(painter, transform, exposed, tiles)
        self._paint_titles(painter, transform, exposed)

    def _paint_wires(self, painter: QPainter, tiles: Sequence[Tile], few: bool) -> None:
        ink = self._scene.look.ink
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(hairline(ink.wire))
        for tile in tiles:
            painter.drawPath(tile.wires)
        painter.setPen(hairline(ink.error))
        for tile in tiles:
            painter.drawPath(tile.wrong)

    def _paint_plates(self, painter: QPainter, tiles: Sequence[Tile], few: bool) -> None:
        ink, zoom = self._scene.look.ink, self._scene.look.zoom
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, rects in (group for tile in tiles for group in self._plates_of(tile, zoom)):
            painter.setBrush(colour)
            if few:
                for rect in rects:
                    painter.drawRoundedRect(rect, NODE_RADIUS, NODE_RADIUS)
            else:
                painter.drawRects(rects)
        for colour, rects in (group for tile in tiles for group in tile.tints):
            painter.setBrush(colour)  # a strip: an outline would look like that of an error
            painter.setPen(hairline(ink.canvas))
            painter.drawRects([QRectF(r.x(), r.y(), r.width(), min(5 / zoom, r.height() / 4)) for r in rects])
        if struck := [line for tile in tiles for line in tile.struck]:
            painter.setPen(QPen(ink.canvas, 2 / zoom))
            painter.drawLines(struck)

    def _paint_marks(
        self, painter: QPainter, plates: Sequence[tuple[QColor, QColor, QRectF]], few: bool
    ) -> None:
        """Frames or notes as coloured plates."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        outlines: dict[int, list[QRectF]] = {}
        for ground, line, body in plates:
            if few:
                painter.setPen(hairline(line))
                painter.setBrush(ground)
                painter.drawRoundedRect(body, RADIUS, RADIUS)
            else:
                painter.fillRect(body, ground)
                outlines.setdefault(line.rgb(), []).append(body)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line, bodies in outlines.items():
            painter.setPen(hairline(QColor(line)))
            painter.drawRects(bodies)

    def _paint_chosen_marks(self, painter: QPainter) -> None:
        marks = self._scene.marks
        shown = [item for item in marks.items.values() if item.chosen or item.lit]
        for item in shown:
            item.paint_outline(painter)

    def _paint_titles(self, painter: QPainter, transform: QTransform, exposed: QRectF) -> None:
        """The titles of frames over all else, as large as it takes to be read."""
        look = self._scene.look
        if self._titles_for != (look.zoom, look.ratio):
            self._titles_for = (look.zoom, look.ratio)
            titles = ((item.mark.colour, item.far_title()) for item in self._scene.marks.frames)
            self._titles = [
                (hues.title_ground(look.ink.tokens, colour), *title) for colour, title in titles if title
            ]
        painter.setTransform(transform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for colour, picture, plate in self._titles:
            if plate.intersects(exposed):
                painter.fillRect(plate, colour)
                high = picture.deviceIndependentSize().height() / look.zoom
                x, y = plate.x() + BESIDE_TITLE / look.zoom, plate.y() + (plate.height() - high) / 2
                look.blit(painter, picture, x, y)

    def _gather(self) -> None:
        scene = self._scene
        self._tiles, self._count = tiles_of(scene), len(scene.nodes)
        self._frames = mark_plates(scene, scene.marks.frames, hues.frame_ground)
        self._notes = mark_plates(scene, scene.marks.notes, hues.note_ground)
        self._titles_for = (0.0, 0.0)
        self._errors = [name for name, item in scene.nodes.items() if item.face.errors]
        self._stale = False

    def _plates_of(self, tile: Tile, zoom: float) -> Coloured:
        """A tile's plates, with room for their names where those are shown and there are not too many."""
        part, room = _shown_at(zoom), NAME_ROOM / zoom
        if not part or tile.lowest >= room or self._count > MANY:
            return tile.plates
        if tile.grown_for != zoom and not (tile.grown_for and self._scene.look.zooming):
            tile.grown_for = zoom
            tile.grown = [
                (colour, [_grown(rect, room, part) for rect in rects]) for colour, rects in tile.plates
            ]
        return tile.grown

    def _outline(self, painter: QPainter, colour: QColor, names: Sequence[str]) -> None:
        if not names:
            return
        around = 2.5 / self._scene.look.zoom
        nodes = self._scene.nodes
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2 / self._scene.look.zoom))
        if len(names) > FEW:
            painter.drawRects([nodes[name].body for name in names])
            return
        painter.drawRects([nodes[name].body.adjusted(-around, -around, around, around) for name in names])

    def _paint_chosen_wires(self, painter: QPainter) -> None:
        scene = self._scene
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(hairline(scene.look.ink.accent))
        for edge in scene.chosen_edges:
            painter.drawPath(scene.edges[edge].path)

    def _paint_names(
        self, painter: QPainter, transform: QTransform, exposed: QRectF, tiles: Sequence[Tile]
    ) -> None:
        zoom, dy = self._scene.look.zoom, transform.dy() - NAME_HIGH / 2
        inset, pixels = INSET * zoom, SMALL_NAME if zoom < SMALL_ZOOM else LARGE_NAME
        dx = transform.dx() + inset
        if self._ratio != self._scene.look.ratio:
            self._ratio = self._scene.look.ratio
            self._names.clear()
        self._new = 0
        self.late = False
        left, right = exposed.left() - 300, exposed.right()
        top, bottom = exposed.top() - 20, exposed.bottom() + 20
        names = self._names
        painter.resetTransform()
        painter.setOpacity(_shown_at(zoom))
        for name, x, y, width in (place for tile in tiles for place in tile.names):
            if left < x < right and top < y < bottom:
                key = (name, pixels, int((width * zoom - inset) / ROOM_STEP))
                pixmap = names.get(key) or self._like(key) or self._name(key)
                if pixmap is not None:
                    painter.drawPixmap(int(x * zoom + dx), int(y * zoom + dy), pixmap)
        painter.setOpacity(1)

    def _like(self, key: Name) -> QPixmap | None:
        """While the zoom changes, a picture made for nearly as much room will do."""
        if not self._scene.look.zooming:
            return None
        name, pixels, room = key
        return self._names.get((name, pixels, room - 1)) or self._names.get((name, pixels, room + 1))

    def _name(self, key: Name) -> QPixmap | None:
        self._new += 1
        if self._new > (FEW_NAMES if self._scene.look.zooming else NEW_NAMES):
            self.late = True
            return None
        if len(self._names) > MOST_NAMES:
            self._names.clear()
        name, pixels, room = key[0], key[1], key[2] * ROOM_STEP + ROOM_STEP / 2
        self._font.setPixelSize(pixels)
        shown = _short(name, room * 11 / pixels)
        size = (max(room, 1) * self._ratio, NAME_HIGH * self._ratio)
        pixmap = QPixmap(int(size[0]) + 1, int(size[1]) + 1)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        painter.setPen(TEXT_ON_PLATE)
        painter.drawText(QRectF(0, 0, room + 1, NAME_HIGH), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
        self._names[key] = pixmap
        return pixmap


def _shown_at(zoom: float) -> float:
    """How much of the names is there."""
    return min(max((zoom - LEAST_TEXT_ZOOM) / (FULL_TEXT_ZOOM - LEAST_TEXT_ZOOM), 0.0), 1.0)


def _grown(rect: QRectF, room: float, part: float) -> QRectF:
    """A plate as high as its name takes, or on the way there."""
    more = max(room - rect.height(), 0.0) * part / 2
    return rect.adjusted(0, -more, 0, more) if more else rect


def _short(name: str, room: float) -> str:
    """A name without its middle where there is no room for it: names are alike at their beginning."""
    font = fonts()
    if font.width(font.type, name) <= room:
        return name
    count = len(name) - 1
    while count > 1:
        shown = f"{name[: count // 2]}…{name[-((count + 1) // 2) :]}"
        if font.width(font.type, shown) <= room:
            return shown
        count -= 1
    return name[:1] if font.width(font.type, name[:1]) <= room else ""
