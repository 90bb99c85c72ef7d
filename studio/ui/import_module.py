"""How networks that others wrote come in: the menu's commands, and the project that opens then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from studio.ui.import_module_window import ImportModuleWindow
    from studio.ui.window import MainWindow


class ImportModule(QObject):
    """Opens the window that asks, and then the project that it wrote."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._open: ImportModuleWindow | None = None

    def ask_module(self) -> None:
        """Ask for a PyTorch module."""
        self._ask("path")

    def ask_onnx(self) -> None:
        """Ask for an ONNX file."""
        self._ask("onnx")

    def take_onnx(self, path: Path) -> None:
        """Ask what is to become of an ONNX file that was dropped."""
        self._ask("onnx")
        if self._open is not None:
            self._open.form.fill(str(path))

    def _ask(self, kind: str) -> None:
        if self._open is not None:
            self._open.raise_()
            return
        window = self._window
        from studio.ui.import_module_window import ImportModuleWindow

        asked = self._open = ImportModuleWindow(window.session.folder, kind, window.appearance.tokens, window)
        window.appearance.changed.connect(asked.set_tokens)
        asked.imported.connect(self._show)
        asked.finished.connect(self._forget)
        asked.open()

    def _forget(self) -> None:
        if self._open is not None:
            self._window.appearance.changed.disconnect(self._open.set_tokens)
            self._open.deleteLater()
            self._open = None

    def _show(self, path: Path) -> None:
        """The project in the place of the one that is open, if that may go."""
        if self._window.files.open(path):
            self._window.panels.canvas.fit()
