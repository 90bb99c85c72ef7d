"""Snaps what is dragged to the grid and to its neighbours, and shows the lines and gaps that it took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsLineItem, QStyleOptionGraphicsItem, QWidget

from studio.project.graph import Position
from studio.ui.canvas.face import Face
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.guides import Drag, Guides, Line, Rect, Snap, Straight
from studio.ui.canvas.ink import hairline
from studio.ui.canvas.look import Look
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import GRID

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

REACH = 6.0
"""Pixels on screen within which it snaps."""
FURTHEST = 12.0
"""From afar it does not jump further than this on the canvas."""
TICK = 4.0
ORDER = 3.5


class Snapping:
    """Lives as long as one drag of some nodes; only neighbours that are seen count."""

    def __init__(self, view: GraphView, scene: GraphScene) -> None:
        self._view, self._scene = view, scene
        self._guides: Guides | None = None
        self._seen = QTransform()
        self._drag = Drag(Rect(0, 0, 0, 0))
        self._shown: list[QGraphicsItem] = []
        self._snap = Snap()

    def shift(self, start: Mapping[str, Position], lead: str, by: QPointF, held: Modifiers) -> Position:
        """How far the nodes go whose places at the start these are; `lead` is the one that was pressed.

        Ctrl lets them lie where they are, on whole pixels.
        """
        if held & Modifiers.ControlModifier:
            self._show(Snap())
            return float(round(by.x())), float(round(by.y()))
        if self._guides is None or self._seen != self._view.viewportTransform():
            self._look(start, lead)
        assert self._guides is not None
        dx, dy = by.x(), by.y()
        reach = min(REACH / self._view.zoom, FURTHEST) if self._scene.look.guides else -1.0
        snap = self._guides.snap(self._drag, (dx, dy), reach)
        self._show(snap)
        x, y = start[lead]
        across = _on_grid(x + dx) - x if snap.dx is None else dx + snap.dx
        return across, _on_grid(y + dy) - y if snap.dy is None else dy + snap.dy

    def end(self) -> None:
        """Show no guides any more."""
        self._show(Snap())

    def trace(self) -> QPainterPath | None:
        """The guides, for the view from afar."""
        if not self._snap.lines:
            return None
        path = QPainterPath()
        for line in self._snap.lines:
            path.moveTo(line.x1, line.y1)
            path.lineTo(line.x2, line.y2)
        return path

    def _look(self, start: Mapping[str, Position], lead: str) -> None:
        """Take up what is seen now."""
        scene, items = self._scene, self._scene.nodes
        self._seen = self._view.viewportTransform()
        near = [name for name in scene.nodes_in(self._view.seen()) if name not in start]
        others = {name: _rect(items[name].body) for name in near}
        rows = {name: _heights(items[name].face, items[name].body.y()) for name in near}
        self._guides = Guides(others, rows)
        own = [Rect(x, y, x + items[n].face.width, y + items[n].face.height) for n, (x, y) in start.items()]
        lefts, tops, rights, bottoms = zip(*own, strict=True)
        around = Rect(min(lefts), min(tops), max(rights), max(bottoms))
        wires = self._straight(start, set(near))
        # A node without wires is brought to where one could be straight.
        ports = () if wires else tuple(_heights(items[lead].face, start[lead][1]))
        self._drag = Drag(around, tuple(wires), ports)

    def _straight(self, start: Mapping[str, Position], near: Collection[str]) -> list[Straight]:
        """The wires between what is dragged and what is seen and stays."""
        graph, nodes = self._scene.project.graph, self._scene.nodes
        found: list[Straight] = []
        for name, (x, y) in start.items():
            back = nodes[name].body.topLeft() - QPointF(x, y)
            for edge in (*graph.outgoing(name), *graph.incoming(name)):
                out = nodes[edge.source.node].place_of("out", edge.source.port, edge.source.index)
                into = nodes[edge.target.node].place_of("in", edge.target.port, edge.target.index)
                own, other = (out - back, into) if edge.source.node == name else (into - back, out)
                far = edge.target.node if edge.source.node == name else edge.source.node
                if far in near:
                    found.append(Straight(own.x(), own.y(), other.x(), other.y()))
        return found

    def _show(self, snap: Snap) -> None:
        """Replace the guides by others."""
        if (snap.lines, snap.gaps) == (self._snap.lines, self._snap.gaps):
            self._snap = snap
            return
        self._snap = snap
        for item in self._shown:
            self._scene.removeItem(item)
        pen = hairline(self._scene.look.ink.accent)
        self._shown = []
        for line in snap.lines:
            drawn = QGraphicsLineItem(*line)
            drawn.setPen(pen)
            self._shown.append(drawn)
        self._shown += [GapMark(self._scene.look, gap) for gap in snap.gaps]
        for item in self._shown:
            item.setZValue(ORDER)
            self._scene.addItem(item)


class GapMark(QGraphicsItem):
    """One of some equal gaps: a line with two ends, and how long it is."""

    def __init__(self, look: Look, gap: Line) -> None:
        super().__init__()
        self._look, self._gap = look, gap
        self._text = f"{abs(gap.x2 - gap.x1) + abs(gap.y2 - gap.y1):.0f}"

    def boundingRect(self) -> QRectF:
        line = QRectF(QPointF(*self._gap[:2]), QPointF(*self._gap[2:])).normalized()
        around = 24 / min(self._look.zoom, 1.0)
        return line.adjusted(-around, -around, around, around)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the line, its ends and the number."""
        x1, y1, x2, y2 = self._gap
        tick = TICK / self._look.zoom
        side = (0.0, tick) if y1 == y2 else (tick, 0.0)
        painter.setPen(hairline(self._look.ink.accent))
        painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))
        for x, y in ((x1, y1), (x2, y2)):
            painter.drawLine(QPointF(x - side[0], y - side[1]), QPointF(x + side[0], y + side[1]))
        pill = self._look.pill(self._text, False)
        across, down = pill.width() / self._look.scale, pill.height() / self._look.scale
        aside = (0.0, down / 2 + 2 * tick) if y1 == y2 else (across / 2 + 2 * tick, 0.0)
        middle = ((x1 + x2) / 2 + aside[0], (y1 + y2) / 2 + aside[1])
        self._look.blit(painter, pill, middle[0] - across / 2, middle[1] - down / 2)


def _heights(face: Face, top: float) -> set[float]:
    """The heights of a node's ports, but for those that need no wire."""
    return {top + spot.y for spot in face.spots if not spot.small}


def _rect(body: QRectF) -> Rect:
    return Rect(body.left(), body.top(), body.right(), body.bottom())


def _on_grid(at: float) -> float:
    return round(at / GRID) * GRID
