"""The log: what the program said, with the time."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from PySide6.QtGui import QColor, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.ui.card import small_button
from studio.ui.contrast import readable
from studio.ui.theme import DARK, Tokens

MOST = 2000
Entry = tuple[str, str, str]


class LogPanel(QWidget):
    """The latest messages; they can be copied and cleared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("log")
        self._tokens = DARK
        self._entries: deque[Entry] = deque(maxlen=MOST)
        self._lines = QPlainTextEdit(readOnly=True)
        self._lines.setObjectName("source")
        self._lines.setAccessibleName(self.tr("Log"))
        self._lines.setMaximumBlockCount(MOST)
        self._lines.setTabChangesFocus(True)
        self._lines.document().setDocumentMargin(9)
        self._lines.setTabStopDistance(self.fontMetrics().horizontalAdvance("00:00:00") + 14)
        self._lines.setPlaceholderText(self.tr("What the program tells you is kept here, with the time."))
        self._copy = small_button(self.tr("Copy"), self.tr("Copy all messages"))
        self._clear = small_button(self.tr("Clear"), self.tr("Forget all messages"))
        self._copy.clicked.connect(self._take)
        self._clear.clicked.connect(self._forget)
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 8, 0)
        top.setSpacing(6)
        top.addStretch(1)
        top.addWidget(self._copy)
        top.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._lines, 1)
        self._enable()

    def add(self, level: str, text: str) -> None:
        """Add a message; the level is "info", "ok", "warning" or "error"."""
        entry = (datetime.now().strftime("%H:%M:%S"), level, text.replace("\n", "\n    "))
        self._entries.append(entry)
        self._write(entry)
        self._enable()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._lines.clear()
        for entry in self._entries:
            self._write(entry)

    def _write(self, entry: Entry) -> None:
        time, level, text = entry
        bar = self._lines.verticalScrollBar()
        following = bar.value() >= bar.maximum()
        cursor = QTextCursor(self._lines.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        start = "" if self._lines.document().isEmpty() else "\n"
        cursor.insertText(f"{start}{time}\t", self._format(self._tokens.secondary))
        cursor.insertText(f"{self._word(level)}\t", self._format(self._colour(level)))
        cursor.insertText(text, self._format(self._tokens.text))
        if following:
            bar.setValue(bar.maximum())

    def _word(self, level: str) -> str:
        words = {
            "ok": self.tr("Done"),
            "warning": self.tr("Warning"),
            "error": self.tr("Error"),
        }
        return words.get(level, self.tr("Note"))

    def _colour(self, level: str) -> str:
        tokens = self._tokens
        colours = {"ok": tokens.ok, "warning": tokens.warn, "error": tokens.error}
        return colours.get(level, tokens.secondary)

    def _format(self, colour: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setForeground(QColor(readable(colour, self._tokens.panel, self._tokens.text)))
        return made

    def _take(self) -> None:
        lines = (f"{time}  {self._word(level)}  {text}" for time, level, text in self._entries)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _forget(self) -> None:
        self._entries.clear()
        self._lines.clear()
        self._enable()

    def _enable(self) -> None:
        for button in (self._copy, self._clear):
            button.setEnabled(bool(self._entries))
