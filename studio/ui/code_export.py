"""Writes the network as a Python file, off the UI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.messages import Messages
from studio.ui.session import Session


class CodeExport(QObject):
    """Asks for a place and writes the code there."""

    def __init__(self, session: Session, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._messages, self._window = session, messages, window
        self._background = Background(self)
        self._background.done.connect(self._tell_done)
        self._background.failed.connect(self._tell_failed)

    def ask(self) -> None:
        """Choose a file and write the code, if the drawing has no errors."""
        checked = self._session.checked
        if checked is None or checked.errors:
            text = self.tr("There is no code yet: the drawing has errors, or is still being checked.")
            self._messages.show_message("warning", text, self.tr("The Problems panel lists them."))
            return
        at = self._session.folder / f"{checked.project.name}.py"
        title = self.tr("Export PyTorch code")
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(at), self.tr("Python files (*.py)"))
        if name:
            path = Path(name)
            self._background.request(lambda: _export(checked, path))

    def _tell_done(self, path: Path) -> None:
        self._messages.show_message("ok", self.tr("The code is in {}").format(path))

    def _tell_failed(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        self._messages.show_error(error)


def _export(checked: object, path: Path) -> Path:
    from studio.build.plan import Checked
    from studio.interchange.pytorch_source import export_pytorch

    assert isinstance(checked, Checked)
    export_pytorch(checked.project, checked.plan, path)
    return path
