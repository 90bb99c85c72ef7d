"""What the pointer means on wires and their dots: presses, hovering, and what is said of a wire."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent

from studio.build.plan import TensorType
from studio.build.sizes import ASSUMED
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.project.graph import Edge
from studio.project.project import Project
from studio.ui.canvas.band import BandFromWire
from studio.ui.canvas.dots import Dots, MoveDot
from studio.ui.canvas.drawing import Level
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

_translate = QCoreApplication.translate
REACH, DOT_REACH = 7.0, 8.0
"""Pixels around a wire and around a dot within which they are meant."""
ADDS, TOGGLES = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
BYTES = {"bool": 1, "uint8": 1, "int8": 1, "int16": 2, "float16": 2, "bfloat16": 2, "float32": 4, "int32": 4}
WIDE = {"float64": 8, "int64": 8, "complex64": 8, "complex128": 16}
MEGA = 1_000_000


class WirePointer:
    """Answers for wires what Pointer asks."""

    def __init__(self, scene: GraphScene, dots: Dots) -> None:
        self._scene, self._dots = scene, dots
        self._hovered: EdgeItem | None = None

    def at(self, point: QPointF) -> EdgeItem | None:
        """The wire at a point; one with a dot there before any other."""
        zoom = self._scene.look.zoom
        if self._scene.look.level > Level.FAR:
            reach = DOT_REACH / zoom
            around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
            for item in self._scene.items(around, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
                if isinstance(item, EdgeItem) and item.dot_at(point, reach) is not None:
                    return item
        return self._scene.edge_at(point, REACH / zoom)

    def press(self, view: GraphView, event: QMouseEvent, item: EdgeItem) -> Gesture | None:
        """What a press on a wire does: select it, or the dot there; twice, a dot comes or goes."""
        point = view.mapToScene(event.position().toPoint())
        far = self._scene.look.level == Level.FAR
        dot = None if far else item.dot_at(point, DOT_REACH / view.zoom)
        if event.type() == QEvent.Type.MouseButtonDblClick:
            if dot is not None:
                self._dots.remove(item.edge, dot)
            else:
                self._dots.add(item.edge, point)
            return None
        if dot is not None:
            self._dots.choose(item.edge, dot)
            return MoveDot(view, self._scene, self._dots, (item.edge, dot), event.position())
        self._select(item.edge, event.modifiers())
        return BandFromWire(view, self._scene, event.position(), event.modifiers())

    def hover(self, point: QPointF | None) -> None:
        """Light the wire under the pointer, and no other."""
        seen = point is not None and self._scene.look.level > Level.FAR
        item = self.at(point) if seen and point is not None else None
        if item is not self._hovered:
            if self._hovered is not None:
                self._hovered.hover(False)
            if item is not None:
                item.hover(True)
            self._hovered = item

    def tip(self, item: EdgeItem, project: Project) -> str:
        """Where a wire comes from and goes to, what it carries, and how much that is."""
        edge = item.edge
        lines = [f"{_end(edge, 'source')} → {_end(edge, 'target')}"]
        type = self._scene.tensor(edge.source)
        if type is not None:
            lines += [f"{type.described} {type.dtype}", *_amount(type, project)]
        if self._scene.look.level > Level.FAR and edge.bends:
            lines.append(_translate("Canvas", "Drag a dot to move it; double-click removes it"))
        return "\n".join(lines)

    def _select(self, edge: Edge, modifiers: Qt.KeyboardModifier) -> None:
        chosen = self._scene.chosen_edges
        if modifiers & TOGGLES and edge in chosen:
            others = (one for one in chosen if one != edge)
            self._scene.choose(self._scene.chosen, others, self._scene.chosen_marks)
        elif modifiers & (TOGGLES | ADDS):
            self._scene.choose(self._scene.chosen, (*chosen, edge), self._scene.chosen_marks)
        else:
            self._dots.choose(edge, None)


def _end(edge: Edge, which: str) -> str:
    """A node, with the port where it is not the usual one."""
    end = edge.source if which == "source" else edge.target
    return end.node if end.port in ("input", "output") else f"{end.node}.{end.port}"


def _amount(type: TensorType, project: Project) -> list[str]:
    """What a tensor takes for one sample and for a batch as training makes it."""
    each = BYTES.get(type.dtype) or WIDE.get(type.dtype)
    if each is None:
        return []
    options, _ = checked_values(TRAINING, project.training.options)
    batch = options["batch_size"]
    assert isinstance(batch, int)
    one, many = (prod(type.at(count)) * each for count in (1, batch))
    if one == many:
        told = [_translate("Canvas", "{size}, whatever the batch").format(size=_megabytes(one))]
    else:
        text = _translate("Canvas", "{one} for one sample, {many} for a batch of {count}")
        told = [text.format(one=_megabytes(one), many=_megabytes(many), count=batch)]
    if type.open:
        text = _translate("Canvas", "with {sizes} = {number}")
        told[0] += " " + text.format(sizes=" = ".join(sorted(type.open)), number=ASSUMED)
    return told


def _megabytes(count: int) -> str:
    if count < MEGA / 1000:
        return _translate("Canvas", "{count} B").format(count=count)
    size = count / MEGA
    return f"{size:.3g} MB" if size < 1000 else f"{size:,.0f} MB"
