"""Widgets side by side, in as many columns as have room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.ui.contents import widgets_in

NARROWEST = 280


class Tiles(QWidget):
    """A grid that wraps; all columns are equally wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)

    def show_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Hold these, in this order."""
        self._widgets = list(widgets)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitting() != self._columns:
            self._place()

    def _fitting(self) -> int:
        count = max(1, len(self._widgets))
        rows = -(-count // max(1, self.width() // NARROWEST))
        return -(-count // rows)

    def _place(self) -> None:
        for widget in widgets_in(self._grid):
            self._grid.removeWidget(widget)
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = self._fitting()
        for index, widget in enumerate(self._widgets):
            self._grid.addWidget(widget, index // self._columns, index % self._columns)
            widget.show()
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1)
