"""Short questions and complaints of the monitor's panels, in windows that do not stop the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget

from studio.errors import StudioError


def complain(parent: QWidget, error: StudioError) -> None:
    """Say what could not be done, and what to do."""
    box = QMessageBox(QMessageBox.Icon.Warning, parent.window().windowTitle(), error.message, parent=parent)
    box.setInformativeText(error.hint)
    _show(box)


def confirm(parent: QWidget, question: str, details: str, action: str, then: Callable[[], object]) -> None:
    """Ask before something that cannot be undone; `action` is the button's word for doing it."""
    box = QMessageBox(QMessageBox.Icon.Question, parent.window().windowTitle(), question, parent=parent)
    box.setInformativeText(details)
    doing: QPushButton = box.addButton(action, QMessageBox.ButtonRole.DestructiveRole)
    doing.clicked.connect(then)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    _show(box)


def ask_save(parent: QWidget, title: str, name: str, kinds: str, then: Callable[[Path], object]) -> None:
    """Ask where to save a file."""
    dialog = QFileDialog(parent, title, name, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.open()


def ask_open(parent: QWidget, title: str, kinds: str, then: Callable[[list[Path]], object]) -> None:
    """Ask for files to read."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda paths: then([Path(path) for path in paths]))
    dialog.open()


def _show(box: QMessageBox) -> None:
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.open()
