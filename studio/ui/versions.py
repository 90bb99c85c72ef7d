"""Keeps versions of the open project: at each save, before each run and each restore, and while editing.

Everything is written off the UI thread, in the order in which it was asked for.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.errors import StudioError
from studio.places import user_folder
from studio.project.project import Project
from studio.project.thinning import surplus
from studio.project.versions import Shelf, shelf_of
from studio.ui.background import Background
from studio.ui.canvas.thumbnail import thumbnail
from studio.ui.session import Session

EVERY_MS = 10 * 60 * 1000


class Versions(QObject):
    """Knows when a version is wanted; the shelf knows how it is kept."""

    failed = Signal(object)
    """No version can be kept, with the StudioError that says why; told once until it works again."""
    written = Signal()
    """What was asked for is on disk."""

    def __init__(self, session: Session, parent: QObject | None = None, every_ms: int = EVERY_MS) -> None:
        super().__init__(parent)
        self._session = session
        self._opened = session.project
        self._waiting: deque[Callable[[], object]] = deque()
        self._unplaced: list[Path] = []
        self._told = False
        self._background = Background(self)
        self._background.done.connect(self._worked)
        self._background.failed.connect(self._report)
        self._timer = QTimer(self, singleShot=True, interval=every_ms)
        self._timer.timeout.connect(lambda: self.keep("edit"))
        session.steps_changed.connect(self._edited)
        session.replaced.connect(self._start_over)
        session.saved.connect(self._saved)

    @property
    def shelf(self) -> Shelf:
        """Where the versions of the open project lie."""
        session = self._session
        return shelf_of(self.folder, session.path, session.project.name)

    @property
    def folder(self) -> Path:
        """Where the shelves of all projects are."""
        return user_folder() / "versions"

    def keep(self, reason: str, project: Project | None = None) -> None:
        """Keep the open project as it is now, or another value of it, soon."""
        kept, shelf, base = project or self._session.project, self.shelf, self._session.folder
        placed = self._session.path is not None
        self._timer.stop()
        self._ask(lambda: self._write(shelf, kept, reason, base, placed))

    def close(self) -> None:
        """The window closes: write what still waits."""
        self._timer.stop()
        self._background.close()
        with contextlib.suppress(StudioError):  # there is no window left that could tell it
            self._work()

    def _edited(self) -> None:
        """Something was changed: soon a version is due, and of what was there before too."""
        if not self._session.undo_stack.count():
            return
        opened, self._opened = self._opened, None
        if opened is not None and opened.graph.nodes and self._session.path is not None:
            self.keep("open", opened)
        if not self._timer.isActive():
            self._timer.start()

    def _start_over(self) -> None:
        self._timer.stop()
        self._opened, self._unplaced = self._session.project, []

    def _saved(self) -> None:
        """Versions of a project that had no file yet belong to its file from now on."""
        unplaced, self._unplaced = self._unplaced, []
        if unplaced:
            shelf = self.shelf
            self._ask(lambda: shelf.adopt(unplaced))
        self.keep("save")

    def _ask(self, job: Callable[[], object]) -> None:
        self._waiting.append(job)
        self._background.request(self._work)

    def _work(self) -> bool:
        """In the background: everything that waits, in order; says whether anything was written."""
        written = False
        while self._waiting:
            written = bool(self._waiting.popleft()()) or written
        return written

    def _write(self, shelf: Shelf, project: Project, reason: str, base: Path, placed: bool) -> bool:
        kept = shelf.keep(project, reason, base, thumbnail)
        if kept is not None and not placed:
            self._unplaced.append(kept.file)
        if kept is not None:
            shelf.delete(surplus(shelf.listed()[0], time.time()))
        return kept is not None

    def _worked(self, written: bool) -> None:
        self._told = self._told and not written
        self.written.emit()

    def _report(self, error: Exception) -> None:
        if self._waiting:
            self._background.request(self._work)
        if not self._told:
            self._told = True
            known = isinstance(error, StudioError)
            self.failed.emit(error if known else StudioError(f"No version was kept: {error}"))
