"""The button of a proposed repair: it gives way where the room is short, as names of nodes may be long."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

LEAST = 80


class FixButton(QPushButton):
    """Shortens its text in the middle; whole in the tooltip and for screen readers."""

    def __init__(self, text: str, tip: str) -> None:
        super().__init__(text)
        self._whole = text
        self.setProperty("small", True)
        self.setAccessibleName(text)
        self.setToolTip(f"{text}\n{tip}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        measure = self.fontMetrics()
        return QSize(self._frame() + measure.horizontalAdvance(self._whole), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(LEAST, hint.width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        text = self._whole
        if self.width() < self.sizeHint().width():
            room = self.width() - self._frame()
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        if text != self.text():
            self.setText(text)

    def _frame(self) -> int:
        """The width beside the text."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())
