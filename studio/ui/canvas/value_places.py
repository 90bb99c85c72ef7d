"""Where on a node which of its values stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from studio.catalog.registry import Layer
from studio.project.params import Code, FilePath, Param, Table, Value
from studio.ui.canvas.drawing import Level
from studio.ui.canvas.face import LEFT, RIGHT, ROW, Face
from studio.ui.canvas.ink import fonts
from studio.ui.canvas.lines import REPEAT, shown_value
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.port_layer import layer_in

AROUND = 4
"""Beside a value's text it is still meant."""
LARGE = (Table, Code, FilePath)
"""Kinds whose editors have no room on a node."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value on a node: its line, its text and the room that it has there, on the canvas."""

    node: str
    param: Param
    value: Value
    line: QRectF
    text: QRectF
    room: QRectF

    @property
    def large(self) -> bool:
        """Whether it is edited in the inspector."""
        return isinstance(self.param, LARGE)


def places_on(scene: GraphScene, name: str, block: str | None) -> list[Place]:
    """The values that a node shows, from the top."""
    item, node = scene.nodes[name], scene.project.graph.nodes[name]
    layer = layer_in(scene.registry, node, block)
    if layer is None:
        return []
    values = layer.values(node.params)
    params = {param.name: param for param in layer.all_params}
    return [
        Place(name, params[label], values[label], *_rects(item, y, text, left))
        for label, text, y, left in _lines(item.face, layer)
        if label in params
    ]


def place_at(scene: GraphScene, point: QPointF, block: str | None) -> Place | None:
    """The value whose line lies at a point of the canvas; seen near, for else there are none."""
    item = scene.node_at(point) if scene.look.level == Level.NEAR else None
    if item is None or scene.spot_at(point, 0.0) is not None:
        return None
    return next((one for one in places_on(scene, item.name, block) if one.line.contains(point)), None)


def number_at(place: Place, point: QPointF) -> int | None:
    """Which of several numbers lies at a point; None where there is only one, or none of them lies there."""
    if not isinstance(place.value, tuple):
        return None
    font, x = fonts(), place.text.left() + AROUND
    for at, one in enumerate(place.value):
        x += font.width(font.value, f"{shown_value(one)}, ")
        if point.x() < x:
            return at
    return None


def _lines(face: Face, layer: Layer) -> Iterator[tuple[str, str, float, float]]:
    """Name, text, height and where the text may begin at most, of each line that tells a parameter."""
    for at, row in enumerate(face.rows):
        if at or layer.block is None:  # a block's first line tells how much is inside
            yield row.label, row.value, row.y, LEFT + fonts().width(fonts().label, row.label) + 4
    if face.chain is not None:
        yield REPEAT, face.chain.text, face.chain.y, LEFT + 4


def _rects(item: NodeItem, y: float, text: str, left: float) -> tuple[QRectF, QRectF, QRectF]:
    body = item.body
    right = item.face.width - RIGHT
    width = fonts().width(fonts().value, text)
    line = QRectF(body.x() + LEFT / 2, body.y() + y - ROW / 2, right - LEFT / 2 + AROUND, ROW)
    start = max(right - width - AROUND, left)
    shown = QRectF(body.x() + start, line.y(), right - start + AROUND, ROW)
    return line, shown, QRectF(body.x() + left, line.y(), right - left + AROUND, ROW)
