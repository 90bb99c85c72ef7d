"""The preview of data that are to be taken: cards of pictures and sounds, or the first rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from studio.ui.monitor.empty import Empty
from studio.ui.shown_value import Shown
from studio.ui.theme import DARK, Tokens
from studio.ui.value_view import ValueView

ACROSS, SIDE = 5, 84
WIDEST, ROOM = 260, 1000
"""Pixels that a column may take among many, and that few may share."""


class ImportPreview(QStackedWidget):
    """Shows a few samples, or says why there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK
        self._empty = Empty("", "")
        self._cards = QWidget()
        self._grid = QGridLayout(self._cards)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self._views: list[ValueView] = []
        self._table = QTableWidget()
        self._table.setAccessibleName(self.tr("Rows of the data"))
        self._table.setToolTip(self.tr("Rows from all over the data, as they stand there"))
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        self._table.setAlternatingRowColors(True)
        self._table.setProperty("mono", True)
        self._table.verticalHeader().setDefaultSectionSize(22)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._cards)
        for page in (self._empty, scroll, self._table):
            self.addWidget(page)

    @property
    def views(self) -> Sequence[ValueView]:
        """The cards that are shown."""
        return self._views if self.currentIndex() == 1 else ()

    def say(self, heading: str, text: str) -> None:
        """Show words in place of samples."""
        self._empty.say(heading, text)
        self.setCurrentIndex(0)

    def show_cards(self, cards: Sequence[tuple[Shown, str]]) -> None:
        """Show pictures or sounds."""
        for view in self._views:
            view.hide()
            view.deleteLater()
        self._views = []
        for at, (shown, caption) in enumerate(cards):
            view = ValueView(SIDE)
            view.set_tokens(self._tokens)
            view.show_value(shown, caption)
            self._grid.addWidget(view, at // ACROSS, at % ACROSS)
            self._views.append(view)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self.setCurrentIndex(1)

    def show_rows(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show rows of texts, each after its number."""
        self._table.clear()
        self._table.setColumnCount(len(titles))
        self._table.setRowCount(len(rows))
        self._table.setHorizontalHeaderLabels(list(titles))
        self._table.setVerticalHeaderLabels([number for number, *_ in rows])
        for row, (_, *texts) in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, text or self.tr("missing"))
                self._table.setItem(row, column, item)
        widest = max(WIDEST, ROOM // max(1, len(titles)))
        self._table.horizontalHeader().setMaximumSectionSize(widest)
        self._table.resizeColumnsToContents()
        self.setCurrentIndex(2)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for view in self._views:
            view.set_tokens(tokens)
