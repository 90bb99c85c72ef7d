"""Watches a run that another process writes: what has come since the last look, a few times a second."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.errors import StudioError
from studio.train.events import Event
from studio.train.history import Tail
from studio.train.runs import read_run
from studio.ui.background import Background

LOOK_MS = 400


class LiveRun(QObject):
    """Follows one run at a time until it is over."""

    arrived = Signal(list)
    """The events that have come."""
    over = Signal(Path)
    """The run has ended, or its process has."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._tail: Tail | None = None
        self._reader = Background(self)
        self._reader.done.connect(self._take)
        self._reader.failed.connect(self._end)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def follow(self, run: Path, tail: Tail) -> None:
        """Tell what comes after what the tail has read already."""
        self._run, self._tail = run, tail
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._run = self._tail = None
        self._timer.stop()

    def _look(self) -> None:
        run, tail = self._run, self._tail
        if run is not None and tail is not None and not self._reader.busy:
            self._reader.request(lambda: _read(run, tail))

    def _take(self, answer: tuple[Path, list[Event], bool]) -> None:
        run, events, running = answer
        if run != self._run:
            return
        if events:
            self.arrived.emit(events)
        if not running:
            self._end()

    def _end(self, *_: object) -> None:
        run = self._run
        self.stop()
        if run is not None:
            self.over.emit(run)


def _read(run: Path, tail: Tail) -> tuple[Path, list[Event], bool]:
    """In the background; how it stands is asked first, so that its last words are not missed."""
    try:
        running = read_run(run).status == "running"
    except StudioError:
        running = False
    return run, tail.take(), running
