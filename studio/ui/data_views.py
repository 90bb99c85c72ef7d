"""Leads what the data hold to the panels that show it, and says so while they are still being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.project.changes import Changes
from studio.project.project import Data
from studio.ui.checker import BackgroundChecker
from studio.ui.panels import Panels
from studio.ui.session import Session
from studio.ui.statusbar import StatusBar

if TYPE_CHECKING:
    from studio.data.describe import Description


class DataViews(QObject):
    """Follows the project's data source."""

    def __init__(
        self, session: Session, checker: BackgroundChecker, panels: Panels, status: StatusBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._checker, self._panels, self._status = session, checker, panels, status
        self._source = Data().source
        status.show_data(self._source, None)

    def follow(self, changes: Changes) -> None:
        """Where another source is chosen, its data are being read until their description arrives."""
        source = self._session.project.data.source
        if changes.data and source != self._source:
            self._source = source
            self._checker.describe_again()
            self._panels.data.expect()
            self._panels.samples.expect(source)
            self._status.show_data(source, None)

    def show(self, description: Description) -> None:
        """The data are read."""
        for view in (self._panels.inspector, self._panels.data):
            view.show_described(description)
        source = self._session.project.data.source
        self._panels.samples.show_data(source, self._session.folder, description)
        self._status.show_data(source, description.parts)
