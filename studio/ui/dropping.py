"""Opens a project file, or a picture with a project inside, that is dropped on the window or a part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from studio.interchange.pictures import is_picture
from studio.ui.files import SUFFIX

KINDS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class ProjectDrops(QObject):
    """Listens at several widgets; what is no project file stays theirs."""

    def __init__(self, opened: Callable[[Path], object], parent: QObject) -> None:
        super().__init__(parent)
        self._open = opened

    def listen(self, *widgets: QWidget) -> None:
        """Take drops on these widgets too."""
        for widget in widgets:
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in KINDS or not isinstance(event, QDropEvent):
            return super().eventFilter(watched, event)
        path = _project_in(event)
        if path is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            # Later, so that a question does not block the program that the file was dragged from.
            QTimer.singleShot(0, self, lambda: self._open(path))
        return True


def _project_in(event: QDropEvent) -> Path | None:
    """The project file that is dragged, if there is one, else a picture that may hold a project."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    projects = [path for path in paths if path.suffix == SUFFIX]
    return next(iter([*projects, *filter(is_picture, paths)]), None)
