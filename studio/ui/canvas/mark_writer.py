"""Writing on the canvas itself: a field over a frame's title, an editor over a note. Every letter is kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from studio.project.graph import Frame
from studio.ui.canvas import hues
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.mark_item import MarkItem
from studio.ui.canvas.node_note import NodeNote
from studio.ui.canvas.note_field import NoteField, TitleField, dress
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView

LEAST_TITLE, TITLE_HEIGHT = 180, 28
LEAST_NOTE = (240, 120)


class MarkWriter(QObject):
    """Puts the field that is wanted over its frame or note, and takes what is typed."""

    def __init__(self, deeds: MarkDeeds, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._deeds, self._scene, self._view = deeds, scene, view
        self.title, self.note = TitleField(parent), NoteField(parent)
        self._about = NodeNote(deeds, scene, view, parent)
        self._item: MarkItem | None = None
        self._key = self._before = ""
        deeds.writing_wanted.connect(self._open)
        self.title.textEdited.connect(self._take)
        self.note.textChanged.connect(self._note_changed)
        self.title.ended.connect(self._end)
        self.note.ended.connect(self._end)
        view.moved.connect(self._place)
        scene.content_changed.connect(self._follow)

    def _open(self, name: str, key: str) -> None:
        """Write a frame's title or a note's text; what is typed belongs to the step with this key."""
        self._end(True)
        item = self._scene.marks.items.get(name)
        if item is None:  # a new note without a word, which has gone with its field
            return
        self._view.reveal(item.bar if isinstance(item.mark, Frame) else item.body)
        field = self.title if isinstance(item.mark, Frame) else self.note
        self._before = _words(item)
        self._show_text(item)
        self._item, self._key = item, key
        self._dress(field, self._scene.look.ink, item)
        self._place()
        field.show()
        field.raise_()
        # A note may be long: it is not to be lost by the first letter.
        self.title.selectAll()
        self.note.moveCursor(QTextCursor.MoveOperation.End)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, text: str) -> None:
        if self._item is not None and text != _words(self._item):
            self._deeds.take(self._item.name, text, self._key)

    def _note_changed(self) -> None:
        self._take(self.note.toPlainText())

    def _end(self, stays: bool) -> None:
        """Put the field away."""
        item, self._item = self._item, None
        if item is None:
            return
        focused = self.title.hasFocus() or self.note.hasFocus()
        self.title.hide()
        self.note.hide()
        if not stays:
            self._deeds.take(item.name, self._before, self._key)
        self._deeds.done(item.name, self._key)
        if focused:
            self._view.setFocus()

    def _follow(self) -> None:
        """What is written may be gone, or read otherwise: a step was undone."""
        if self._item is None:
            return
        if self._scene.marks.items.get(self._item.name) is not self._item:
            self._item = None
            self.title.hide()
            self.note.hide()
            self._view.setFocus()
            return
        self._place()
        written = self.title.text() if isinstance(self._item.mark, Frame) else self.note.toPlainText()
        if _words(self._item) != written:
            self._show_text(self._item)

    def _show_text(self, item: MarkItem) -> None:
        if isinstance(item.mark, Frame):
            self.title.setText(item.mark.title)
        else:
            self.note.blockSignals(True)
            self.note.setPlainText(item.mark.text)
            self.note.blockSignals(False)

    def _place(self) -> None:
        if self._item is None:
            return
        item = self._item
        if isinstance(item.mark, Frame):
            room = self._pixels(item.bar)
            size = (max(room.width(), LEAST_TITLE), max(room.height(), TITLE_HEIGHT))
            self.title.setGeometry(QRect(room.topLeft(), room.topLeft()).adjusted(0, 0, size[0], size[1]))
        else:
            room = self._pixels(item.body)
            size = (max(room.width(), LEAST_NOTE[0]), max(room.height(), LEAST_NOTE[1]))
            self.note.setGeometry(room.x(), room.y(), *size)

    def _pixels(self, rect: QRectF) -> QRect:
        return self._view.mapFromScene(rect).boundingRect()

    def _dress(self, field: QWidget, ink: Ink, item: MarkItem) -> None:
        frame = isinstance(item.mark, Frame)
        ground = (hues.title_ground if frame else hues.note_ground)(ink.tokens, item.mark.colour).name()
        text = hues.text_on(ground, ink.tokens).name()
        dress(field, ink, ground, text)


def _words(item: MarkItem) -> str:
    return item.mark.title if isinstance(item.mark, Frame) else item.mark.text
