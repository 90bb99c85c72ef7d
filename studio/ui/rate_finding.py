"""Opens the window that finds a learning rate, once nothing stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.ui.rate_window import RateWindow

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class RateFinding(QObject):
    """Answers the training form."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.panels.training.rate_wanted.connect(self.open)

    def open(self) -> None:
        """Find a rate for the project as it is now, or say why that cannot be."""
        window = self._window
        checked = window.session.checked
        if window.training.active:
            text = self.tr("A run is under way")
            window.messages.show_message(
                "info", text, self.tr("Find a rate before it, or when it has ended.")
            )
        elif not window.loading.is_ready or checked is None:
            window.tell(self.tr("The drawing is still being checked; try again in a moment."))
        elif checked.errors or not checked.plan.losses:
            window.commands.show_blocked(checked)
        else:
            RateWindow(window.session, window.appearance.tokens, window).open()
