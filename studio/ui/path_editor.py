"""The editor of a file or folder: a line and a button that opens the dialogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from studio.project.params import FilePath, Value
from studio.ui.field_editors import LineEditor


class PathEditor(LineEditor):
    """A path, relative to the project's folder where it lies inside."""

    def __init__(self, param: FilePath, folder: Callable[[], Path]) -> None:
        super().__init__(param)
        self._patterns = param.patterns
        self._folder = folder
        self._button = QPushButton("…")
        self._button.setProperty("compact", True)
        self._button.setAccessibleName(self.tr("Browse for {name}").format(name=param.name))
        self._button.setToolTip(self.tr("Choose in a dialogue"))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self._button)
        self.layout().addWidget(row)
        if self._patterns:
            self._button.clicked.connect(self._browse_file)
        else:
            self._button.setMenu(self._menu())

    def _show(self, value: Value, several: bool) -> None:
        super()._show(value, several)
        self.line.setPlaceholderText(self.tr("several") if several else self.tr("choose"))
        if not self.line.hasFocus():
            self.line.end(False)  # the end of a path tells more than its beginning

    def _menu(self) -> QMenu:
        menu = QMenu(self._button)
        menu.addAction(self.tr("A folder…"), self._browse_folder)
        menu.addAction(self.tr("A file…"), self._browse_file)
        return menu

    def _browse_file(self) -> None:
        self._open(QFileDialog.FileMode.ExistingFile, self.tr("Choose a file"))

    def _browse_folder(self) -> None:
        self._open(QFileDialog.FileMode.Directory, self.tr("Choose a folder"))

    def _open(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialogue = QFileDialog(self, title, str(self._start()))
        dialogue.setFileMode(mode)
        if self._patterns and mode is QFileDialog.FileMode.ExistingFile:
            fitting = self.tr("Fitting files ({patterns})").format(patterns=" ".join(self._patterns))
            dialogue.setNameFilters([fitting, self.tr("All files (*)")])
        dialogue.fileSelected.connect(self._take)
        dialogue.finished.connect(dialogue.deleteLater)
        dialogue.open()

    def _start(self) -> Path:
        folder = self._folder()
        given = folder / self.line.text()
        return given if given.is_dir() else given.parent if given.parent.is_dir() else folder

    def _take(self, chosen: str) -> None:
        folder, path = self._folder().resolve(), Path(chosen).resolve()
        inside = path.is_relative_to(folder)
        self._spun(path.relative_to(folder).as_posix() if inside else path.as_posix())
        self.finished.emit()
