"""How a cell of the table is drawn: its text and no more, so that a scroll costs little at any size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import on_accent
from studio.ui.samples.models import SampleTable
from studio.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
MARGIN = 8
SELECTED = QStyle.StateFlag.State_Selected
MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
LEFT, RIGHT = MIDDLE | Qt.AlignmentFlag.AlignLeft, MIDDLE | Qt.AlignmentFlag.AlignRight


class CellDelegate(QStyledItemDelegate):
    """Asks the table once for each cell; the style would ask for ten things, most of which it has not."""

    def __init__(self, model: SampleTable) -> None:
        super().__init__()
        self._model = model
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._text, self._faint = QColor(tokens.text), QColor(tokens.secondary)
        self._accent, self._on_accent = QColor(tokens.accent), QColor(on_accent(tokens))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        column = index.column()
        text, faint = self._model.cell(index.row(), column)
        rect = option.rect
        if option.state & SELECTED:
            painter.fillRect(rect, self._accent)
            painter.setPen(self._on_accent)
        else:
            painter.setPen(self._faint if faint else self._text)
        if not text:
            return
        room = rect.width() - 2 * MARGIN
        metrics = option.fontMetrics
        if len(text) * metrics.averageCharWidth() > room:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        flags = RIGHT if self._model.is_number(column) else LEFT
        painter.drawText(rect.adjusted(MARGIN, 0, -MARGIN, 0), flags, text)
