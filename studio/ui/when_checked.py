"""Opens a window that computes with the project, as soon as nothing stands in its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.ui.window import MainWindow


class WhenChecked(QObject):
    """A drawing that is still being checked is waited for; one with errors is told, as a run under way is."""

    def __init__(self, window: MainWindow, show: Callable[[Checked], object], hint: str) -> None:
        """`show` opens the window for a check without errors; `hint` is what to do while a run is on."""
        super().__init__(window)
        self._window, self._show, self._hint = window, show, hint
        self._wanted = False
        window.loading.ready.connect(self._go_on)
        window.session.check_arrived.connect(self._go_on)

    def open(self) -> None:
        """Open it for the project as it is now, or say why that cannot be."""
        window = self._window
        if window.training.active:
            window.messages.show_message("info", self.tr("A run is under way"), self._hint)
            return
        self._wanted = True
        self._go_on()

    def _go_on(self) -> None:
        window = self._window
        checked = window.session.checked
        if not self._wanted or not window.loading.is_ready:
            return
        if checked is None or checked.project is not window.session.project:
            window.check_again()
            return
        self._wanted = False
        if checked.errors or not checked.plan.losses:
            window.commands.show_blocked(checked)
        elif not window.training.active:
            self._show(checked)
