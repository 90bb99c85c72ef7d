"""The drawing in the accessibility tree: the view is a list of nodes, frames and notes, each node holds its
wires and values; nothing of it is made before a screen reader asks.

Qt keeps a registered interface until it is told to delete it, and Python must hold it as long: both are done
here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from studio.project.changes import Changes
from studio.project.graph import Graph
from studio.ui.canvas.accessible_part import SpokenPart
from studio.ui.canvas.spoken import Part, is_there, parts_in, reading_order

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

MOST_TOLD = 50
"""More new nodes than this at once are not told one by one."""
Event = QAccessible.Event


@cache
def install() -> None:
    """Let Qt ask for drawings; once in the whole program."""
    QAccessible.installFactory(_asked)


def _asked(class_name: str, widget: QObject) -> QAccessibleInterface | None:
    # Qt asks by the names of the class and of all it inherits: this one is answered under its own only.
    return widget.spoken.root() if class_name == "GraphView" else None


class SpokenDrawing(QObject):
    """Makes and keeps the interfaces of one view, and tells what changes."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        install()
        self.view, self.scene = view, view.graph
        self._root: _List | None = None
        self._made: dict[Part, tuple[SpokenPart, int]] = {}
        self._told: tuple[Part, str] | None = None
        self._order: tuple[Graph | None, list[Part], dict[Part, int]] = (None, [], {})
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._tell_current)
        self.scene.selection_moved.connect(self._later.start)
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt tells of the view itself when it gets the keyboard; what is selected is told after that."""
        if event.type() == QEvent.Type.FocusIn:
            self._later.start()
        return False

    def root(self) -> QAccessibleInterface:
        """The view's own interface."""
        if self._root is None:
            self._root = _List(self)
        return self._root

    @property
    def current(self) -> Part | None:
        """What the keyboard works on."""
        scene = self.scene
        if scene.chosen:
            return Part("node", scene.chosen[-1])
        if scene.chosen_edges:
            edge = scene.chosen_edges[-1]
            return Part("wire", edge.target.node, edge=edge)
        return Part("mark", scene.chosen_marks[-1]) if scene.chosen_marks else None

    def order(self) -> dict[Part, int]:
        """The nodes, frames and notes in the order of reading, with their places in it."""
        return self._ordered()[2]

    def listed(self) -> list[Part]:
        """The nodes, frames and notes in the order of reading."""
        return self._ordered()[1]

    def part(self, key: Part | None) -> SpokenPart | None:
        """The interface of a part; None where there is no such part."""
        if key is None or not is_there(self.scene, key):
            return None
        if key not in self._made:
            part = SpokenPart(self, key)
            self._made[key] = part, QAccessible.registerAccessibleInterface(part)
        return self._made[key][0]

    def inside(self, key: Part) -> list[Part]:
        """What a part holds."""
        return parts_in(self.scene, key)

    def follow(self, changes: Changes) -> None:
        """The drawing has changed: tell what came and what went, and forget that."""
        ends = {edge.target.node for edge in changes.edges_removed}
        touched = changes.removed | changes.modified | changes.marks_removed | ends
        for key in [one for one in self._made if one.name in touched and not is_there(self.scene, one)]:
            part, number = self._made.pop(key)
            self._tell(part, Event.ObjectDestroyed)
            QAccessible.deleteAccessibleInterface(number)
        if QAccessible.isActive() and len(changes.added) <= MOST_TOLD:
            for name in changes.added:
                self._tell(self.part(Part("node", name)), Event.ObjectCreated)
        self.tell_changed()

    def tell_changed(self) -> None:
        """Tell that the current part has another text than when it was told: a check or an edit came."""
        part = self.part(self.current) if self._told and QAccessible.isActive() else None
        if part is None or self._told is None:
            return
        before, self._told = self._told, (part.key, part.text(QAccessible.Text.Name))
        if before[0] == part.key and before != self._told:
            self._tell(part, Event.NameChanged)

    def _tell_current(self) -> None:
        if not QAccessible.isActive() or not self.view.hasFocus():
            return
        part = self.part(self.current)
        self._tell(part or self.root(), Event.Focus)
        self._told = (part.key, part.text(QAccessible.Text.Name)) if part else None

    def _tell(self, part: QAccessibleInterface | None, event: QAccessible.Event) -> None:
        if part is not None and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(part, event))

    def _ordered(self) -> tuple[Graph | None, list[Part], dict[Part, int]]:
        graph = self.scene.project.graph
        if graph is not self._order[0]:
            listed = [Part("node", name) for name in reading_order(graph)]
            listed += [Part("mark", name) for name in sorted(graph.marks)]
            self._order = graph, listed, {part: at for at, part in enumerate(listed)}
        return self._order


class _List(QAccessibleWidget):
    """The view: a list of what is drawn."""

    def __init__(self, drawing: SpokenDrawing) -> None:
        super().__init__(drawing.view, QAccessible.Role.List)
        self._drawing = drawing

    def childCount(self) -> int:
        return len(self._drawing.listed())

    def child(self, index: int) -> QAccessibleInterface | None:
        listed = self._drawing.listed()
        return self._drawing.part(listed[index]) if 0 <= index < len(listed) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self._drawing.order().get(child.key, -1) if isinstance(child, SpokenPart) else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        view = self._drawing.view
        item = self._drawing.scene.node_at(view.mapToScene(view.viewport().mapFromGlobal(QPoint(x, y))))
        return self._drawing.part(Part("node", item.name)) if item else None

    def focusChild(self) -> QAccessibleInterface | None:
        return self._drawing.part(self._drawing.current) if self._drawing.view.hasFocus() else None
