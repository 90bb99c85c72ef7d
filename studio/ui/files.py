"""New, open, recent, samples, save and recovery: how a project comes and goes; nothing is lost unasked."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.interchange.pictures import SUFFIXES, is_picture, read_picture
from studio.interchange.refused import refuse_pt2
from studio.places import shipped
from studio.project.project import Project
from studio.project.recovery import Recovered
from studio.project.storage import load
from studio.ui.autosave import Autosave
from studio.ui.messages import Messages
from studio.ui.preferences import Preferences
from studio.ui.session import Session
from studio.ui.versions import Versions
from studio.ui.watch import FileWatch

SUFFIX = ".loom"
CHANGED = "file changed"
Button = QMessageBox.StandardButton


def samples() -> list[Path]:
    """The shipped samples, by name."""
    return sorted(shipped("samples").absolute().glob(f"*{SUFFIX}"))


class Files(QObject):
    """The menu's file commands, on one session."""

    recent_changed = Signal()
    """The list of recent files differs."""

    def __init__(
        self, session: Session, messages: Messages, preferences: Preferences, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._messages, self._window = session, messages, window
        self.preferences = preferences
        self.autosave = Autosave(session, self)
        self.autosave.failed.connect(messages.show_error)
        self.versions = Versions(session, self)
        self.versions.failed.connect(messages.show_error)
        self._watch = FileWatch(self)
        self._watch.changed.connect(self._tell_changed)
        session.replaced.connect(self._follow)

    @property
    def title(self) -> str:
        """The document's name for the window's title."""
        path = self._session.path
        return path.name if path else self.tr("{} (not saved yet)").format(self._session.project.name)

    def new(self) -> None:
        """Start an empty project."""
        if self.may_discard():
            self._session.new(base=self._home())

    def ask_open(self) -> None:
        """Choose a project to open."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Open a project"), str(self._home()), self._readable()
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a file, unless the user would rather keep what is open, or it cannot be read.

        A shipped sample opens as a copy, so that it stays what it is; so does the project inside a picture.
        """
        if path.absolute() in samples() or is_picture(path):
            return self.open_sample(path.absolute())
        try:
            refuse_pt2(path)
            load(path)  # before the question: a file that cannot be read is no reason to ask
            if not self.may_discard():
                return False
            self._session.open(path.absolute())
        except StudioError as error:
            self._messages.show_error(error)
            return False
        self._remember(path)
        return True

    def open_sample(self, path: Path) -> bool:
        """Open a sample, or what a picture holds, as a new project; its data stays where it is."""
        try:
            project = read_picture(path) if is_picture(path) else load(path)
        except StudioError as error:
            self._messages.show_error(error)
            return False
        if not self.may_discard():
            return False
        self._session.new(project, base=path.parent)
        return True

    def save(self) -> bool:
        """Save where the project came from, or ask where to."""
        path = self._session.path
        if path is None:
            return self.save_as()
        if path.exists() and self._watch.differs():
            if not self._ask_overwrite(path):
                return False
            self._keep_theirs(path)
        return self._save(path)

    def save_as(self) -> bool:
        """Ask where to, and save there."""
        at = self._session.path or self._home() / f"{self._session.project.name}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save the project"), str(at), self._filter()
        )
        if not name:
            return False
        path = Path(name)
        return self._save(path if path.suffix else path.with_suffix(SUFFIX))

    def may_discard(self) -> bool:
        """Whether the open project may go: it is saved, or the user saves it now, or gives it up."""
        if not self._session.dirty:
            return True
        box = QMessageBox(
            QMessageBox.Icon.Question,
            self.tr("Unsaved changes"),
            self.tr("Save the changes to {}?").format(self.title),
            Button.Save | Button.Discard | Button.Cancel,
            self._window,
        )
        box.setInformativeText(self.tr("Without saving, they are lost."))
        box.setDefaultButton(Button.Save)
        answer = box.exec()
        if answer == Button.Discard:
            self.versions.keep("discard")
        return self.save() if answer == Button.Save else answer == Button.Discard

    def offer_recovery(self) -> None:
        """Offer the latest work that a crash left unsaved."""
        pending = self.autosave.pending()
        if not pending:
            return
        latest = pending[0]
        name = latest.path.name if latest.path else latest.project.name
        when = datetime.fromtimestamp(latest.time).strftime("%Y-%m-%d %H:%M")
        self._messages.show_message(
            "warning",
            self.tr("{} was not saved when the program last ended").format(name),
            self.tr("There is a copy of {}.").format(when),
            [
                (self.tr("Recover"), lambda: self._recover(latest)),
                (self.tr("Delete the copy"), latest.discard),
            ],
        )

    def close(self, keep: bool) -> None:
        """The window closes; with `keep`, what is unsaved stays in the recovery copy."""
        self._watch.follow(None)
        self.autosave.close(keep)
        self.versions.close()

    def keep_for_run(self) -> None:
        """A run starts: what it trains is kept as it is now."""
        self.autosave.store()
        self.versions.keep("train")

    def _save(self, path: Path) -> bool:
        session = self._session
        moved = rebase(session.project, session.folder, path.absolute().parent)
        session.commit(moved, self.tr("Keep the data's paths"))
        if session.path is None and session.project.name == Project().name:
            session.commit(replace(session.project, name=path.stem), self.tr("Name the project"))
        try:
            session.save(path.absolute())
        except StudioError as error:
            self._messages.show_error(error)
            return False
        self._messages.close_message(CHANGED)
        self._follow()
        self._remember(path)
        return True

    def _ask_overwrite(self, path: Path) -> bool:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            self.tr("Changed by another program"),
            self.tr("Another program has changed {} since it was opened.").format(path.name),
            Button.NoButton,
            self._window,
        )
        over = box.addButton(self.tr("Overwrite"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(Button.Cancel))
        box.setInformativeText(self.tr("Saving replaces those changes; Save As keeps both."))
        box.exec()
        return box.clickedButton() is over

    def _keep_theirs(self, path: Path) -> None:
        """What another program wrote is about to be overwritten."""
        with contextlib.suppress(StudioError):  # it is no project
            self.versions.keep("overwritten", load(path))

    def _recover(self, recovered: Recovered) -> None:
        if self.may_discard():
            self.autosave.take_up(recovered)

    def _ask_give_up(self) -> bool:
        question = self.tr("Give up what you have changed here and load the file?")
        buttons = Button.Discard | Button.Cancel
        title = self.tr("Unsaved changes")
        return QMessageBox.question(self._window, title, question, buttons, Button.Cancel) == Button.Discard

    def _tell_changed(self) -> None:
        path, edited = self._session.path, self._session.dirty
        if path is None:
            return
        self._session.lose_file()
        if path.exists():
            text = self.tr("Another program has changed {}")
            choices = [(self.tr("Load it"), lambda: self._reload(edited))]
            hint = self.tr("What you see here is as before; saving asks before it overwrites.")
        else:
            text, choices = self.tr("{} was moved or deleted"), [(self.tr("Save again"), self.save)]
            hint = self.tr("What you see here is all there.")
        self._messages.show_message("warning", text.format(path.name), hint, choices, tag=CHANGED)

    def _reload(self, edited: bool) -> None:
        if edited and not self._ask_give_up():
            return
        try:
            assert self._session.path is not None
            self.versions.keep("foreign")
            self._session.open(self._session.path)
        except StudioError as error:
            self._messages.show_error(error)

    def _follow(self) -> None:
        self._watch.follow(self._session.path)

    def _remember(self, path: Path) -> None:
        self.preferences.add_recent(path)
        self.recent_changed.emit()

    def _home(self) -> Path:
        """The folder that file dialogues start in."""
        path = self._session.path
        if path is not None:
            return path.parent
        recent = self.preferences.recent()
        return recent[0].parent if recent and recent[0].parent.is_dir() else Path.home()

    def _readable(self) -> str:
        pictures = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        drawings = self.tr("Drawings with a project inside")
        return f"{self._filter()};;{drawings} ({pictures})"

    def _filter(self) -> str:
        return self.tr("Neuroloom projects (*.loom);;All files (*)")
