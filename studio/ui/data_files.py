"""The Data menu: takes a file or a built-in set as the project's data, as one undo step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.catalog.paths import relative_path
from studio.catalog.registry import registry
from studio.project.edits import set_source
from studio.project.params import Choice, Value
from studio.project.project import Setting
from studio.ui.session import Session


class DataFiles(QObject):
    """Asks for data and puts it into the project."""

    def __init__(self, session: Session, taken: Callable[[], None], window: QWidget) -> None:
        super().__init__(window)
        self._session, self._taken, self._window = session, taken, window

    def built_in(self) -> tuple[str, ...]:
        """The names of the built-in sets."""
        source = registry().component("source", "ScikitLearn")
        params = source.params if source else ()
        return next((param.options for param in params if isinstance(param, Choice)), ())

    def take_built_in(self, name: str) -> None:
        """Take a set that ships with scikit-learn."""
        self._take("ScikitLearn", dataset=name)

    def ask_csv(self) -> None:
        """Choose a table."""
        self._ask_file("CSV", self.tr("Tables (*.csv *.tsv *.txt);;All files (*)"))

    def ask_arrays(self) -> None:
        """Choose arrays."""
        self._ask_file("Arrays", self.tr("NumPy arrays (*.npz *.npy);;All files (*)"))

    def ask_idx(self) -> None:
        """Choose a folder of IDX files."""
        folder = str(self._session.folder)
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Choose the folder"), folder)
        if name:
            self._take("IDX", folder=relative_path(Path(name), self._session.folder))

    def _ask_file(self, source: str, kinds: str) -> None:
        folder = str(self._session.folder)
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Choose the data"), folder, kinds)
        if name:
            self._take(source, path=relative_path(Path(name), self._session.folder))

    def _take(self, source: str, **params: Value) -> None:
        project = set_source(self._session.project, Setting(source, params))
        self._session.commit(project, self.tr("Choose data"))
        self._taken()
