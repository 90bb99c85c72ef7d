"""The Plots panel: figures of the data, each made in the background when it is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QStackedLayout, QStackedWidget, QWidget

from studio.errors import StudioError
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.monitor.empty import Empty
from studio.ui.samples.figure_view import FigureView
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.browsing.figures import Figure, Offer
    from studio.data.browsing.opened import Opened

LIST_WIDTH = 230
MOST_KEPT = 30


class PlotsPanel(QWidget):
    """A list of figures, and the one that is chosen."""

    drawn = Signal(str)
    """The name of the figure that is seen now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots")
        self.setAccessibleName(self.tr("Plots of the data"))
        self._tokens = DARK
        self._wanted: tuple[Data, Path] | None = None
        self._opened: Opened | None = None
        self._offers: tuple[Offer, ...] = ()
        self._known: dict[str, Figure] = {}
        self._empty, self._failure = Empty("", ""), Empty("", "")
        self._names = QListWidget()
        self._names.setFixedWidth(LIST_WIDTH)
        self._names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._names.setAccessibleName(self.tr("Figures of the data"))
        self._names.setToolTip(self.tr("Choose what is drawn"))
        self._names.currentTextChanged.connect(self._choose)
        self._place = QStackedWidget()
        self._place.addWidget(self._failure)
        self._view: FigureView | None = None
        full = QWidget()
        row = QHBoxLayout(full)
        row.setContentsMargins(6, 4, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._names)
        row.addWidget(self._place, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        self._opening, self._making = Background(self), Background(self)
        self._opening.done.connect(self._show_offers)
        self._opening.failed.connect(self._fail)
        self._making.done.connect(self._take)
        self._making.failed.connect(self._fail_figure)
        self.expect(Setting("None"))

    def expect(self, source: Setting) -> None:
        """The data of this source are being read."""
        self._wanted = None
        if source.type == "None":
            text = self.tr(
                "Histograms, class balance, sizes, lengths, mean pictures and what goes with the target "
                "appear here once a data source is chosen: Data panel, Source."
            )
            self._say(self.tr("No data yet"), text)
        else:
            self._say(self.tr("Reading the data …"), "")

    def show_data(self, data: Data, folder: Path) -> None:
        """Draw what these settings give, once somebody looks."""
        self._wanted = (data, folder)
        if self.isVisible():
            self._load()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        if self._view is not None:
            self._view.set_tokens(tokens)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._load()

    def _load(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and wanted[0].source.type != "None":
            self._opening.request(lambda: _opened(*wanted))

    def _show_offers(self, answer: tuple[Opened, tuple[Offer, ...]]) -> None:
        self._opened, self._offers = answer
        self._known = {}
        chosen = self._names.currentItem().text() if self._names.currentItem() else ""
        names = [one.name for one in self._offers]
        self._names.blockSignals(True)
        self._names.clear()
        self._names.addItems(names)
        self._names.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self._names.blockSignals(False)
        self._pages.setCurrentIndex(1)
        if names:
            self._choose(self._names.currentItem().text())
        else:
            self._say(self.tr("Nothing to draw"), self.tr("No column of this data can be drawn."))

    def _choose(self, name: str) -> None:
        opened, offer = self._opened, next((one for one in self._offers if one.name == name), None)
        if opened is None or offer is None:
            return
        if name in self._known:
            self._draw(name, self._known[name])
        else:
            self._making.request(lambda: (opened, name, offer.make(opened)))

    def _take(self, answer: tuple[Opened, str, Figure]) -> None:
        opened, name, figure = answer
        if opened is not self._opened:
            return
        while len(self._known) >= MOST_KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[name] = figure
        item = self._names.currentItem()
        if item is not None and item.text() == name:
            self._draw(name, figure)

    def _draw(self, name: str, figure: Figure) -> None:
        if self._view is not None:
            self._place.removeWidget(self._view)
            self._view.deleteLater()
        self._view = FigureView(figure, self._tokens)
        self._place.addWidget(self._view)
        self._place.setCurrentWidget(self._view)
        self.drawn.emit(name)

    def _fail(self, error: Exception) -> None:
        self._say(*_words(error))

    def _fail_figure(self, error: Exception) -> None:
        self._failure.say(*_words(error))
        self._place.setCurrentWidget(self._failure)

    def _say(self, heading: str, text: str) -> None:
        self._empty.say(heading, text)
        self._pages.setCurrentIndex(0)

    def sizeHint(self) -> QSize:
        return QSize(600, 260)


def _words(error: Exception) -> tuple[str, str]:
    return (
        (error.message, error.hint) if isinstance(error, StudioError) else (type(error).__name__, str(error))
    )


def _opened(data: Data, folder: Path) -> tuple[Opened, tuple[Offer, ...]]:
    from studio.data.browsing.figures import offers
    from studio.data.browsing.opened import open_data

    opened = open_data(data, folder)
    return opened, offers(opened)
