"""What is done with the selected nodes: copied, cut, pasted, doubled, deleted, muted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QGuiApplication

from studio.ui.canvas.editor import Editor
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.structure import Structure
from studio.ui.canvas.walking import snapped
from studio.ui.copied import copied_path


class NodeDeeds(QObject):
    """Works on the selection; `pointed` says where on the canvas something is to go."""

    came = Signal(object, object)
    """New nodes, and new frames and notes: their names."""

    def __init__(
        self,
        scene: GraphScene,
        editor: Editor,
        structure: Structure,
        pointed: Callable[[], QPointF],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._scene, self._editor, self._structure, self._pointed = scene, editor, structure, pointed

    def copy(self) -> None:
        """Copy the selected nodes, frames and notes to the clipboard."""
        chosen, marks = self._scene.chosen, self._scene.chosen_marks
        if chosen or marks:
            QGuiApplication.clipboard().setText(self._editor.copied(chosen, marks))

    def cut(self) -> None:
        """Move the selected nodes to the clipboard; around a row the neighbours are joined."""
        self.copy()
        self._structure.cut()

    def paste(self) -> None:
        """Add what was copied, at the pointer or in the middle of what is seen; a file is taken as data."""
        path = copied_path(QGuiApplication.clipboard().mimeData())
        if path is not None:
            self._editor.file_pasted.emit(path)
            return
        text = QGuiApplication.clipboard().text()
        if text:
            self._choose_new(lambda: self._editor.paste(text, snapped(self._pointed())))

    def duplicate(self) -> None:
        """Copy the selected nodes next to themselves."""
        chosen, marks = self._scene.chosen, self._scene.chosen_marks
        if chosen or marks:
            self._choose_new(lambda: self._editor.duplicate(chosen, marks))

    def duplicate_with_wires(self) -> None:
        """Copy the selected nodes next to themselves; the copies take in what the nodes take in."""
        self._choose_new(self._structure.duplicate_with_wires)

    def _choose_new(self, edit: Callable[[], tuple[str, ...]]) -> None:
        """Have that selected which an edit makes: the nodes that it names, and all new frames and notes."""
        before = set(self._scene.marks.items)
        made = edit()
        marks = [name for name in self._scene.marks.items if name not in before]
        if made or marks:
            self.came.emit(made, marks)

    def delete_selected(self) -> None:
        """Remove what is selected."""
        self._editor.delete(self._scene.chosen, self._scene.chosen_edges, self._scene.chosen_marks)

    def toggle_muted(self) -> None:
        """Mute the selected nodes, or let them take part again where all are muted."""
        nodes = self._editor.project.graph.nodes
        if self._scene.chosen:
            self._editor.set_muted(
                self._scene.chosen, not all(nodes[name].muted for name in self._scene.chosen)
            )
