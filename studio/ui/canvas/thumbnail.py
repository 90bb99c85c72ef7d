"""A small picture of a project's main drawing: plates in their families' colours, wires, frames and notes.

It is painted from the project alone, on an image and without text, so that any thread can do it. The ground
is left open, so that it suits both themes.
"""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from studio.catalog.registry import registry
from studio.project.block import block_name
from studio.project.graph import Edge, Graph, Node
from studio.project.project import Project
from studio.ui.theme import HUES, family_colour

SIZE = QSize(240, 144)
AROUND = 8
LARGEST_SCALE = 0.35
WIDTH, HEAD, ROW, MOST_ROWS = 152.0, 36.0, 18.0, 6
"""About as large as nodes are drawn; to measure their texts would take longer than to paint them."""
WIRE = QColor("#8089a0")
UNKNOWN = "#7a8291"
ROUND = 4
MOST_WIRES = 4000
"""More than so many are a blot at this size."""


def thumbnail(project: Project) -> bytes:
    """The drawing as a PNG file; empty where nothing is drawn."""
    graph = project.graph
    if not graph.nodes and not graph.marks:
        return b""
    places = {name: _place(node) for name, node in graph.nodes.items()}
    image = QImage(SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _fit(painter, graph, places)
    _paint_marks(painter, graph)
    _paint_wires(painter, graph, places)
    _paint_nodes(painter, graph, places)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    buffer.close()
    return bytes(data.data())


def _place(node: Node) -> QRectF:
    return QRectF(*node.position, WIDTH, HEAD + ROW * min(len(node.params), MOST_ROWS))


def _fit(painter: QPainter, graph: Graph, places: dict[str, QRectF]) -> None:
    """Let the whole drawing fill the picture."""
    whole = QRectF()
    for place in (*places.values(), *map(_mark_place, graph.marks.values())):
        whole = whole.united(place)
    wide = (SIZE.width() - 2 * AROUND) / max(whole.width(), 1)
    high = (SIZE.height() - 2 * AROUND) / max(whole.height(), 1)
    scale = min(wide, high, LARGEST_SCALE)
    painter.translate(SIZE.width() / 2, SIZE.height() / 2)
    painter.scale(scale, scale)
    painter.translate(-whole.center())


def _mark_place(mark: object) -> QRectF:
    return QRectF(QPointF(*mark.position), QSizeF(*mark.size))  # type: ignore[attr-defined]


def _paint_marks(painter: QPainter, graph: Graph) -> None:
    for mark in graph.marks.values():
        colour = QColor(HUES.get(mark.colour, HUES["grey"]))
        painter.setPen(_hairline(colour))
        colour.setAlphaF(0.18 if mark.name in graph.frames else 0.5)
        painter.setBrush(colour)
        painter.drawRect(_mark_place(mark))


def _paint_wires(painter: QPainter, graph: Graph, places: dict[str, QRectF]) -> None:
    painter.setPen(_hairline(WIRE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for edge in graph.edges[:MOST_WIRES]:
        if edge.source.node in places and edge.target.node in places:
            painter.drawPath(_wire(edge, places))


def _wire(edge: Edge, places: dict[str, QRectF]) -> QPainterPath:
    source, target = places[edge.source.node], places[edge.target.node]
    start = QPointF(source.right(), source.top() + HEAD / 2)
    end = QPointF(target.left(), target.top() + HEAD / 2)
    path = QPainterPath(start)
    for bend in edge.bends:
        path.lineTo(QPointF(*bend))
    if edge.bends:
        path.lineTo(end)
    else:
        reach = max(abs(end.x() - start.x()) / 2, 40.0)
        path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
    return path


def _paint_nodes(painter: QPainter, graph: Graph, places: dict[str, QRectF]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    colours: dict[str, QColor] = {}
    for name, node in graph.nodes.items():
        if node.type not in colours:
            colours[node.type] = QColor(_colour(node.type))
        painter.setBrush(colours[node.type])
        painter.setOpacity(0.45 if node.muted else 1.0)
        painter.drawRoundedRect(places[name], ROUND, ROUND)


def _colour(type: str) -> str:
    if block_name(type) is not None:
        return family_colour("Block")
    layer = registry().layer(type)
    return family_colour(layer.category) if layer else UNKNOWN


def _hairline(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen
