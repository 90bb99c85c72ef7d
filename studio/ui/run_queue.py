"""Trains the runs that wait, one after the other; what waits outlives the window and is started by hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.errors import StudioError
from studio.train.events import Event, Finished
from studio.train.queue import read_queue, write_queue
from studio.train.runs import RunInfo, delete_run
from studio.ui.training import TrainingController


class RunQueue(QObject):
    """The order of the runs that wait. While it goes, the next one starts when a run is over."""

    changed = Signal()
    failed = Signal(object)
    """A StudioError: the queue could not be kept."""

    def __init__(self, training: TrainingController, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self.going = False
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._start_next)
        training.ended.connect(self._over)

    @property
    def runs(self) -> list[RunInfo]:
        """The runs that wait, the next first."""
        return read_queue()

    def add(self, run: Path) -> None:
        """Let a run wait at the end. While another one trains, the queue goes on by itself after it."""
        self._keep([*(one.path for one in self.runs), run])
        if self._training.active:
            self.going = True
        self.changed.emit()

    def order(self, paths: list[Path]) -> None:
        """Let them wait in this order."""
        self._keep(paths)
        self.changed.emit()

    def remove(self, path: Path) -> None:
        """Take a run out; as it never began, its folder goes too."""
        self._keep([one.path for one in self.runs if one.path != path])
        try:
            delete_run(path)
        except StudioError as error:
            self.failed.emit(error)
        self.changed.emit()

    def go(self, going: bool) -> None:
        """Train what waits, or start no other run after this one."""
        self.going = going
        if going and not self._training.active:
            self._start_next()
        self.changed.emit()

    def hold(self) -> bool:
        """A run was lost: whether it goes on first is for the user to decide. Says whether one waits that
        would have been next.
        """
        held = self.going and bool(self.runs)
        self.going = False
        self._next.stop()
        self.changed.emit()
        return held

    def _over(self, run_dir: Path, last: Event | None) -> None:
        """A run has ended: go on with the next, unless somebody stopped it."""
        if isinstance(last, Finished) and last.reason == "stopped":
            self.going = False
        if self.going:
            self._next.start()
        self.changed.emit()

    def _start_next(self) -> None:
        waiting = self.runs
        if not self.going or self._training.active:
            return
        if not waiting:
            self.going = False
        else:
            self._training.resume_run(waiting[0].path)
        self.changed.emit()

    def _keep(self, paths: list[Path]) -> None:
        try:
            write_queue(paths)
        except StudioError as error:
            self.failed.emit(error)
