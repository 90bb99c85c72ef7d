"""The samples as Qt models: a table with a line for each, and a sheet with several pictures in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from studio.ui.described import part_title
from studio.ui.samples.pages import Pages
from studio.ui.samples.wording import row_text, state_text

if TYPE_CHECKING:
    from studio.data.browsing.pages import Row

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
STATE, PART, OWN = 0, 1, 2
"""The first columns: what was changed, the part; then those of the data."""


class SampleTable(QAbstractTableModel):
    """A line for each sample."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self._pages = pages
        self._titles: tuple[str, ...] = ()
        self._to_the_right: frozenset[int] = frozenset()
        pages.arrived.connect(self._tell)

    def begin(self, titles: tuple[str, ...], numbers: frozenset[str]) -> None:
        """Another list of samples comes, with these columns, some of them numbers."""
        self.beginResetModel()
        self._titles = titles
        self._to_the_right = frozenset(OWN + at for at, name in enumerate(titles) if name in numbers)

    def end(self) -> None:
        """The list is there."""
        self.endResetModel()

    def refresh(self) -> None:
        """The same list, of which more or other things are known."""
        if len(self._pages):
            self._tell(0, len(self._pages) - 1)

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns of the data."""
        return self._titles

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._pages)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or not len(self._pages) else OWN + len(self._titles)

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        if role in (Role.DisplayRole, Role.ToolTipRole, Role.AccessibleTextRole):
            sample = self._pages.at(index.row())
            if role == Role.AccessibleTextRole:
                return self._spoken(sample, index.column())
            if sample is None:
                return "…" if role == Role.DisplayRole else None
            if role == Role.ToolTipRole:
                return row_text(sample)
            return self._text(sample, index.column())
        if role == Role.TextAlignmentRole:
            return self._alignment(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        if role == Role.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return self._alignment(section)
        if role != Role.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return f"{self._pages.row(section) + 1}" if section < len(self._pages) else None
        own = (self.tr("changed"), self.tr("part"))
        return own[section] if section < OWN else self._titles[section - OWN]

    def cell(self, place: int, column: int) -> tuple[str, bool]:
        """The text of a cell, and whether its sample is left out."""
        sample = self._pages.at(place)
        return ("…", True) if sample is None else (self._text(sample, column), sample.excluded)

    def is_number(self, column: int) -> bool:
        """Whether a column is written to the right."""
        return column in self._to_the_right

    def _alignment(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if self.is_number(column) else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _spoken(self, sample: Row | None, column: int) -> str:
        """A cell with the name of its column, for screen readers."""
        title = self.headerData(column, Qt.Orientation.Horizontal, Role.DisplayRole)
        text = self.tr("being read") if sample is None else self._text(sample, column)
        return f"{title}: {text or self.tr('nothing')}"

    def _text(self, sample: Row, column: int) -> str:
        if column == STATE:
            return state_text(sample)
        if column == PART:
            return part_title(sample.part)
        return sample.cells[column - OWN] if column - OWN < len(sample.cells) else ""

    def _tell(self, first: int, last: int) -> None:
        columns = self.columnCount()
        if columns and last < self.rowCount():
            self.dataChanged.emit(self.index(first, 0), self.index(last, columns - 1))


class SampleSheet(QAbstractTableModel):
    """Several samples in a line, each a picture or the outline of a sound; as wide as there is room."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self._pages = pages
        self._across = 1
        pages.arrived.connect(self._tell)

    @property
    def across(self) -> int:
        """How many samples are in a line."""
        return self._across

    def begin(self) -> None:
        """Another list of samples comes."""
        self.beginResetModel()

    def end(self) -> None:
        """The list is there."""
        self.endResetModel()

    def set_across(self, across: int) -> None:
        """Have so many samples in a line."""
        if across != self._across:
            self.beginResetModel()
            self._across = across
            self.endResetModel()

    def refresh(self) -> None:
        """The same list, of which more or other things are known."""
        if len(self._pages):
            self._tell(0, len(self._pages) - 1)

    def place(self, index: Index) -> int:
        """The place in the list that an index stands for; it may be after the last."""
        return index.row() * self._across + index.column()

    def at(self, place: int) -> QModelIndex:
        """The index of a place in the list."""
        return self.index(place // self._across, place % self._across)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else -(-len(self._pages) // self._across)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._across

    def flags(self, index: Index) -> Qt.ItemFlag:
        there = self.place(index) < len(self._pages)
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if there else Qt.ItemFlag.NoItemFlags

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(self._pages)

    def sample(self, place: int) -> Row | None:
        """The sample at a place; None until it was read."""
        return self._pages.at(place)

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        place = self.place(index)
        if role not in (Role.DisplayRole, Role.ToolTipRole, Role.AccessibleTextRole):
            return None
        sample = self._pages.at(place) if place < len(self._pages) else None
        if sample is None and role == Role.AccessibleTextRole:
            return self.tr("being read") if place < len(self._pages) else self.tr("no sample")
        if sample is None:
            return None
        return sample.label if role == Role.DisplayRole else row_text(sample)

    def _tell(self, first: int, last: int) -> None:
        if self.rowCount():
            top, bottom = first // self._across, min(last // self._across, self.rowCount() - 1)
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, self._across - 1))
