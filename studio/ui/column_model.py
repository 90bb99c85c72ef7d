"""The columns of the data as a Qt model: name, kind, role, missing values, what each becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QIcon

from studio.ui.column_words import becomes, evidence, kind_word, missing_text, odd_word, role_word, way_word
from studio.ui.icons import icon, on_accent, picture
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

Index = QModelIndex | QPersistentModelIndex
NAME, KIND, ROLE, MISSING, BECOMES, WHY = range(6)
ROW = 24
Roles = Qt.ItemDataRole


class ColumnModel(QAbstractTableModel):
    """A row for each column of the data."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.facts: tuple[ColumnFacts, ...] = ()
        self._samples = 0
        self._tokens = DARK
        self._titles = (
            self.tr("Column"),
            self.tr("Kind"),
            self.tr("Role"),
            self.tr("Missing"),
            self.tr("Becomes"),
            self.tr("Because"),
        )

    def show_facts(self, facts: tuple[ColumnFacts, ...], samples: int) -> None:
        """Show these columns; where they are the same ones, what is selected stays."""
        same = [one.name for one in facts] == [one.name for one in self.facts]
        if not same:
            self.beginResetModel()
        self.facts, self._samples = facts, samples
        if not same:
            self.endResetModel()
        elif facts:
            self.dataChanged.emit(self.index(0, 0), self.index(len(facts) - 1, WHY))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        if self.facts:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.facts) - 1, WHY))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.facts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        if role == Roles.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None

    def data(self, index: Index, role: int = Roles.DisplayRole) -> Any:  # noqa: ANN401
        one = self.facts[index.row()]
        match role:
            case Roles.DisplayRole:
                return self._text(one, index.column())
            case Roles.ToolTipRole:
                return self._tip(one, index.column())
            case Roles.AccessibleTextRole:
                text = self._spoken(one) if index.column() == NAME else self._text(one, index.column())
                return text or self.tr("none missing")
            case Roles.DecorationRole:
                return self._icon(one) if index.column() == KIND else None
            case Roles.ForegroundRole:
                return self._colour(one, index.column())
            case Roles.FontRole:
                return _font(one, index.column())
            case _:
                return None

    def _text(self, one: ColumnFacts, column: int) -> str:
        match column:
            case 0:
                return one.name
            case 1:
                return f"{kind_word(one.kind)} ▾"
            case 2:
                return f"{role_word(one.role)} ▾"
            case 3:
                return self._gaps(one)
            case 4:
                return becomes(one)
            case _:
                return one.evidence

    def _gaps(self, one: ColumnFacts) -> str:
        """What is missing or odd, and what is done about it."""
        told = [f"{missing_text(one, self._samples)} · {way_word(one.policy)} ▾"] if one.missing else []
        if one.odd != "error":
            told.append(self.tr("odd: {way} ▾").format(way=odd_word(one.odd)))
        return ", ".join(told)

    def _tip(self, one: ColumnFacts, column: int) -> str:
        if column == BECOMES and one.field is not None and one.field.classes:
            shown = ", ".join(one.field.classes[:30])
            return f"{becomes(one)}\n{shown}"
        return f"{one.name}\n{evidence(one)}"

    def _spoken(self, one: ColumnFacts) -> str:
        told = [one.name, kind_word(one.kind), role_word(one.role)]
        if one.missing:
            told.append(self.tr("{count} missing").format(count=missing_text(one, self._samples)))
        return ", ".join(told)

    def _icon(self, one: ColumnFacts) -> QIcon:
        found = icon(f"kind-{one.kind}", self._tokens.secondary, self._tokens.faint)
        found.addPixmap(picture(f"kind-{one.kind}", on_accent(self._tokens)), QIcon.Mode.Selected)
        return found

    def _colour(self, one: ColumnFacts, column: int) -> QColor:
        if column == MISSING and one.missing:
            return QColor(self._tokens.warn)
        if one.role == "target" and column == ROLE:
            return QColor(self._tokens.accent)
        faded = one.role == "ignore" or column == WHY
        return QColor(self._tokens.secondary if faded else self._tokens.text)


def _font(one: ColumnFacts, column: int) -> QFont | None:
    """The target stands out by its weight too."""
    if one.role != "target" or column not in (NAME, ROLE):
        return None
    font = QFont()
    font.setBold(True)
    return font
