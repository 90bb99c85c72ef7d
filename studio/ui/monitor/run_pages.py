"""The table of runs, or a word on why there is nothing in it."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from studio.ui.monitor.empty import Empty
from studio.ui.monitor.runs_table import RunTable


class RunPages(QStackedWidget):
    """What is shown of the runs: no runs yet, the table, or that a filter hides them all."""

    def __init__(self, view: RunTable) -> None:
        super().__init__()
        self._view, self._words = view, ""
        self._none = Empty(
            self.tr("No runs yet"),
            self.tr("Every training is kept here, with its project, curves and weights. Press Train."),
        )
        self._hidden = Empty(
            self.tr("No run found"),
            self.tr("None has all these words in its name, status, note or values. Clear the filter."),
        )
        for page in (self._none, view, self._hidden):
            self.addWidget(page)

    def refresh(self) -> None:
        """The table holds other runs now."""
        hidden = bool(self._words) and not self._view.shown
        self.setCurrentWidget(self._none if not self._view.count else self._hidden if hidden else self._view)

    def search(self, text: str) -> None:
        """Show the runs that hold all these words."""
        self._words = text.strip()
        self._view.search(text)
        self.refresh()

    def fail(self, error: Exception) -> None:
        """A folder that cannot be read is told in the panel itself: it is asked again every few seconds."""
        self._none.say(self.tr("The runs cannot be read"), str(error))
        self.setCurrentWidget(self._none)
