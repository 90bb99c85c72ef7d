"""The list of the data's columns: kind, role and missing values change with one click, of several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from studio.project import field_edits
from studio.project.project import Data
from studio.ui.column_menus import kind_menu, missing_menu, odd_menu, role_menu
from studio.ui.column_model import BECOMES, KIND, MISSING, NAME, ROLE, ROW, WHY, ColumnModel
from studio.ui.column_words import kind_label, odd_label, role_label, way_label
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

MOST_ROWS = 12
WIDEST, SHARE = 220, 0.4
"""Of a column at most: in pixels, or of the table where that is more."""
"""Pixels that a column of the list may take; what is longer is told by its tip."""
Edit = Callable[[Data], Data]
Key = Qt.Key


class ColumnTable(QTreeView):
    """Tells every change as an edit of the data settings and the label of its undo step."""

    edited = Signal(object, str)
    picked = Signal()
    """Other columns are selected."""

    def __init__(self, *, narrow: bool = False, parent: QWidget | None = None) -> None:
        """`narrow` leaves out what has no room in a panel at the side."""
        super().__init__(parent)
        self._model = ColumnModel(self)
        self._narrow = narrow
        self._tokens = DARK
        self._pressed = QPersistentModelIndex()
        self.setModel(self._model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setItemDelegate(_Row(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(self.tr("Columns of the data"))
        self.setToolTip(self.tr("Click a kind or a role to change it; select several to change them at once"))
        self._shape_header()
        self.selectionModel().selectionChanged.connect(lambda *_: self.picked.emit())

    def show_facts(self, facts: tuple[ColumnFacts, ...], samples: int) -> None:
        """Show these columns."""
        self._model.show_facts(facts, samples)
        self.setColumnHidden(
            MISSING, self._narrow or not any(one.missing or one.odd != "error" for one in facts)
        )
        height = min(len(facts), MOST_ROWS) * ROW + self.header().sizeHint().height() + 6
        if self._narrow:
            self.setFixedHeight(height)
        else:
            self.setMaximumHeight(height)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._model.set_tokens(tokens)

    def selected(self) -> tuple[ColumnFacts, ...]:
        """The columns that are selected, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self._model.facts[row] for row in rows if row < len(self._model.facts))

    def menu_of(self, column: int) -> QMenu | None:
        """The menu that changes a cell of the selected columns."""
        facts = self.selected()
        if not facts:
            return None
        menus = {
            KIND: lambda: kind_menu(facts, self._tokens, self._take_kind, self),
            ROLE: lambda: role_menu(facts, self._take_role, self),
            MISSING: lambda: self._gaps_menu(facts),
        }
        return menus[column]() if column in menus else None

    def _gaps_menu(self, facts: tuple[ColumnFacts, ...]) -> QMenu:
        """Missing values, and those of another kind."""
        menu = missing_menu(facts, self._take_missing, self)
        menu.addSeparator()
        menu.addMenu(odd_menu(facts, self._take_odd, menu))
        return menu

    # ---- the widget's own events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What a column becomes has more room where the table is wide."""
        self.header().setMaximumSectionSize(max(WIDEST, round(SHARE * self.width())))
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        chooses = plain and index.isValid() and index.column() in (KIND, ROLE, MISSING)
        self._pressed = QPersistentModelIndex(index) if chooses else QPersistentModelIndex()
        if not chooses or not self.selectionModel().isRowSelected(index.row(), index.parent()):
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the menu only now: the list would wait for the button to be let go for ever."""
        super().mouseReleaseEvent(event)
        index, pressed = self.indexAt(event.position().toPoint()), self._pressed
        self._pressed = QPersistentModelIndex()
        if pressed.isValid() and (index.row(), index.column()) == (pressed.row(), pressed.column()):
            self._open(index.column(), self.visualRect(index).bottomLeft())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in (KIND, ROLE, MISSING):
            inner = self.menu_of(column)
            if inner is not None:
                menu.addMenu(inner)
        if not menu.isEmpty():
            menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = {Key.Key_Return: KIND, Key.Key_Enter: KIND, Key.Key_Space: KIND}
        letters = {Key.Key_K: KIND, Key.Key_R: ROLE, Key.Key_M: MISSING}
        column = (columns | letters).get(Key(event.key()))
        if column is None or event.modifiers() or not self.selected():
            super().keyPressEvent(event)
            return
        row = self.selectionModel().selectedRows()[-1].row()
        self._open(column, self.visualRect(self._model.index(row, KIND)).bottomLeft())

    def _open(self, column: int, at: QPoint) -> None:
        menu = self.menu_of(column)
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))

    # ---- what was chosen

    def _names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.selected())

    def _take_kind(self, kind: str) -> None:
        names = self._names()
        self.edited.emit(lambda data: field_edits.with_kind(data, names, kind), kind_label(names, kind))

    def _take_role(self, role: str) -> None:
        names = self._names()
        guessed = tuple(one.name for one in self._model.facts if one.guessed)
        self.edited.emit(
            lambda data: field_edits.with_role(data, names, role, guessed), role_label(names, role)
        )

    def _take_missing(self, way: str) -> None:
        names = self._names()
        self.edited.emit(lambda data: field_edits.with_missing(data, names, way), way_label(names))

    def _take_odd(self, way: str) -> None:
        names = self._names()
        self.edited.emit(lambda data: field_edits.with_odd(data, names, way), odd_label(names))

    def _shape_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(not self._narrow)
        for column in (NAME, KIND, ROLE, MISSING, BECOMES):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        if self._narrow:
            header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (BECOMES, WHY):
            self.setColumnHidden(column, self._narrow)


class _Row(QStyledItemDelegate):
    """Rows with some room above and below the text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW)
