"""Writes the code of a drawing as a Python file, off the UI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.code_texts import TITLES, Choice, save
from studio.ui.messages import Messages
from studio.ui.session import Session

NETWORK = Choice()


class CodeExport(QObject):
    """Asks for a place and writes the code there."""

    def __init__(self, session: Session, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._messages, self._window = session, messages, window
        self._background = Background(self)
        self._background.done.connect(self._tell_done)
        self._background.failed.connect(self._tell_failed)

    def ask(self, choice: Choice = NETWORK) -> None:
        """Choose a file and write the code, if the drawing has no errors."""
        checked, folder = self._session.checked, self._session.folder
        if checked is None or checked.errors:
            text = self.tr("There is no code yet: the drawing has errors, or is still being checked.")
            self._messages.show_message("warning", text, self.tr("The Problems panel lists them."))
            return
        at = folder / f"{checked.project.name}{choice.suffix}.py"
        title = self.tr("Export {framework} code").format(framework=TITLES[choice.framework])
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(at), self.tr("Python files (*.py)"))
        if name:
            path = Path(name)
            self._background.request(lambda: save(checked, choice, path, folder))

    def _tell_done(self, paths: tuple[Path, ...]) -> None:
        beside = ", ".join(one.name for one in paths[1:])
        hint = self.tr("It reads {}, which lies beside it.").format(beside) if beside else ""
        self._messages.show_message("ok", self.tr("The code is in {}").format(paths[0]), hint)

    def _tell_failed(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        self._messages.show_error(error)
