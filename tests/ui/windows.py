"""What tests of the whole window share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QWidget

from studio.places import shipped
from studio.ui.window import MainWindow

LONG = 60_000
"""Milliseconds: loading torch on a machine that does much else."""
OpenWindow = Callable[..., MainWindow]


def sample(name: str) -> Path:
    """The path of a shipped sample."""
    return shipped("samples") / f"{name}.loom"


def find(parent: QObject, kind: type, name: str) -> QWidget:
    """The widget of a kind whose accessible name is `name`."""
    found = [one for one in parent.findChildren(kind) if one.accessibleName() == name]
    assert len(found) == 1, [one.accessibleName() for one in parent.findChildren(kind)]
    return found[0]


def when_modal(act: Callable[[QDialog], None]) -> None:
    """Do something with the next modal dialogue, as soon as it is there."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible():
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def choose_file(path: Path) -> None:
    """Type a path into the next file dialogue and accept it."""

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert line is not None
        line.setText(str(path))
        dialog.accept()

    when_modal(act)
