"""How far data are made ready, where that takes long: seen by the window every now and then."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from studio.data.progress import progress

EVERY_MS = 300


class Reading(QObject):
    """Looks at what is being made ready."""

    moved = Signal(str, float)
    """What goes on, and the share that is done; "" at its end."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._told = ""
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        going = progress.going
        if going is not None:
            self._told = going.what
            self.moved.emit(going.what, going.share)
        elif self._told:
            self._told = ""
            self.moved.emit("", 0.0)
