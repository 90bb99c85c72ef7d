"""The table of layers: a row for each node, a column for each statistic, and what stands out in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from studio.train.events import LayersMeasured
from studio.ui.contrast import readable
from studio.ui.monitor.layer_series import KEYS, Statistics, turn
from studio.ui.monitor.layer_words import Remark, meaning, title, value_text
from studio.ui.monitor.legend import number_font
from studio.ui.theme import DARK, Tokens

NODE, REMARK = 0, len(KEYS) + 1
SORT_ROLE = Qt.ItemDataRole.UserRole
NODE_WIDTH, NUMBER_WIDTH = 102, 74
AnyIndex = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_translate = QCoreApplication.translate


class LayerModel(QAbstractTableModel):
    """The latest statistics, in the order in which the network computes."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []
        self._layers: Mapping[str, Statistics] = {}
        self._remarks: dict[str, Remark] = {}
        self._tokens = DARK
        self._numbers = number_font()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._changed()

    def show(self, event: LayersMeasured | None, remarks: Sequence[Remark]) -> None:
        """Show these; rows stay the same as long as the nodes do."""
        self._layers = event.layers if event is not None else {}
        self._remarks = {one.path: one for one in reversed(remarks)}
        if list(self._layers) != self.paths:
            self.beginResetModel()
            self.paths = list(self._layers)
            self.endResetModel()
        else:
            self._changed()

    def rowCount(self, parent: AnyIndex = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.paths)

    def columnCount(self, parent: AnyIndex = _NOTHING) -> int:
        return 0 if parent.isValid() else len(KEYS) + 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        number = NODE < section < REMARK
        if role == Qt.ItemDataRole.DisplayRole:
            ends = {NODE: _translate("Layers", "Node"), REMARK: _translate("Layers", "What stands out")}
            return title(KEYS[section - 1]) if number else ends[section]
        if role == Qt.ItemDataRole.ToolTipRole and number:
            return meaning(KEYS[section - 1])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = 0) -> object:
        path, column = self.paths[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, SORT_ROLE, Qt.ItemDataRole.ToolTipRole):
            return self._content(path, column, role)
        number = NODE < column < REMARK
        if role == Qt.ItemDataRole.TextAlignmentRole and number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and number:
            return self._numbers
        if role == Qt.ItemDataRole.ForegroundRole and column in (NODE, REMARK) and path in self._remarks:
            return QColor(self._ink(self._remarks[path]))
        return None

    def _content(self, path: str, column: int, role: int) -> object:
        remark = self._remarks.get(path)
        if column == REMARK:
            text = remark.text if remark else ""
            return (not text, self.paths.index(path)) if role == SORT_ROLE else text
        if column == NODE:
            if role == Qt.ItemDataRole.ToolTipRole:
                return remark.text if remark else turn(path)
            told = f"! {turn(path)}" if remark else turn(path)
            return self.paths.index(path) if role == SORT_ROLE else told
        key = KEYS[column - 1]
        value = self._layers[path].get(key)
        if role == SORT_ROLE:
            return float("-inf") if value is None else float(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return meaning(key)
        return value_text(key, value) if value is not None else ""

    def _ink(self, remark: Remark) -> str:
        colour = self._tokens.error if remark.severity == "error" else self._tokens.warn
        return readable(colour, self._tokens.panel, self._tokens.text)

    def _changed(self) -> None:
        if self.paths:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.paths) - 1, REMARK))


class _Sorted(QSortFilterProxyModel):
    """Sorts numbers as numbers, and the column of remarks by whether there is one."""

    def lessThan(self, left: AnyIndex, right: AnyIndex) -> bool:
        model = self.sourceModel()
        return model.data(left, SORT_ROLE) < model.data(right, SORT_ROLE)


class LayerTable(QTreeView):
    """The nodes, sorted by a press on a heading; a third press brings back the order of the network."""

    def __init__(self) -> None:
        super().__init__()
        self._model, self._sorted = LayerModel(), _Sorted(self)
        self._sorted.setSourceModel(self._model)
        self.setModel(self._sorted)
        self.setRootIsDecorated(False)
        self.setStyleSheet("QTreeView::item { padding: 3px 5px; }")
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSortingEnabled(True)
        self.header().setSortIndicatorClearable(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setColumnWidth(NODE, NODE_WIDTH)
        for column in range(NODE + 1, REMARK):
            self.setColumnWidth(column, NUMBER_WIDTH)
        self.setAccessibleName(self.tr("Statistics of layers"))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._model.set_tokens(tokens)

    def show_layers(self, event: LayersMeasured | None, remarks: Sequence[Remark]) -> None:
        """Show these statistics; what is selected stays so."""
        chosen, before = self.selected, self._model.paths
        self._model.show(event, remarks)
        if before != self._model.paths:
            self.select(chosen)

    @property
    def paths(self) -> list[str]:
        """The nodes, from top to bottom."""
        return [self._path(row) for row in range(self._sorted.rowCount())]

    @property
    def selected(self) -> list[str]:
        """The selected nodes, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._path(row) for row in rows]

    def select(self, paths: Sequence[str]) -> None:
        """Select these nodes, and bring the first into sight."""
        model, flags = self.selectionModel(), QItemSelectionModel.SelectionFlag
        model.clearSelection()
        first = True
        for row in range(self._sorted.rowCount()):
            if self._path(row) in paths:
                index = self._sorted.index(row, 0)
                model.select(index, flags.Select | flags.Rows)
                if first:
                    model.setCurrentIndex(index, flags.NoUpdate)
                    self.scrollTo(index)
                first = False

    def _path(self, row: int) -> str:
        return self._model.paths[self._sorted.mapToSource(self._sorted.index(row, 0)).row()]
