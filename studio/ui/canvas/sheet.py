"""Paints a drawing whole, or some of its nodes, at full detail on anything that Qt can paint on."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.project.graph import Frame, Sticky
from studio.project.marks import among
from studio.ui.canvas.drawing import Level, paint_face, paint_pill, paint_plate
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.mark_drawing import TITLE, note_document, paint_frame, paint_note, paint_title
from studio.ui.canvas.mark_item import MarkItem
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene

AROUND = 32.0
"""Room around the nodes."""
FLAT = 0.5
"""A curve that leads back along its own line is drawn as that line: not every program draws its turns."""


class Sheet:
    """Some nodes of a scene and the wires between them, with frames and notes, as one picture."""

    def __init__(self, scene: GraphScene, names: Collection[str] = (), marks: Collection[str] = ()) -> None:
        """All where nothing is named; else what is, with the frames and notes that lie among it."""
        whole = not names and not marks
        shown = scene.nodes.keys() if whole else set(names)
        lying = scene.marks.items.keys() if whole else among(scene.project.graph, names, marks)
        self.frames = [item for item in scene.marks.frames if item.name in lying]
        self.notes = [item for item in scene.marks.notes if item.name in lying]
        self.nodes: list[NodeItem] = [scene.nodes[name] for name in scene.nodes if name in shown]
        self.wires: list[EdgeItem] = [
            item
            for edge, item in scene.edges.items()
            if edge.source.node in shown and edge.target.node in shown
        ]

    @property
    def bounds(self) -> QRectF:
        """What the picture covers of the canvas, in whole pixels; wires that lead back around included."""
        whole = QRectF()
        for node in self.nodes:
            whole = whole.united(node.body)
        for wire in self.wires:
            whole = whole.united(wire.path.boundingRect())
        for mark in (*self.frames, *self.notes):
            whole = whole.united(mark.body)
        return QRectF(whole.adjusted(-AROUND, -AROUND, AROUND, AROUND).toAlignedRect())

    def paint(self, painter: QPainter, ink: Ink) -> None:
        """Paint it; the painter's coordinates are those of the canvas."""
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        for frame in self.frames:
            _paint_frame(painter, frame, ink)
        for wire in self.wires:
            _paint_wire(painter, wire, ink)
        for note in self.notes:
            _paint_note(painter, note, ink)
        for node in self.nodes:
            corner = node.body.topLeft()
            painter.translate(corner)
            paint_plate(painter, node.face, ink, Level.NEAR)
            paint_face(painter, node.face, ink, Level.NEAR)
            painter.translate(-corner)


def _paint_frame(painter: QPainter, item: MarkItem, ink: Ink) -> None:
    if isinstance(item.mark, Frame):
        paint_frame(painter, item.mark, item.body, ink, min(TITLE, item.body.height()))
        paint_title(painter, item.mark, item.body, ink)


def _paint_note(painter: QPainter, item: MarkItem, ink: Ink) -> None:
    if isinstance(item.mark, Sticky):
        corner = item.body.topLeft()
        painter.translate(corner)
        paint_note(painter, item.mark, ink, note_document(item.mark, ink))
        painter.translate(-corner)


def _paint_wire(painter: QPainter, wire: EdgeItem, ink: Ink) -> None:
    painter.setPen(QPen(ink.error, 2) if wire.wrong else ink.wire_pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = wire.path.boundingRect()
    if box.height() < FLAT:
        painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))
    else:
        painter.drawPath(wire.path)
    place = wire.pill_place()
    if place is not None:
        paint_pill(painter, place, wire.pill, ink, wire.wrong)
