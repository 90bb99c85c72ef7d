"""What an empty panel shows: what will appear here, and the first step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget


class Empty(QWidget):
    """A heading and a sentence in the middle; both can be replaced."""

    def __init__(self, heading: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading, self._text = QLabel(heading), QLabel(text)
        self._heading.setProperty("role", "heading")
        self._text.setProperty("role", "secondary")
        self._text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(4)
        column.addStretch(1)
        for label in (self._heading, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            column.addWidget(label)
        column.addStretch(1)

    def say(self, heading: str, text: str) -> None:
        """Say something else."""
        self._heading.setText(heading)
        self._text.setText(text)


class OrEmpty(QStackedWidget):
    """Words in the middle until there is something to show, and again when it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._empty = Empty("", "")
        self.addWidget(self._empty)

    def fill(self, panel: QWidget, body: QWidget) -> None:
        """Fill a panel, with this body where there is something to show."""
        self.addWidget(body)
        outer = QVBoxLayout(panel)
        outer.setContentsMargins(12, 8, 12, 4)
        outer.addWidget(self)

    def say(self, heading: str, text: str) -> None:
        """Show words in place of the body."""
        self._empty.say(heading, text)
        self.setCurrentIndex(0)

    def show_body(self) -> None:
        """Show what there is."""
        self.setCurrentIndex(1)
