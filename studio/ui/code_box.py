"""A few lines of code with a button that copies them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from studio.ui.card import label
from studio.ui.icons import tinted
from studio.ui.theme import DARK, Tokens


class CodeBox(QWidget):
    """Code that can be selected, and copied as a whole."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._code = label("", "code", wrapped=True)
        self._code.setAccessibleName(name)
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._code.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._copy = QToolButton(iconSize=QSize(13, 13))
        self._copy.setObjectName("more")
        self._copy.setToolTip(self.tr("Copy this code"))
        self._copy.setAccessibleName(self.tr("Copy this code"))
        self._copy.clicked.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._code, 1)
        row.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self.set_tokens(DARK)

    def show_code(self, text: str) -> None:
        """Show this code."""
        self._code.setText(text)
        self._code.setAccessibleDescription(text)

    def text(self) -> str:
        """The code shown."""
        return self._code.text()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._copy.setIcon(tinted("copy", tokens))

    def _take(self) -> None:
        QGuiApplication.clipboard().setText(self._code.text())
