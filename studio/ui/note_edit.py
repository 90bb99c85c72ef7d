"""A few lines of free text that grow with what is written."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit

LEAST, MOST = 1, 12
SIDE = 4
"""Beside the document's own margin: texts begin where those of one-line fields do."""


class NoteEdit(QPlainTextEdit):
    """Free text; `edited` tells every change the person makes, `burst` counts the visits."""

    edited = Signal(str)

    def __init__(self, name: str, placeholder: str, tip: str) -> None:
        super().__init__()
        self.burst = 0
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setToolTip(tip)
        self.setTabChangesFocus(True)
        self.setViewportMargins(SIDE, 0, SIDE, 0)
        self._quiet = False
        self.textChanged.connect(self._changed)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show a text, without moving the cursor if it is there already."""
        if text != self.toPlainText():
            self._quiet = True
            self.setPlainText(text)
            self._quiet = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.burst += 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Later: a layout that is at work now would miss that the height changes.
        QTimer.singleShot(0, self, self._fit)

    def _changed(self) -> None:
        self._fit()
        if not self._quiet:
            self.edited.emit(self.toPlainText())

    def _fit(self) -> None:
        lines = max(LEAST, min(int(self.document().size().height()), MOST))
        # Before it is laid out the inside is as high as it likes.
        around = max(2 * self.frameWidth(), self.height() - self.viewport().height())
        frame = 2 * self.document().documentMargin() + around + 4
        height = round(lines * self.fontMetrics().lineSpacing() + frame)
        if height != self.height():
            self.setFixedHeight(height)
        bar = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(bar.ScrollBarAsNeeded if lines == MOST else bar.ScrollBarAlwaysOff)
