"""The frames and notes of a scene: one item each, which of them are selected, and what lies where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsScene

from studio.project.changes import Changes
from studio.project.graph import Frame, Graph
from studio.ui.canvas.look import Look
from studio.ui.canvas.mark_item import MarkItem, Part


class Marks:
    """Follows the frames and notes of a graph by its changes."""

    def __init__(self, scene: QGraphicsScene, look: Look) -> None:
        self._scene, self._look = scene, look
        self.items: dict[str, MarkItem] = {}
        self.chosen: tuple[str, ...] = ()

    def show(self, graph: Graph, changes: Changes) -> bool:
        """Follow the graph; says whether anything changed."""
        for name in changes.marks_removed:
            self._scene.removeItem(self.items.pop(name))
        new = changes.marks_added | changes.marks_modified
        marks = graph.marks if new else {}
        for name in (one for one in marks if one in new):
            item = self.items.get(name)
            if item is not None and type(item.mark) is type(marks[name]):
                item.show_mark(marks[name])
                continue
            if item is not None:
                self._scene.removeItem(item)
            self.items[name] = item = MarkItem(self._look, marks[name])
            item.choose(name in self.chosen)
            self._scene.addItem(item)
        return bool(new or changes.marks_removed)

    def choose(self, names: Iterable[str]) -> bool:
        """Select these and no others; says whether that changed anything."""
        chosen = tuple(name for name in dict.fromkeys(names) if name in self.items)
        if chosen == self.chosen:
            return False
        now = set(chosen)
        for name in now.symmetric_difference(self.chosen):
            if name in self.items:
                self.items[name].choose(name in now)
        self.chosen = chosen
        return True

    def light_up(self, names: Iterable[str]) -> None:
        """Light up those that were looked for, and no others."""
        found = frozenset(names)
        for name, item in self.items.items():
            item.light_up(name in found)

    def preview(self, bodies: Mapping[str, QRectF]) -> None:
        """Show some elsewhere while they are dragged."""
        for name, body in bodies.items():
            self.items[name].put(body)

    @property
    def frames(self) -> list[MarkItem]:
        """The frames, the largest first: the others lie on them."""
        found = [item for item in self.items.values() if isinstance(item.mark, Frame)]
        return sorted(found, key=lambda item: -item.body.width() * item.body.height())

    @property
    def notes(self) -> list[MarkItem]:
        """The notes."""
        return [item for item in self.items.values() if not isinstance(item.mark, Frame)]

    def at(self, point: QPointF, reach: float) -> tuple[MarkItem, Part] | None:
        """The topmost note or frame that can be caught at a point, and what of it lies there."""
        for item in (*reversed(self.notes), *reversed(self.frames)):
            if (part := item.part_at(point, reach)) is not None:
                return item, part
        return None

    def touched(self, area: QRectF | QPainterPath) -> list[str]:
        """The notes that an area touches, and the frames that it holds whole: else one that is drawn in a
        frame would always select it.
        """
        return [
            name
            for name, item in self.items.items()
            if (area.contains(item.body) if isinstance(item.mark, Frame) else area.intersects(item.body))
        ]

    def bounds(self, names: Iterable[str] | None = None) -> QRectF:
        """The rectangle around some, or around all; null where there are none."""
        whole = QRectF()
        for name in self.items if names is None else names:
            whole = whole.united(self.items[name].body)
        return whole

    def in_order(self) -> list[str]:
        """All in the order of reading: by rows, from left to right."""
        places = {name: (item.body.y(), item.body.x(), name) for name, item in self.items.items()}
        return sorted(places, key=lambda name: places[name])
