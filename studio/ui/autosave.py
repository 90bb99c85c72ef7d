"""Keeps a recovery copy of unsaved work, off the UI thread, and finds what a crash left at the next start."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.places import user_folder
from studio.project.project import Project
from studio.project.recovery import Recovered, Recovery
from studio.ui.background import Background
from studio.ui.session import Session

DELAY_MS = 2000


class Autosave(QObject):
    """Stores the project some seconds after a change, and removes the copy once there is nothing to lose."""

    failed = Signal(object)
    """The copy could not be written; the StudioError says why."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder = user_folder() / "recovery"
        self._recovery = Recovery(self._folder)
        self._background = Background(self)
        self._background.failed.connect(self._report)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.store)
        self._told = False
        session.changed.connect(self._schedule)
        session.file_changed.connect(self._schedule)

    def store(self) -> None:
        """Store what is unsaved, or remove the copy where nothing is; in the background."""
        session, recovery = self._session, self._recovery
        if session.dirty:
            project, path = self._portable(), session.path
            self._background.request(lambda: recovery.store(project, path))
        else:
            self._background.request(recovery.clear)

    def store_now(self) -> None:
        """The same in this thread: for the moment before a run, and for our own failures."""
        if self._session.dirty:
            self._recovery.store(self._portable(), self._session.path)

    def pending(self) -> list[Recovered]:
        """What earlier starts left behind."""
        return self._recovery.pending()

    def take_up(self, recovered: Recovered) -> None:
        """Go on with a copy; it is ours from now on."""
        self._session.recover(recovered.project, recovered.path, recovered.file.parent)
        self.store_now()
        recovered.discard()

    def close(self, keep: bool) -> None:
        """The window closes: keep what is unsaved for the next start, or nothing (saved, or given up)."""
        self._timer.stop()
        self._background.close()
        if keep and self._session.dirty:
            self.store_now()
            self._recovery.close()
        else:
            self._recovery.clear()

    def _portable(self) -> Project:
        """The project as a copy in the recovery folder must say it, for its data to be found from there."""
        session = self._session
        return session.project if session.path else rebase(session.project, session.folder, self._folder)

    def _schedule(self) -> None:
        self._timer.start()

    def _report(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            self.failed.emit(
                error
                if isinstance(error, StudioError)
                else StudioError(f"No recovery copy was written: {error}")
            )
