"""How data come into the project: dropped, pasted, chosen in the menu; each taken as one undo step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.interchange.refused import INSTEAD, REFUSED
from studio.project.edits import set_source
from studio.project.params import Choice
from studio.project.project import Data, Project, Setting
from studio.ui.copied import copied_path
from studio.ui.files import SUFFIX
from studio.ui.import_look import taken

if TYPE_CHECKING:
    from studio.ui.import_window import ImportWindow
    from studio.ui.window import MainWindow


class Importing(QObject):
    """Opens the import window, and puts what is taken into the project."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._open: ImportWindow | None = None
        window.panels.canvas.editor.file_pasted.connect(self.look_at)

    def ask(self) -> None:
        """Open the window with nothing chosen yet."""
        self._dialog()

    def look_at(self, what: str | Path) -> None:
        """Open the window on a file, a folder, or a text that names one; a project is opened as such."""
        kind = what.suffix.lower() if isinstance(what, Path) else ""
        if isinstance(what, Path) and kind == SUFFIX:
            self._window.files.open(what)
        elif isinstance(what, Path) and kind == ".onnx":
            self._window.commands.networks.take_onnx(what)
        elif kind == ".pt2":
            self._window.messages.show_error(StudioError(f"{what}: {REFUSED}", INSTEAD))
        else:
            self._dialog().look_at(what)

    def paste(self) -> None:
        """Open the window on what the clipboard names."""
        clipboard = QGuiApplication.clipboard()
        what = copied_path(clipboard.mimeData()) or clipboard.text().strip()
        if what:
            self.look_at(what)
        else:
            self._window.tell(self.tr("Nothing is copied. Copy a file, a path, or the name of a data set."))

    def built_in(self) -> tuple[str, ...]:
        """The names of the built-in sets."""
        source = registry().component("source", "ScikitLearn")
        params = source.params if source else ()
        return next((param.options for param in params if isinstance(param, Choice)), ())

    def take_built_in(self, name: str) -> None:
        """Take a set that ships with scikit-learn."""
        session = self._window.session
        project = set_source(session.project, Setting("ScikitLearn", {"dataset": name}))
        session.commit(project, self.tr("Choose data"))
        self._window.docks.reveal("data")

    def _dialog(self) -> ImportWindow:
        if self._open is None:
            window = self._window
            from studio.ui.import_window import ImportWindow

            self._open = ImportWindow(window.session, registry(), window.appearance.tokens, window)
            self._open.taken.connect(self._take)
            self._open.finished.connect(self._forget)
            window.appearance.changed.connect(self._open.set_tokens)
            window.drops.listen(self._open)
            self._open.open()
        return self._open

    def _forget(self) -> None:
        self._open = None

    def _take(self, data: Data, network: Project | None) -> None:
        """The data, and a network where one is wanted, as one step."""
        window, session = self._window, self._window.session
        if network is not None:
            session.look(())
        text = self.tr("Import data and draw a network") if network else self.tr("Import data")
        session.commit(network or taken(session.project, data), text)
        window.docks.reveal("data")
        if network is not None:
            window.panels.canvas.fit()
            window.tell(self.tr("The data and a first network are there: press Train."))
