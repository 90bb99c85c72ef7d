"""Keeps a project's runs beside it: those made before it was first saved move to its folder then."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.errors import StudioError
from studio.train.runs import default_runs_dir, move_run
from studio.ui.messages import Messages
from studio.ui.session import Session


class RunKeeping(QObject):
    """Remembers the runs of a project that has no file yet, and where the session's runs belong."""

    moved = Signal(object, object)
    """A run's folder: the old one and the new one."""
    folder_changed = Signal(object)
    """The folder of runs is another one now."""

    def __init__(self, session: Session, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._messages = session, messages
        self._path: Path | None = session.path
        self._unplaced: list[Path] = []
        self._live: Path | None = None
        session.replaced.connect(self._start_over)
        session.saved.connect(self._settle)

    def begin(self, run_dir: Path) -> None:
        """A run starts, or goes on."""
        self._live = run_dir
        if self._session.path is None and run_dir not in self._unplaced:
            self._unplaced.append(run_dir)

    def end(self, *_: object) -> None:
        """The run is over: it can be moved."""
        self._live = None
        self._settle()

    def _start_over(self) -> None:
        self._path, self._unplaced = self._session.path, []

    def _settle(self) -> None:
        path = self._session.path
        if path is None or (path == self._path and not self._unplaced):
            return
        self._path = path
        unplaced = [run for run in self._unplaced if run != self._live and run.is_dir()]
        self._unplaced = [run for run in self._unplaced if run == self._live]
        for run in unplaced:
            self._move(run, default_runs_dir(path))
        if self._live is None:
            self.folder_changed.emit(default_runs_dir(path))

    def _move(self, run: Path, runs_dir: Path) -> None:
        try:
            self.moved.emit(run, move_run(run, runs_dir))
        except StudioError as error:
            self._messages.show_error(error)
