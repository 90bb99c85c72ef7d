"""Renaming a node in place: a field over its name that says why a name will not do."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from studio.ui.canvas.editor import Editor
from studio.ui.canvas.ink import Ink

LEAST_WIDTH, HEIGHT = 140, 28


class NameField(QLineEdit):
    """Enter takes the name, Escape gives up, leaving the field takes it if it is valid."""

    renamed = Signal(str, str)

    def __init__(self, editor: Editor, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._old = ""
        self.setAccessibleName(self.tr("Name of the node"))
        self.setToolTip(self.tr("Enter takes the name, Escape keeps the old one"))
        self.reason = QLabel(parent)
        self.reason.setWordWrap(False)
        self.reason.hide()
        self._ink = ink
        self.textEdited.connect(lambda: self._refuse(""))
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink

    def open(self, name: str, header: QRect) -> None:
        """Show the field over a node's header."""
        self._old = name
        self.setText(name)
        self.setGeometry(
            header.x(), header.y(), max(header.width(), LEAST_WIDTH), max(header.height(), HEIGHT)
        )
        self._refuse("")
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self, removed: Collection[str]) -> None:
        """Put the field away where its node is among those that are gone."""
        if self._old in removed:
            self.close_field()

    def close_field(self) -> None:
        """Put the field away and keep the old name."""
        self._old = ""
        self.reason.hide()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_field()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take()
            self.close_field()

    def event(self, event: QEvent) -> bool:
        # Single keys are the canvas's and the menu's shortcuts; in here they are letters.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        return super().event(event)

    def _take(self) -> None:
        old, new = self._old, self.text().strip()
        try:
            if old and new != old:
                self._editor.rename(old, new)
        except ValueError as error:
            self._refuse(str(error))
            return
        self.close_field()
        if old:
            self.renamed.emit(old, new)

    def _refuse(self, reason: str) -> None:
        tokens = self._ink.tokens
        edge = tokens.error if reason else tokens.accent
        self.setStyleSheet(
            f"NameField {{ background: {tokens.field}; color: {tokens.text}; border: 1px solid {edge};"
            " border-radius: 6px; padding: 2px 8px; font-weight: 600; }"
        )
        self.reason.setStyleSheet(
            f"background: {tokens.panel}; color: {tokens.error}; border: 1px solid {tokens.error};"
            " border-radius: 6px; padding: 4px 8px;"
        )
        self.reason.setText(reason[:1].upper() + reason[1:])
        self.reason.adjustSize()
        self.reason.move(self.x(), self.geometry().bottom() + 4)
        self.reason.setVisible(bool(reason))
        self.reason.raise_()
