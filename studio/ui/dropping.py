"""Takes what is dropped on the window or a part of it: a project, a picture with one inside, or data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from studio.interchange.pictures import is_picture
from studio.ui.copied import meant
from studio.ui.files import SUFFIX

KINDS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)
Taker = Callable[[Path], object]


class Drops(QObject):
    """Listens at several widgets; what is no file or folder stays theirs."""

    def __init__(self, opened: Taker, imported: Taker, parent: QObject) -> None:
        """`opened` gets projects and pictures that may hold one, `imported` every other file or folder."""
        super().__init__(parent)
        self._open, self._import = opened, imported

    def listen(self, *widgets: QWidget) -> None:
        """Take drops on these widgets too."""
        for widget in widgets:
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in KINDS or not isinstance(event, QDropEvent):
            return super().eventFilter(watched, event)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            # Later, so that a question does not block the program that the file was dragged from.
            QTimer.singleShot(0, self, partial(self._take, paths))
        return True

    def _take(self, paths: list[Path]) -> None:
        project = _project_in(paths)
        data = meant(paths)
        if project is not None:
            self._open(project)
        elif data is not None:
            self._import(data)


def _project_in(paths: list[Path]) -> Path | None:
    """The project file that was dropped, if there is one, else a single picture that may hold a project."""
    projects = [path for path in paths if path.suffix == SUFFIX]
    pictures = [path for path in paths if is_picture(path) and path.is_file()]
    return next(iter([*projects, *(pictures if len(paths) == 1 else [])]), None)
