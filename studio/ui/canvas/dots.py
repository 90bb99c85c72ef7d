"""The dots that wires are led through: which one is selected, and what is done with it by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.project.bends import MOST_BENDS, Bends, bent, rebent
from studio.project.graph import Edge
from studio.ui.canvas.deed import Deed
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.following import lead
from studio.ui.canvas.gestures import Modifiers
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.walking import snapped

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas
    from studio.ui.canvas.view import GraphView

Dot = tuple[Edge, int]
"""A wire, and which of its bends."""
DOTS = ("wire.add_dot", "wire.next_dot", "wire.remove_dots")
_translate = QCoreApplication.translate


class Dots:
    """Adds, moves and removes dots, each as one undo step."""

    def __init__(self, scene: GraphScene, editor: Editor) -> None:
        self._scene, self._editor = scene, editor

    @property
    def chosen(self) -> Dot | None:
        """The selected dot; its wire is selected too."""
        for edge in self._scene.chosen_edges:
            at = self._scene.edges[edge].dot
            if at is not None:
                return edge, at
        return None

    def choose(self, edge: Edge, at: int | None) -> None:
        """Select a wire alone, and one of its dots."""
        self._scene.choose((), [edge])
        if edge in self._scene.edges:
            self._scene.edges[edge].choose_dot(at)

    def add(self, edge: Edge, point: QPointF) -> None:
        """Lead a wire through one point more, and select that."""
        if len(edge.bends) < MOST_BENDS:
            at = self._scene.edges[edge].part_at(point)
            bends = (*edge.bends[:at], snapped(point), *edge.bends[at:])
            self._bend(edge, bends, _translate("Canvas", "Add a dot to {wire}"), at)

    def move(self, edge: Edge, bends: Bends, at: int, burst: str | None = None) -> None:
        """Lead a wire through other points; the one that was moved stays selected."""
        self._bend(edge, bends, _translate("Canvas", "Move a dot of {wire}"), at, burst)

    def remove(self, edge: Edge, at: int) -> None:
        """Lead a wire past a point."""
        bends = (*edge.bends[:at], *edge.bends[at + 1 :])
        self._bend(edge, bends, _translate("Canvas", "Remove a dot of {wire}"), None)

    def remove_chosen(self) -> bool:
        """Remove the selected dot, where nothing else is selected; says whether there was one."""
        chosen, scene = self.chosen, self._scene
        if chosen is None or scene.chosen or scene.chosen_marks or len(scene.chosen_edges) > 1:
            return False
        self.remove(*chosen)
        return True

    def nudge(self, by: QPointF) -> bool:
        """Move the selected dot; says whether there was one."""
        if self.chosen is None:
            return False
        edge, at = self.chosen
        x, y = edge.bends[at]
        bends = (*edge.bends[:at], (x + by.x(), y + by.y()), *edge.bends[at + 1 :])
        self.move(edge, bends, at, f"dot {edge.source} {edge.target} {at}")
        return True

    def add_to_wire(self) -> None:
        """Add a dot where the selected wire has the most room."""
        edge = self._scene.chosen_edges[-1]
        self.add(edge, self._scene.edges[edge].middle)

    def choose_next(self) -> None:
        """Select the selected wire's first dot, or the one behind the selected one."""
        edge = self._scene.chosen_edges[-1]
        at = self._scene.edges[edge].dot
        self.choose(edge, 0 if at is None else (at + 1) % len(edge.bends))

    def straighten(self) -> None:
        """Remove all dots of the selected wires."""
        wires = [edge for edge in self._scene.chosen_edges if edge.bends]
        graph = rebent(self._editor.project.graph, dict.fromkeys(wires, ()))
        label = _translate("Canvas", "Remove the dots of {wire}").format(wire=_called(wires))
        self._editor.commit(self._editor.project.with_graph(graph), label)

    def _bend(self, edge: Edge, bends: Bends, label: str, at: int | None, burst: str | None = None) -> None:
        drawing = self._editor.project
        label = label.format(wire=_called([edge]))
        self._editor.commit(drawing.with_graph(bent(drawing.graph, edge, bends)), label, burst)
        self.choose(replace(edge, bends=bends), at)


class MoveDot:
    """Drag a dot elsewhere, on the grid."""

    def __init__(self, view: GraphView, scene: GraphScene, dots: Dots, dot: Dot, at: QPointF) -> None:
        self._view, self._scene, self._dots = view, scene, dots
        self._edge, self._at = dot
        self._press, self._moved = at, False
        self._bends = self._edge.bends

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Show the wire as it would be led."""
        self._moved |= (at - self._press).manhattanLength() >= QApplication.startDragDistance() / 2
        if self._moved:
            place = snapped(self._view.mapToScene(at.toPoint()))
            bends = self._edge.bends
            self._bends = (*bends[: self._at], place, *bends[self._at + 1 :])
            self._show(self._bends)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """Lead the wire there."""
        if self._bends != self._edge.bends:
            self._dots.move(self._edge, self._bends, self._at)

    def cancel(self) -> None:
        """Lead the wire as it was."""
        self._show(self._edge.bends)

    def trace(self) -> QPainterPath | None:
        """The wire itself."""
        item = self._scene.edges.get(self._edge)
        return item.path if item else None

    def _show(self, bends: Bends) -> None:
        if self._edge in self._scene.edges:
            lead(self._scene.edges[self._edge], self._scene.nodes, bends)
            self._scene.content_changed.emit()


def dot_deeds(canvas: Canvas) -> Iterator[Deed]:
    """What keys and menus do with dots."""
    scene, dots = canvas.scene, canvas.dots

    def wire() -> str:
        return "" if scene.chosen_edges else _translate("Canvas", "Select a wire first.")

    def last_bent() -> str:
        some = any(edge.bends for edge in scene.chosen_edges[-1:])
        return "" if some else _translate("Canvas", "Select a wire that has dots first.")

    def any_bent() -> str:
        some = any(edge.bends for edge in scene.chosen_edges)
        return "" if some else _translate("Canvas", "Select a wire that has dots first.")

    text, tip = _translate("Canvas", "&Add a dot"), _translate("Canvas", "Lead the wire through a dot")
    yield Deed("wire.add_dot", text, tip, ("D",), dots.add_to_wire, wire)
    text = _translate("Canvas", "Next d&ot")
    tip = _translate("Canvas", "Select the wire's next dot; arrow keys move it, Delete removes it")
    yield Deed("wire.next_dot", text, tip, ("J",), dots.choose_next, last_bent)
    text, tip = (
        _translate("Canvas", "Remove all do&ts"),
        _translate("Canvas", "Lead the wires straight again"),
    )
    yield Deed("wire.remove_dots", text, tip, (), dots.straighten, any_bent)


def delete(canvas: Canvas) -> None:
    """Remove the selected dot, or all else that is selected."""
    if not canvas.dots.remove_chosen():
        canvas.nodes.delete_selected()


def _called(wires: list[Edge]) -> str:
    if len(wires) == 1:
        return f"{wires[0].source.node} → {wires[0].target.node}"
    return _translate("Canvas", "{count} wires").format(count=len(wires))
