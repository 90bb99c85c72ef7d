"""Heat on the canvas: a coloured band with a number under each node that was measured.

Bands are pictures made once for each look at a zoom, drawn over the nodes; only nodes whose band is another
one are painted anew. While heat is off nothing of it is in the scene.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from studio.ui.canvas.drawing import Level
from studio.ui.canvas.far_tiles import Coloured, Tile
from studio.ui.canvas.heat_scale import colour_of, text_on
from studio.ui.canvas.ink import Ink, fonts
from studio.ui.canvas.layers import EVERYWHERE, WireLayer
from studio.ui.canvas.look import Look
from studio.ui.canvas.node_item import LIFTED_ORDER, NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.contrast import readable

INSET, GAP, RADIUS = 6.0, 2.0, 4.0
"""Of a band: how much shorter it is than the node at each end, how far below it, and how round."""
HEIGHTS = {Level.NEAR: 15.0, Level.HALFWAY: 17.0}
"""How high it is, within the MARGIN around a node: from further away higher, so as to be read there."""
FAR_HIGH = 20.0
"""How high a band is from afar, on the canvas."""
INSIDE_ZOOM = 0.22
"""Below this zoom, where no names are shown, the band is the lower half of the node."""
NOT_FINITE = -1
MOST_PICTURES = 1500
OUTLINE = 3.0
"""The least contrast of a band's outline with the canvas."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """How warm a node is: the step of the scale (NOT_FINITE beyond all of them), and the number in words."""

    step: int
    text: str


class HeatLayer(QGraphicsItem):
    """Paints the bands of the nodes that the same repaint touches."""

    def __init__(self, scene: GraphScene) -> None:
        super().__init__()
        self._graph, self._look = scene, scene.look
        self._wires = next(one for one in scene.items() if isinstance(one, WireLayer))
        self._shown: Mapping[str, Warmth] = {}
        self._version = 0
        self._pictures: dict[tuple[float, Warmth], QPixmap] = {}
        self._pictures_for: tuple[float, Ink] | None = None
        self._far: Coloured = []
        self._far_for: tuple[int, bool, tuple[Tile, ...]] | None = None
        self.setZValue(LIFTED_ORDER + 1)
        self.setVisible(False)
        scene.addItem(self)
        self._look.heat = self

    @property
    def shown(self) -> Mapping[str, Warmth]:
        """How warm each node is that has a band."""
        return self._shown

    def show_heat(self, warmth: Mapping[str, Warmth]) -> list[str]:
        """Show these; returns the nodes that are painted anew."""
        before, self._shown = self._shown, dict(warmth)
        changed = [one for one in before.keys() | warmth.keys() if before.get(one) != warmth.get(one)]
        self._version += 1
        if bool(warmth) != self.isVisible():
            self.setVisible(bool(warmth))
        found = [name for name in changed if name in self._graph.nodes]
        with self._look.repaints.together():
            for name in found:
                self._graph.nodes[name].repaint()
        return found

    def boundingRect(self) -> QRectF:
        return EVERYWHERE

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the bands, with their numbers where they can be read."""
        nodes = [(one, self._shown[one.name]) for one in self._wires.nodes if one.name in self._shown]
        look = self._look
        if look.zooming:
            high = HEIGHTS[look.level]
            for node, warmth in nodes:
                wide = node.body.width() - 2 * INSET
                painter.fillRect(QRectF(*_corner(node.body), wide, high), self._colour(warmth.step))
            return
        self._renew()
        pictures = ((self._picture(node, warmth), *_corner(node.body)) for node, warmth in nodes)
        look.blit_all(painter, ((picture, x, y, look.scale) for picture, x, y in pictures))

    def paint_far(self, painter: QPainter, tiles: Sequence[Tile]) -> None:
        """Paint the bands of some tiles, from afar."""
        if not self._shown:
            return
        inside = self._look.zoom < INSIDE_ZOOM
        wanted = (self._version, inside, tuple(tiles))
        if self._far_for != wanted:
            self._far_for = wanted
            self._far = self._grouped((node for tile in tiles for node in tile.nodes), inside)
        smooth = painter.testRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, rects in self._far:
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)

    def _grouped(self, nodes: Iterable[NodeItem], inside: bool) -> Coloured:
        """The bands of nodes by their colour: below them, or over their lower half."""
        groups: dict[int, list[QRectF]] = {}
        for node in nodes:
            if (warmth := self._shown.get(node.name)) is not None:
                body = node.body
                top, bottom = body.bottom(), body.bottom() + FAR_HIGH
                if inside:
                    top, bottom = body.center().y(), body.bottom()
                rect = QRectF(body.x(), top, body.width(), bottom - top)
                groups.setdefault(warmth.step, []).append(rect)
        return [(self._colour(step), rects) for step, rects in groups.items()]

    def _colour(self, step: int) -> QColor:
        return self._look.ink.error if step == NOT_FINITE else QColor(colour_of(step))

    def _renew(self) -> None:
        """Pictures are for one zoom and one theme."""
        wanted = (self._look.scale, self._look.ink)
        if self._pictures_for != wanted or len(self._pictures) > MOST_PICTURES:
            self._pictures_for = wanted
            self._pictures.clear()

    def _picture(self, node: NodeItem, warmth: Warmth) -> QPixmap:
        key = (node.body.width(), warmth)
        if key not in self._pictures:
            width, colour = key[0] - 2 * INSET, self._colour(warmth.step)
            self._pictures[key] = band_pixmap(width, warmth.text, colour, self._look)
        return self._pictures[key]


def _corner(body: QRectF) -> tuple[float, float]:
    return body.x() + INSET, body.bottom() + GAP


def band_pixmap(width: float, text: str, colour: QColor, look: Look) -> QPixmap:
    """A band with its number; the outline stands out from the canvas where the colour does not."""
    scale, tokens, high = look.scale, look.ink.tokens, HEIGHTS[look.level]
    pixmap = QPixmap(int(width * scale) + 1, int(high * scale) + 1)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    rect = QRectF(0, 0, width, high).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(QColor(readable(colour.name(), tokens.canvas, tokens.text, OUTLINE)), 1))
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.setFont(fonts().pill if look.level == Level.NEAR else fonts().medium)
    painter.setPen(QColor(text_on(colour.name())))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap
