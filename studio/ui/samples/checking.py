"""Runs the checks of the data in the background, tells how far they are, and ends them when asked."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.project.project import Data
from studio.ui.background import Background

if TYPE_CHECKING:
    from studio.data.checks import Report

TELL_MS = 120


class Checking(Background):
    """One run at a time; a newer one ends the one before."""

    moved = Signal(float, str)
    """The share that is done, and what is looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = Event()
        self._told = (0.0, "")
        self._teller = QTimer(self)
        self._teller.setInterval(TELL_MS)
        self._teller.timeout.connect(self._tell)
        for ended in (self.done, self.failed):
            ended.connect(lambda _: self._teller.stop() if not self.busy else None)

    def start(self, data: Data, folder: Path, quick: bool) -> None:
        """Look the data over, all of it or what is quick."""
        self.stop()
        stop = self._stop = Event()
        self._told = (0.0, "")

        def moved(share: float, title: str) -> None:
            if stop is self._stop:
                self._told = (share, title)

        self.request(lambda: (stop, _checked(data, folder, quick, moved, stop)))
        self._teller.start()

    def is_latest(self, stop: Event) -> bool:
        """Whether an answer is that of the latest run."""
        return stop is self._stop

    def stop(self) -> None:
        """End the run; what it has found by then counts."""
        self._stop.set()

    def close(self) -> None:
        self.stop()
        self._teller.stop()
        super().close()

    def _tell(self) -> None:
        self.moved.emit(*self._told)


def _checked(data: Data, folder: Path, quick: bool, moved: object, stop: Event) -> Report:
    from studio.data.checks import check_data

    return check_data(data, folder, quick, moved=moved, cancelled=stop.is_set)
