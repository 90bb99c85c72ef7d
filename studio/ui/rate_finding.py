"""Opens the window that finds a learning rate, as soon as nothing stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.ui.rate_window import RateWindow

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class RateFinding(QObject):
    """Answers the training form. A drawing that is still being checked is waited for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._wanted = False
        window.panels.training.rate_wanted.connect(self.open)
        window.loading.ready.connect(self._go_on)
        window.session.check_arrived.connect(self._go_on)

    def open(self) -> None:
        """Find a rate for the project as it is now, or say why that cannot be."""
        window = self._window
        if window.training.active:
            text = self.tr("A run is under way")
            window.messages.show_message(
                "info", text, self.tr("Find a rate before it, or when it has ended.")
            )
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
            RateWindow(window.session, window.appearance.tokens, window).open()
