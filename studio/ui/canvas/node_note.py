"""Writing about nodes on the canvas: an editor below the selected ones; its text is the note of each."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.note_field import NoteField
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView

WIDTH, HEIGHT, GAP = 260, 110, 6


class NodeNote(QObject):
    """Puts the editor below the nodes that are written about, and takes what is typed."""

    def __init__(self, deeds: MarkDeeds, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._deeds, self._scene, self._view, self._canvas = deeds, scene, view, parent
        self._names: tuple[str, ...] = ()
        self._key = ""
        self._field = NoteField(parent)
        self._field.setObjectName("node note")
        self._field.setAccessibleName(self.tr("Note about the selected nodes"))
        self._field.setToolTip(self.tr("What is worth knowing about these nodes; Escape or Ctrl+Enter ends"))
        self._field.textChanged.connect(self._take)
        self._field.ended.connect(self._end)
        deeds.about_wanted.connect(self._open)
        view.moved.connect(self._place)
        deeds.session.changed.connect(self._follow)
        deeds.session.focus_moved.connect(self._end)

    def _open(self, names: tuple[str, ...], key: str) -> None:
        """Write about nodes; what is typed belongs to the step with this key."""
        self._end()
        nodes = self._scene.project.graph.nodes
        notes = {nodes[name].note for name in names}
        several = self.tr("These nodes have different notes; what you write replaces all of them")
        self._field.setPlaceholderText(self.tr("A note about this") if len(notes) == 1 else several)
        self._show_text(notes.pop() if len(notes) == 1 else "")
        self._names, self._key = names, key
        ink = self._scene.look.ink
        self._field.dress(ink, ink.tokens.panel, ink.tokens.text)
        self._view.reveal(self._scene.bounds(names))
        self._place()
        self._field.show()
        self._field.raise_()
        self._field.moveCursor(QTextCursor.MoveOperation.End)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        if self._names:
            self._deeds.write_note(self._names, self._field.toPlainText(), self._key)

    def _end(self) -> None:
        focused, self._names = self._field.hasFocus(), ()
        self._field.hide()
        if focused:
            self._view.setFocus()

    def _follow(self) -> None:
        """The nodes may be gone, or have other notes: a step was undone."""
        nodes = self._deeds.session.drawing.graph.nodes
        if self._names and not nodes.keys() >= set(self._names):
            self._end()
        elif self._names:
            notes = {nodes[name].note for name in self._names}
            if len(notes) == 1 and notes != {self._field.toPlainText()}:
                self._show_text(notes.pop())

    def _show_text(self, text: str) -> None:
        self._field.blockSignals(True)
        self._field.setPlainText(text)
        self._field.blockSignals(False)

    def _place(self) -> None:
        """Below the nodes, or where there is room."""
        if self._names and self._scene.nodes.keys() >= set(self._names):
            below = self._view.mapFromScene(self._scene.bounds(self._names)).boundingRect()
            room = self._canvas.rect().adjusted(GAP, GAP, -GAP - WIDTH, -GAP - HEIGHT)
            at = QPoint(
                max(room.left(), min(below.left(), room.right())),
                max(room.top(), min(below.bottom() + GAP, room.bottom())),
            )
            self._field.setGeometry(at.x(), at.y(), WIDTH, HEIGHT)
