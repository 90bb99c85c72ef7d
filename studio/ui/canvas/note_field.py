"""The fields in which titles of frames and texts of notes are written, over the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from studio.ui.canvas.ink import Ink


def dress(field: QWidget, ink: Ink, ground: str, text: str) -> None:
    """Give a field the colours of what it lies on."""
    field.setStyleSheet(
        f"{type(field).__name__} {{ background: {ground}; color: {text}; padding: 4px;"
        f" border: 2px solid {ink.tokens.accent}; border-radius: 6px; }}"
    )


class TitleField(QLineEdit):
    """The title of a frame. Enter and Escape both end; Escape takes back what was typed."""

    ended = Signal(bool)
    """Whether what was typed is to stay."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Title of the frame"))
        self.setToolTip(self.tr("Enter takes the title, Escape keeps the old one"))
        self.setPlaceholderText(self.tr("Title"))
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.ended.emit(event.key() != Qt.Key.Key_Escape)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.ended.emit(True)


class NoteField(QPlainTextEdit):
    """The Markdown of a note. Escape, Ctrl+Enter and a click elsewhere end it."""

    ended = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Text of the note"))
        self.setToolTip(self.tr("Markdown; Escape or Ctrl+Enter ends"))
        self.setPlaceholderText(self.tr("Markdown: # heading, - list, **bold**, `code`, [link](https://…)"))
        self.setTabChangesFocus(True)
        self.hide()

    def event(self, event: QEvent) -> bool:
        # While a note is written, every key is the text's: none of the canvas's deeds.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ends = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        )
        if ends or event.key() == Qt.Key.Key_Escape:
            self.ended.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.ended.emit(True)

    def dress(self, ink: Ink, ground: str, text: str) -> None:
        """Take the colours of what is written on."""
        dress(self, ink, ground, text)
