"""The bar that shows that data are being read, and how far, where that is known."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar

from studio.ui.reading import Reading


class ReadingBar(QProgressBar):
    """Moves to and fro; while data are made ready, it tells the share."""

    said = Signal(str)
    """What goes on, while the bar is seen; "" at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setAccessibleName(self.tr("The data are being read"))
        Reading(self).moved.connect(self._show)

    def _show(self, what: str, share: float) -> None:
        self.setRange(0, 100 if what else 0)
        self.setValue(round(100 * share))
        if self.isVisible():
            self.said.emit(what)
