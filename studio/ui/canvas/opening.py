"""What a double click, Enter and F2 open on the canvas: a block, the values of a node, its name."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, QRect, QRectF
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.editor import Editor
from studio.ui.canvas.entrance import Entrance
from studio.ui.canvas.face import HEADER
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.rename import NameField
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.values import Values
from studio.ui.canvas.view import GraphView


class Opening(QObject):
    """Opens nodes; the field of a node's name is its own."""

    def __init__(
        self,
        scene: GraphScene,
        view: GraphView,
        editor: Editor,
        entrance: Entrance,
        values: Values,
        marks: MarkDeeds,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._scene, self._view, self._entrance = scene, view, entrance
        self._values, self._marks = values, marks
        self._name = NameField(editor, scene.look.ink, parent)
        self._name.renamed.connect(self._renamed)
        view.moved.connect(self._follow)

    def node(self, name: str) -> None:
        """A double click: enter a block, rename anything else."""
        if not self._entrance.enter(name):
            self._rename(name)

    def selected(self) -> None:
        """Enter: enter the block that is selected, edit the values of anything else."""
        if self._scene.chosen and not self._entrance.enter(self._scene.chosen[-1]):
            self._values.open_first()

    def name(self) -> None:
        """F2: edit the name of the node selected last in place, or what else is selected."""
        if self._scene.chosen:
            self._rename(self._scene.chosen[-1])
        else:
            self._marks.write_selected()

    def close(self) -> bool:
        """Put away what is open; says whether anything was."""
        opened = self._name.isVisible()
        self._name.close_field()
        return self._values.close() or opened

    def forget(self, removed: Collection[str]) -> None:
        """Put away what is open on a node that is gone."""
        self._name.forget(removed)
        self._values.forget(removed)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._name.set_ink(ink)
        self._values.set_ink(ink)

    def _rename(self, name: str) -> None:
        body = self._scene.nodes[name].body
        self._view.reveal(body)
        self._name.open(name, self._header(name))

    def _header(self, name: str) -> QRect:
        body = self._scene.nodes[name].body
        header = QRectF(body.x(), body.y(), body.width(), HEADER)
        return self._view.mapFromScene(header).boundingRect()

    def _follow(self) -> None:
        """Lie over the name, wherever it is now."""
        if self._name.node in self._scene.nodes:
            self._name.put(self._header(self._name.node))

    def _renamed(self, old: str, new: str) -> None:
        self._scene.choose([new])
