"""The Samples panel: the data as pictures or as a table, and how many samples each class has."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.project.project import Setting
from studio.ui.background import Background
from studio.ui.card import Column, label, small_button
from studio.ui.count_bars import CountBars
from studio.ui.described import PartsBar, grouped, part_title
from studio.ui.monitor.empty import Empty
from studio.ui.preview_models import MOST_ROWS, PictureDelegate, Pictures, Rows
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.data.describe import Description
    from studio.ui.preview import Preview

PAGE = 60
COUNTS_WIDTH = 260


class DataView(QWidget):
    """Reads the samples in the background, once somebody looks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samples")
        self._wanted: tuple[Setting, Path] | None = None
        self._preview: Preview | None = None
        self._first = 0
        self._pictures, self._rows = Pictures(), Rows()
        self._delegate = PictureDelegate()
        self._empty = Empty("", "")
        self._summary, self._place = QLabel(), QLabel()
        self._target = QComboBox()
        self._bars, self._parts = CountBars(), PartsBar()
        self._make_views()
        self._make_buttons()
        self._arrange()
        self._background = Background(self)
        self._background.done.connect(self._show_preview)
        self._background.failed.connect(self._show_failure)
        self._say_nothing()

    def expect(self, source: Setting) -> None:
        """The data of this source are being read."""
        self._wanted = self._preview = None
        if source.type == "None":
            self._say_nothing()
        else:
            self._say(self.tr("Reading the data …"), "")

    def show_data(self, source: Setting, folder: Path, description: Description) -> None:
        """Show the samples of a source that was described; relative paths start from `folder`."""
        parts = description.parts
        told = [f"{part_title(part)} {grouped(count)}" for part, count in parts.items()]
        total = self.tr("{count} samples").format(count=grouped(description.samples))
        self._summary.setText(" · ".join([total, *told]))
        self._parts.show_parts(parts)
        self._wanted = (source, folder)
        if self.isVisible():
            self._load()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        for part in (self._delegate, self._bars, self._parts):
            part.set_tokens(tokens)
        self._grid.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._load()

    # ---- making

    def _make_views(self) -> None:
        self._grid = QListView()
        self._grid.setModel(self._pictures)
        self._grid.setItemDelegate(self._delegate)
        self._grid.setViewMode(QListView.ViewMode.IconMode)
        self._grid.setResizeMode(QListView.ResizeMode.Adjust)
        self._grid.setMovement(QListView.Movement.Static)
        self._grid.setUniformItemSizes(True)
        self._grid.setMouseTracking(True)
        self._grid.setSpacing(0)
        self._grid.setViewportMargins(4, 0, 0, 0)
        self._grid.setAccessibleName(self.tr("Pictures of the samples"))
        self._table = QTableView()
        self._table.setModel(self._rows)
        self._table.setAccessibleName(self.tr("Table of the samples"))
        self._table.setAlternatingRowColors(True)
        self._table.setShowGrid(False)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setProperty("mono", True)
        self._table.verticalHeader().setDefaultSectionSize(22)
        self._table.horizontalHeader().setMinimumSectionSize(64)
        self._table.horizontalHeader().setMaximumSectionSize(240)
        self._table.horizontalHeader().setResizeContentsPrecision(30)

    def _make_buttons(self) -> None:
        self._back = small_button("‹", self.tr("The samples before"))
        self._next = small_button("›", self.tr("The next samples"))
        self._random = small_button(self.tr("Random"), self.tr("Samples drawn at random"))
        self._back.clicked.connect(lambda: self._turn(self._first - PAGE))
        self._next.clicked.connect(lambda: self._turn(self._first + PAGE))
        self._random.clicked.connect(self._draw)
        self._target.setAccessibleName(self.tr("Field that is counted"))
        self._target.setToolTip(self.tr("Which field's classes or numbers are counted"))
        self._target.currentTextChanged.connect(self._count)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 8, 2)
        top.setSpacing(6)
        self._summary.setProperty("role", "secondary")
        self._place.setProperty("role", "small")
        top.addWidget(self._summary, 1)
        for widget in (self._place, self._back, self._next, self._random):
            top.addWidget(widget)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addLayout(top)
        left.addWidget(self._grid, 1)
        left.addWidget(self._table, 1)
        self._counts = Column()
        self._counts.setFixedWidth(COUNTS_WIDTH)
        self._counts_title = label(self.tr("Counts"), "section")
        for widget in (self._parts, self._counts_title, self._target, self._bars):
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

    # ---- showing

    def _load(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        source, folder = wanted
        if source.type == "None":
            self._say_nothing()
            return
        if self._preview is None:
            self._say(self.tr("Reading the data …"), "")
        self._background.request(lambda: _read(source, folder))

    def _show_preview(self, preview: Preview) -> None:
        self._preview = preview
        self._rows.show_preview(None if preview.pictures else preview)
        self._table.resizeColumnsToContents()
        self._grid.setVisible(bool(preview.pictures))
        self._table.setVisible(not preview.pictures)
        for button in (self._back, self._next, self._random):
            button.setVisible(bool(preview.pictures))
        self._target.blockSignals(True)
        self._target.clear()
        self._target.addItems(list(preview.counts))
        self._target.blockSignals(False)
        self._target.setVisible(len(preview.counts) > 1)
        self._counts.setVisible(bool(preview.counts))
        self._count(self._target.currentText())
        self._turn(0)
        self._pages.setCurrentIndex(1)

    def _show_failure(self, error: Exception) -> None:
        self._preview = None
        if isinstance(error, StudioError):
            self._say(error.message, error.hint)
        else:
            self._say(self.tr("The data could not be shown"), str(error))

    def _say_nothing(self) -> None:
        self._preview = None
        text = self.tr("Samples appear here once a data source is chosen: Data panel, Source.")
        self._say(self.tr("No data yet"), text)

    def _say(self, heading: str, text: str) -> None:
        self._empty.say(heading, text)
        self._pages.setCurrentIndex(0)

    def _turn(self, first: int) -> None:
        """Show a page of pictures, or the beginning of the table."""
        preview = self._preview
        assert preview is not None
        if not preview.pictures:
            shown = min(preview.samples, MOST_ROWS)
            self._place.setText(self.tr("first {count} rows").format(count=shown))
            return
        self._first = max(0, first)
        last = min(self._first + PAGE, preview.samples)
        self._pictures.show_rows(preview, preview.pictures[0], list(range(self._first, last)))
        self._grid.scrollToTop()
        self._place.setText(f"{grouped(self._first + 1)} – {grouped(last)}")
        self._back.setEnabled(self._first > 0)
        self._next.setEnabled(last < preview.samples)

    def _draw(self) -> None:
        preview = self._preview
        if preview is not None and preview.pictures:
            rows = random.sample(range(preview.samples), min(PAGE, preview.samples))
            self._pictures.show_rows(preview, preview.pictures[0], sorted(rows))
            self._place.setText(self.tr("at random"))

    def _count(self, field: str) -> None:
        if self._preview is not None and field:
            self._bars.show_counts(self._preview.counts[field])
            self._counts_title.setText(self.tr("Samples by {field}").format(field=field))

    def sizeHint(self) -> QSize:
        return QSize(600, 260)


def _read(source: Setting, folder: Path) -> Preview:
    from studio.ui.preview import load

    return load(source, folder)
