"""Asks for a place and writes the drawing, or what is selected of it, there."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.ui.canvas.sheet import Sheet
from studio.ui.drawing_files import save_drawing

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class DrawingExport(QObject):
    """The graph that is looked at as SVG, PDF or PNG; the whole project is inside."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.panels.canvas.export_wanted.connect(self._ask_for_chosen)

    def ask(self) -> None:
        """Choose a file and write the whole drawing."""
        self._ask_for(())

    def ask_selection(self) -> None:
        """Choose a file and write the selected nodes, frames and notes, and the wires between them."""
        scene = self._window.panels.canvas.scene
        if scene.chosen or scene.chosen_marks:
            self._ask_for(scene.chosen, scene.chosen_marks)
        else:
            self._window.tell(self.tr("Nothing is selected."))

    def _ask_for_chosen(self) -> None:
        scene = self._window.panels.canvas.scene
        self._ask_for(scene.chosen, scene.chosen_marks)

    def _ask_for(self, names: Collection[str], marks: Collection[str] = ()) -> None:
        canvas = self._window.panels.canvas
        if not canvas.scene.nodes and not canvas.scene.marks.items:
            self._window.messages.show_message("info", self.tr("There is nothing to draw yet."))
            return
        some = bool(names or marks)
        path = self._chosen_path(self.tr("Export the selection") if some else self.tr("Export the drawing"))
        if path is None:
            return
        session = self._window.session
        project = rebase(session.project, session.folder, path.absolute().parent)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            save_drawing(Sheet(canvas.scene, names, marks), canvas.scene.look.ink, project, path)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        finally:
            QGuiApplication.restoreOverrideCursor()
        hint = self.tr("It holds the project too: drop it on this window to open that again.")
        self._window.messages.show_message("ok", self.tr("The drawing is in {}").format(path), hint)

    def _chosen_path(self, title: str) -> Path | None:
        """The file to write; Qt asks before an existing one is replaced."""
        session = self._window.session
        dialog = QFileDialog(self._window, title, str(session.folder))
        kinds = {
            self.tr("SVG drawing (*.svg)"): ".svg",
            self.tr("PDF document (*.pdf)"): ".pdf",
            self.tr("PNG picture (*.png)"): ".png",
        }

        def follow(chosen: str) -> None:
            dialog.setDefaultSuffix(kinds[chosen])
            typed = dialog.selectedFiles()
            if typed:
                dialog.selectFile(Path(typed[0]).with_suffix(kinds[chosen]).name)

        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(kinds))
        dialog.setDefaultSuffix(".svg")
        block = f"-{session.block}" if session.block else ""
        dialog.selectFile(re.sub(r'[\\/:*?"<>|]', "-", f"{session.project.name}{block}.svg"))
        dialog.filterSelected.connect(follow)
        chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
        dialog.deleteLater()
        return Path(dialog.selectedFiles()[0]) if chosen else None
