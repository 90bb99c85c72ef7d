"""Opens the window in which the network leaves, once the drawing is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class Exports(QObject):
    """The command File > Export."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def ask(self, form: str = "") -> None:
        """Open the window, on a form if one is named; what keeps it closed is told."""
        session, messages = self._window.session, self._window.messages
        checked = session.checked
        if checked is None or checked.project is not session.project:
            messages.show_message("info", self.tr("The drawing is still being checked. Try again at once."))
        elif checked.errors:
            text = self.tr("A drawing with errors can leave only as a picture: {problem}")
            hint = self.tr("The Problems panel lists what to mend; File > Export drawing writes the picture.")
            messages.show_message("warning", text.format(problem=checked.errors[0].message), hint)
        elif not checked.plan.results:
            text = self.tr("There is nothing to export yet.")
            hint = self.tr("Draw a network that ends in an Output or a loss, or open a sample.")
            messages.show_message("info", text, hint)
        else:
            from studio.ui.export_window import ExportWindow

            dialog = ExportWindow(session, checked, self._window.appearance.tokens, self._window)
            if form:
                dialog.page.choose(form)
            dialog.open()
