"""The Samples panel: every sample of the data in a table or as pictures, filtered and ordered at will."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.card import Column, label
from studio.ui.count_bars import CountBars
from studio.ui.described import PartsBar, part_title
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.wording import grouped
from studio.ui.samples.bar import Bar
from studio.ui.samples.browser import Browser
from studio.ui.samples.deeds import Deeds
from studio.ui.samples.detail import DetailWindow
from studio.ui.samples.shown import Order, Shown, opened_anew, ordered
from studio.ui.theme import DARK, Tokens

COUNTS_WIDTH = 240


class DataView(QWidget):
    """Reads the samples in the background, once somebody looks."""

    fix_requested = Signal(object)
    """A Fix that excludes, relabels or weights samples."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samples")
        self._wanted: tuple[Data, Path] | None = None
        self._source: Setting | None = None
        self._shown: Shown | None = None
        self._problems: tuple[int, ...] = ()
        self._tokens = DARK
        self._detail: DetailWindow | None = None
        self._empty = Empty("", "")
        self._browser = Browser()
        self._deeds = Deeds(self._browser)
        self._bar = Bar(self._deeds.menu)
        self._summary, self._target = label("", "secondary", wrapped=True), QComboBox()
        self._bars, self._parts = CountBars(), PartsBar()
        self._target.setAccessibleName(self.tr("Field that is counted"))
        self._target.setToolTip(self.tr("Which field's classes or numbers are counted"))
        self._arrange()
        self._background = Background(self)
        self._wire()
        self._say_nothing()

    def expect(self, source: Setting) -> None:
        """The data of this source are being read."""
        self._wanted = self._shown = None
        if source.type == "None":
            self._say_nothing()
        else:
            self._say(self.tr("Reading the data …"), "")

    def show_data(self, data: Data, folder: Path) -> None:
        """Show the samples that these settings give; relative paths start from `folder`."""
        self._wanted = (data, folder)
        if self.isVisible():
            self._load()

    def show_only(self, rows: tuple[int, ...], what: str) -> None:
        """Show these samples, and say what they are."""
        self._bar.show_only(rows, what)

    def filter_by(self, text: str) -> None:
        """Show the samples that a filter lets through."""
        self._bar.filter_by(text)

    def set_problems(self, rows: tuple[int, ...]) -> None:
        """What the filter "problem" stands for."""
        self._problems = rows

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for part in (self._browser, self._bars, self._parts):
            part.set_tokens(tokens)
        if self._detail is not None:
            self._detail.set_tokens(tokens)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._load()

    # ---- making

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._bar)
        left.addWidget(self._browser, 1)
        self._counts = Column()
        self._counts.setFixedWidth(COUNTS_WIDTH)
        self._counts_title = label(self.tr("Counts"), "section")
        for widget in (self._summary, self._parts, self._counts_title, self._target, self._bars):
            self._counts.add(widget)
        full = QWidget()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(left, 1)
        row.addWidget(self._counts)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)

    def _wire(self) -> None:
        self._background.done.connect(self._show)
        self._background.failed.connect(self._fail)
        self._bar.asked.connect(self._ask)
        self._bar.random_wanted.connect(self._browser.go_anywhere)
        self._browser.column_pressed.connect(self._bar.order_by)
        self._browser.selection_changed.connect(self._show_count)
        self._browser.opened.connect(self._look_at)
        self._browser.pages.failed.connect(self._fail)
        self._deeds.edit_wanted.connect(self.fix_requested)
        self._deeds.detail_wanted.connect(lambda: self._look_at(self._browser.current()))
        self._target.currentTextChanged.connect(self._count)

    # ---- showing

    def _load(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        data, folder = wanted
        if data.source.type == "None":
            self._say_nothing()
            return
        if data.source != self._source:
            self._source = data.source
            self._shown = None
            self._bar.reset()
        if self._shown is None:
            self._say(self.tr("Reading the data …"), "")
        order = self._order()
        self._background.request(lambda: opened_anew(data, folder, order))

    def _order(self) -> Order:
        by, descending = self._bar.order
        return Order(self._bar.text, self._bar.among, self._problems, by, descending)

    def _ask(self) -> None:
        """List the same data in another way."""
        shown, order = self._shown, self._order()
        if shown is not None:
            self._background.request(lambda: ordered(shown, order))

    def _show(self, shown: Shown) -> None:
        known = self._shown is not None and self._shown.opened is shown.opened
        self._shown = shown
        if not known:
            self._show_summary(shown)
        self._bar.show_wrong(shown.wrong)
        self._browser.show_shown(shown)
        self._pages.setCurrentIndex(1)

    def _show_summary(self, shown: Shown) -> None:
        told = [f"{part_title(part)} {grouped(count)}" for part, count in shown.parts.items()]
        total = self.tr("{count} samples").format(
            count=grouped(sum(shown.parts.values()) or shown.opened.samples)
        )
        error = shown.opened.error
        self._summary.setText(error.message if error else " · ".join([total, *told]))
        self._parts.show_parts(shown.parts)
        self._bar.show_columns((*shown.sortable, "part", "key"))
        self._target.blockSignals(True)
        self._target.clear()
        self._target.addItems(list(shown.counts))
        self._target.blockSignals(False)
        self._target.setVisible(len(shown.counts) > 1)
        self._counts_title.setVisible(bool(shown.counts))
        self._bars.setVisible(bool(shown.counts))
        self._count(self._target.currentText())

    def _show_count(self) -> None:
        shown = self._shown
        if shown is not None and not shown.wrong:
            self._bar.show_count(len(shown.rows), shown.opened.samples, self._browser.count_chosen())

    def _look_at(self, place: int) -> None:
        """Open a sample of the list in detail."""
        pages = self._browser.pages
        if pages.opened is None or not 0 <= place < len(pages):
            return
        if self._detail is None:
            self._detail = DetailWindow(self)
            self._detail.set_tokens(self._tokens)
            self._detail.step_wanted.connect(lambda step: self._look_at(self._browser.current() + step))
        self._browser.go_to(place)
        self._detail.read(pages.opened, pages.row(place), place == 0, place == len(pages) - 1)
        self._detail.show()

    def _fail(self, error: Exception) -> None:
        self._shown = None
        if isinstance(error, StudioError):
            self._say(error.message, error.hint)
        else:
            self._say(self.tr("The data could not be shown"), str(error))

    def _say_nothing(self) -> None:
        self._shown = None
        text = self.tr("Samples appear here once a data source is chosen: Data panel, Source.")
        self._say(self.tr("No data yet"), text)

    def _say(self, heading: str, text: str) -> None:
        self._browser.clear()
        self._empty.say(heading, text)
        self._pages.setCurrentIndex(0)

    def _count(self, field: str) -> None:
        if self._shown is not None and field:
            self._bars.show_counts(self._shown.counts[field])
            self._counts_title.setText(self.tr("Samples by {field}").format(field=field))

    def sizeHint(self) -> QSize:
        return QSize(600, 260)
