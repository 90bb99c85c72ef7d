"""The session: the open project, its undo history, its file and its latest check; only it changes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from studio.build.plan import Checked
from studio.project.changes import Changes, diff
from studio.project.project import Project
from studio.project.storage import load, save


class Session(QObject):
    """One open project. Views read `project` and `checked`, follow the signals, and call `commit`."""

    changed = Signal(object)
    """Changes between the value shown before and the one now: the same path for edit, undo, open and new."""
    replaced = Signal()
    """Another project was opened (emitted after `changed`): the view may fit itself to it."""
    check_arrived = Signal(object)
    """The Checked of the current project value; stale answers never arrive here."""
    file_changed = Signal()
    """Path or dirty state changed: the window's title follows."""
    saved = Signal()
    """The project was written to its file, perhaps its first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = Project()
        self._saved: Project | None = self._project
        self.path: Path | None = None
        self.base: Path = Path.home()
        self.checked: Checked | None = None
        self.undo_stack = QUndoStack(self)

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self._project

    @property
    def folder(self) -> Path:
        """The folder that relative paths in the project start from."""
        return self.path.parent if self.path else self.base

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self._project != self._saved

    def commit(self, project: Project, label: str, merge_key: str | None = None) -> None:
        """Make `project` the current value as one undo step; steps with the same merge key become one.

        `label` is the step's plain name in the menu ("Move conv1"). Nothing happens if nothing changed.
        """
        if project != self._project:
            self.undo_stack.push(_Step(self._apply, self._project, project, label, merge_key))

    def new(self, project: Project | None = None, base: Path | None = None) -> None:
        """Start over with a project that has no file yet; relative paths in it start from `base`."""
        project = project or Project()
        self._replace(project, path=None, base=base or Path.home(), saved=project)

    def open(self, path: Path) -> None:
        """Open a file. Raises StudioError, and then leaves everything as it was."""
        project = load(path)
        self._replace(project, path=path, base=self.base, saved=project)

    def recover(self, project: Project, path: Path | None, base: Path) -> None:
        """Take up a project whose changes were never saved to `path`, the file it came from."""
        self._replace(project, path=path, base=base, saved=None)

    def save(self, path: Path | None = None) -> None:
        """Save to `path`, or to where the project came from. Raises StudioError, and then stays dirty."""
        target = path or self.path
        assert target is not None
        save(self._project, target)
        self.path = target
        self._saved = self._project
        self.file_changed.emit()
        self.saved.emit()

    def lose_file(self) -> None:
        """The file is gone or holds something else: what is on screen counts as unsaved."""
        self._saved = None
        self.file_changed.emit()

    def take_check(self, checked: Checked) -> None:
        """Publish a check's answer, unless the project has changed since it was asked for."""
        if checked.project is self._project:
            self.checked = checked
            self.check_arrived.emit(checked)

    def _replace(self, project: Project, *, path: Path | None, base: Path, saved: Project | None) -> None:
        self.undo_stack.clear()
        self.checked = None
        self.path, self.base, self._saved = path, base, saved
        self._apply(project)
        self.replaced.emit()

    def _apply(self, project: Project) -> None:
        changes: Changes = diff(self._project, project)
        self._project = project
        self.changed.emit(changes)
        self.file_changed.emit()


class _Step(QUndoCommand):
    """One undo step: the project before and after."""

    def __init__(
        self, apply: Callable[[Project], None], before: Project, after: Project, label: str, key: str | None
    ) -> None:
        super().__init__(label)
        self._apply, self._before, self._after, self._key = apply, before, after, key

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)

    def id(self) -> int:
        return 1 if self._key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other._key != self._key:
            return False
        self._after = other._after
        if self._after == self._before:
            self.setObsolete(True)
        return True
