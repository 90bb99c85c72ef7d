"""The list of samples, as a table or as a sheet of pictures, with its selection."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QWidget

from studio.project.project import SampleChanges
from studio.ui.samples.lines import Lines
from studio.ui.samples.models import OWN, PART, STATE, SampleSheet, SampleTable
from studio.ui.samples.pages import Pages
from studio.ui.samples.sheet import Sheet
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from numpy import ndarray

    from studio.data.browsing.opened import Opened
    from studio.ui.samples.shown import Shown

ROW, NARROW, WIDE = 22, 56, 220
PADDING = 20
"""Pixels of a cell beside its text."""
Flag = QItemSelectionModel.SelectionFlag


class Browser(QWidget):
    """A million samples, of which those in sight are known."""

    selection_changed = Signal()
    opened = Signal(int)
    """The place of a sample that is to be seen in detail."""
    column_pressed = Signal(str)
    menu_wanted = Signal(QPoint)
    """Where on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = Pages(self)
        self._table_model, self._sheet_model = SampleTable(self.pages), SampleSheet(self.pages)
        self._table, self._sheet = Lines(self._table_model), Sheet(self._sheet_model)
        self._widens = False
        self._set_up_table()
        self.pages.arrived.connect(self._widen_columns)
        self._stack = QStackedLayout(self)
        for view in (self._table, self._sheet):
            self._stack.addWidget(view)
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._want_menu)
            view.activated.connect(lambda index: self.opened.emit(self._place(index)))
        self._table.setAccessibleName(self.tr("Table of the samples"))
        self._sheet.setAccessibleName(self.tr("Pictures of the samples"))
        for view in (self._table, self._sheet):
            view.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())

    @property
    def view(self) -> QAbstractItemView:
        """The view that is in use."""
        return self._sheet if self._stack.currentWidget() is self._sheet else self._table

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._table.set_tokens(tokens)
        self._sheet.set_tokens(tokens)

    def clear(self) -> None:
        """List nothing."""
        self._list(None, None, (), frozenset())

    def show_shown(self, shown: Shown) -> None:
        """List these samples; the same list keeps its place and selection."""
        opened = shown.opened
        self._list(opened, shown.rows, shown.titles, shown.numbers)
        self._table.setColumnHidden(STATE, opened.data.changes == SampleChanges())
        self._table.setColumnHidden(PART, not shown.parts)
        self._stack.setCurrentWidget(self._sheet if shown.drawn else self._table)
        self._sheet.fit()
        self.selection_changed.emit()

    def _list(
        self, opened: Opened | None, rows: ndarray | None, titles: tuple[str, ...], numbers: frozenset[str]
    ) -> None:
        if self._same(rows) and titles == self._table_model.titles:
            self.pages.show_rows(opened, rows)
            for model in (self._table_model, self._sheet_model):
                model.refresh()
        else:
            self._table_model.begin(titles, numbers)
            self._sheet_model.begin()
            self.pages.show_rows(opened, rows)
            self._table_model.end()
            self._sheet_model.end()
            self._size_columns()

    def chosen(self) -> list[int]:
        """The rows of the source that are selected, in the order of the list."""
        return [self.pages.row(place) for place in sorted(self._places())]

    def count_chosen(self) -> int:
        """How many samples are selected."""
        selection: QItemSelection = self.view.selectionModel().selection()
        wide = self.view is self._sheet
        count = sum(part.height() * (part.width() if wide else 1) for part in selection)
        return min(count, len(self.pages))

    def current(self) -> int:
        """The place that the keyboard is at; -1 for none."""
        index = self.view.currentIndex()
        return self._place(index) if index.isValid() else -1

    def go_to(self, place: int) -> None:
        """Select a place and bring it into sight."""
        if not 0 <= place < len(self.pages):
            return
        sheet = self.view is self._sheet
        index = self._sheet_model.at(place) if sheet else self._table_model.index(place, 0)
        flags = Flag.ClearAndSelect if sheet else Flag.ClearAndSelect | Flag.Rows
        self.view.selectionModel().setCurrentIndex(index, flags)
        self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def go_anywhere(self) -> None:
        """Go to a sample drawn at random."""
        if len(self.pages):
            self.go_to(random.randrange(len(self.pages)))
            self.view.scrollTo(self.view.currentIndex(), QAbstractItemView.ScrollHint.PositionAtTop)

    def _set_up_table(self) -> None:
        table = self._table
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setProperty("mono", True)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        columns.setMinimumSectionSize(NARROW)
        columns.setSectionsClickable(True)
        columns.setHighlightSections(False)
        columns.sectionClicked.connect(self._press)

    def _size_columns(self) -> None:
        """As wide as the headings; what the values need is not known before they are read."""
        self._widens = True
        header = self._table.horizontalHeader()
        metrics = self._table.fontMetrics()
        for at in range(self._table_model.columnCount()):
            title = str(
                self._table_model.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
            )
            header.resizeSection(at, min(max(metrics.horizontalAdvance(title) + 28, 84), WIDE))
        digits = len(str(len(self.pages)))
        self._table.verticalHeader().setFixedWidth(metrics.horizontalAdvance("0" * (digits + 1)) + 18)

    def _widen_columns(self, first: int, last: int) -> None:
        """Once the first values of a list are there: wide enough for them, as far as that is not too wide."""
        if not self._widens:
            return
        self._widens = False
        self._table.ensurePolished()  # before it is seen, its font is another
        header, metrics = self._table.horizontalHeader(), self._table.fontMetrics()
        for at in range(self._table_model.columnCount()):
            texts = [str(self._table_model.index(row, at).data() or "") for row in range(first, last + 1)]
            needed = max((metrics.horizontalAdvance(text) for text in texts), default=0) + PADDING
            header.resizeSection(at, min(max(needed, header.sectionSize(at)), WIDE))

    def _same(self, rows: ndarray | None) -> bool:
        old = self.pages.rows
        if old is None or rows is None or len(old) != len(rows):
            return False
        return bool((old == rows).all())

    def _press(self, section: int) -> None:
        if section >= OWN:
            self.column_pressed.emit(self._table_model.titles[section - OWN])
        elif section == OWN - 1:
            self.column_pressed.emit("part")

    def _place(self, index: object) -> int:
        return self._sheet_model.place(index) if self.view is self._sheet else index.row()

    def _places(self) -> Iterator[int]:
        selection: QItemSelection = self.view.selectionModel().selection()
        across = self._sheet_model.across
        for part in selection:
            for line in range(part.top(), part.bottom() + 1):
                if self.view is not self._sheet:
                    yield line
                    continue
                last = min((line + 1) * across, len(self.pages))
                yield from range(line * across + part.left(), min(line * across + part.right() + 1, last))

    def _want_menu(self, at: QPoint) -> None:
        self.menu_wanted.emit(self.view.viewport().mapToGlobal(at))
