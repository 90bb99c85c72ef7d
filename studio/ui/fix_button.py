"""The button of a proposed repair: it gives way where the room is short, as names of nodes may be long."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

LEAST = 80


class FixButton(QPushButton):
    """Shortens its text in the middle; whole in the tooltip and for screen readers."""

    aimed = Signal(bool)
    """The pointer or the keyboard came to it (True), or has left it."""

    def __init__(self, text: str, tip: str) -> None:
        super().__init__(text)
        self._whole = text
        self._aimed = False
        self.setProperty("small", True)
        self.setAccessibleName(text)
        self.setToolTip(f"{text}\n{tip}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()  # as Space does: outside of dialogues Qt has no use for Enter on a button
        else:
            super().keyPressEvent(event)

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

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._aim(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._aim(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._aim(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._aim(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._aim(False)

    def _aim(self, aimed: bool) -> None:
        if aimed != self._aimed:
            self._aimed = aimed
            self.aimed.emit(aimed)

    def _frame(self) -> int:
        """The width beside the text."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())
