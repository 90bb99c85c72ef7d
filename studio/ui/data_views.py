"""Leads what the data hold to the panels that show it, and says so while they are still being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.errors import Fix
from studio.project.changes import Changes
from studio.project.project import Data
from studio.ui.checker import BackgroundChecker
from studio.ui.panels import Panels
from studio.ui.session import Session
from studio.ui.statusbar import StatusBar

if TYPE_CHECKING:
    from studio.data.describe import Description
    from studio.ui.window import MainWindow


class DataViews(QObject):
    """Follows the project's data source."""

    def __init__(
        self,
        session: Session,
        checker: BackgroundChecker,
        panels: Panels,
        status: StatusBar,
        parent: MainWindow,
    ) -> None:
        super().__init__(parent)
        self._session, self._checker, self._panels, self._status = session, checker, panels, status
        self._looking = (panels.samples, panels.checks, panels.plots)
        self._reveal = parent.docks.reveal
        self._source = Data().source
        self._told = False
        for panel in (panels.samples, panels.checks):
            panel.fix_requested.connect(self._apply)
        panels.checks.show_requested.connect(self._show_only)
        panels.checks.filter_requested.connect(self._filter)
        panels.checks.found.connect(panels.samples.set_problems)
        status.show_data(self._source, None)

    def follow(self, changes: Changes) -> None:
        """Where another source is chosen, its data are being read until their description arrives."""
        source = self._session.project.data.source
        if changes.data and source != self._source:
            self._source = source
            self._told = False
            self._checker.describe_again()
            self._panels.data.expect()
            self._panels.training.show_samples(0)
            for view in self._looking:
                view.expect(source)
            self._status.show_data(source, None)
        elif changes.data and self._told:
            self._look()

    def show(self, description: Description) -> None:
        """The data are read."""
        for view in (self._panels.inspector, self._panels.data):
            view.show_described(description)
        source = self._session.project.data.source
        self._told = True
        self._look()
        self._panels.training.show_samples(description.parts.get("train", 0))
        self._status.show_data(source, description.parts)

    def _look(self) -> None:
        """Have the samples listed, and looked over, as the settings are now."""
        for view in self._looking:
            view.show_data(self._session.project.data, self._session.folder)

    def _apply(self, fix: Fix) -> None:
        """Change the data settings as one undo step."""
        self._session.commit(fix.edit(self._session.project), fix.label)

    def _show_only(self, rows: tuple[int, ...], what: str) -> None:
        self._panels.samples.show_only(rows, what)
        self._reveal("samples")

    def _filter(self, text: str) -> None:
        self._panels.samples.filter_by(text)
        self._reveal("samples")
