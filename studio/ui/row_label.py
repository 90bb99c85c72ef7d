"""The name of a parameter in a form, which can be dragged onto the arguments of a block."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

from studio.ui.words import declared

PARAMETER = "application/x-neuroloom-parameter"
"""What is dragged: the name of a parameter of the nodes that are selected."""


class RowLabel(QLabel):
    """Stays a plain label until dragging is allowed."""

    dragging = Signal(bool)
    """A drag begins, or has ended."""

    def __init__(self, name: str, doc: str) -> None:
        super().__init__(name)
        self._name, self._doc = name, declared(doc)
        self._press: QPoint | None = None
        self.setProperty("role", "secondary")
        self.setMinimumWidth(40)
        self._allowed = True
        self.allow(False)

    def allow(self, allowed: bool) -> None:
        """Let it be dragged, or not."""
        if allowed == self._allowed:
            return
        self._allowed = allowed
        hint = self.tr("Drag it onto Arguments: each use of the block then sets it")
        self.setToolTip(f"{self._doc}\n{hint}" if allowed else self._doc)
        if allowed:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._press = event.position().toPoint() if left and self._allowed else None
        if self._press is None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        press = self._press
        far = QApplication.startDragDistance()
        if press is None or (event.position().toPoint() - press).manhattanLength() < far:
            return
        self._press = None
        data = QMimeData()
        data.setData(PARAMETER, self._name.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab())
        drag.setHotSpot(press)
        self.dragging.emit(True)
        drag.exec(Qt.DropAction.LinkAction)
        self.dragging.emit(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None
        super().mouseReleaseEvent(event)
