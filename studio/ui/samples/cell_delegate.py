"""How a cell of the table is drawn: its text and no more, so that a scroll costs little at any size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import on_accent
from studio.ui.samples.models import SampleTable
from studio.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
MARGIN = 8
SELECTED = QStyle.StateFlag.State_Selected.value
MOST_WIDTHS = 4000


class CellDelegate(QStyledItemDelegate):
    """Asks the table once for each cell; the style would ask for ten things, most of which it has not."""

    def __init__(self, model: SampleTable) -> None:
        super().__init__()
        self._model = model
        self._widths: dict[str, int] = {}
        self._font: QFont | None = None
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._text, self._faint = QColor(tokens.text), QColor(tokens.secondary)
        self._accent, self._on_accent = QColor(tokens.accent), QColor(on_accent(tokens))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        column = index.column()
        text, faint = self._model.cell(index.row(), column)
        chosen = option.state.value & SELECTED
        if not text and not chosen:
            return
        left, top, width, height = option.rect.getRect()
        if chosen:
            painter.fillRect(left, top, width, height, self._accent)
            painter.setPen(self._on_accent)
        else:
            painter.setPen(self._faint if faint else self._text)
        text = text.replace("\n", " ")
        metrics, room = option.fontMetrics, width - 2 * MARGIN
        wide = self._width(text, option)
        if wide > room:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            wide = room
        to_the_right = self._model.is_number(column)
        start = left + width - MARGIN - wide if to_the_right else left + MARGIN
        # at a point, not within a rectangle: nothing has to be laid out
        painter.drawText(start, top + (height + metrics.ascent() - metrics.descent()) // 2, text)

    def _width(self, text: str, option: QStyleOptionViewItem) -> int:
        """How wide a text is; many cells have the same."""
        if self._font != option.font or len(self._widths) >= MOST_WIDTHS:
            self._font = QFont(option.font)
            self._widths.clear()
        known = self._widths.get(text)
        if known is None:
            known = self._widths[text] = option.fontMetrics.horizontalAdvance(text)
        return known
