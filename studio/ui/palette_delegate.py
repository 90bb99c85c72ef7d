"""How the palette draws a family's heading and a layer's row."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.theme import FIELD_RADIUS, SECONDARY_PX, Tokens, family_colour

TYPE = Qt.ItemDataRole.UserRole
FAMILY = Qt.ItemDataRole.UserRole + 1
WRONG = Qt.ItemDataRole.UserRole + 2
"""Why a row cannot be placed; empty where it can."""
HINT = Qt.ItemDataRole.UserRole + 3
"""A row that only says what will be there."""
Index = QModelIndex | QPersistentModelIndex


class PaletteDelegate(QStyledItemDelegate):
    """Headings with a small arrow, layers with a square in the family's colour."""

    def __init__(self, tokens: Tokens, view: QWidget) -> None:
        super().__init__(view)
        self.tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 34 if index.data(HINT) else 25 if index.data(TYPE) else 26)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        if index.data(TYPE):
            self._layer(painter, option, index)
        elif index.data(HINT):
            self._hint(painter, option, index)
        else:
            self._family(painter, option, index)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        edge = self.tokens.accent if focused else self.tokens.faint if selected else self.tokens.field
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QColor(edge))
            painter.setBrush(QColor(self.tokens.field))
            painter.drawRoundedRect(
                QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), FIELD_RADIUS, FIELD_RADIUS
            )

    def _family(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect)
        opened = bool(option.state & QStyle.StateFlag.State_Open)
        centre = QPointF(rect.left() + 4, rect.center().y() + 0.5)
        down = [QPointF(-3.5, -2), QPointF(3.5, -2), QPointF(0, 3)]
        right = [QPointF(-2, -3.5), QPointF(-2, 3.5), QPointF(3, 0)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.tokens.secondary))
        painter.drawPolygon(QPolygonF([centre + corner for corner in (down if opened else right)]))
        font = option.font
        font.setPixelSize(SECONDARY_PX)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.secondary))
        painter.drawText(rect.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))

    def _hint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        font = option.font
        font.setPixelSize(SECONDARY_PX)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.secondary))
        place = QRectF(option.rect).adjusted(12, 0, -4, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(place, flags, str(index.data()))

    def _layer(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect)
        mark = QRectF(rect.left() + 8, rect.center().y() - 4.5, 9, 9)
        painter.setPen(Qt.PenStyle.NoPen)
        if index.data(WRONG):
            # A sign, not a colour alone: a row that cannot be placed.
            painter.setPen(QColor(self.tokens.error))
            painter.drawText(mark.adjusted(-3, -3, 3, 3), Qt.AlignmentFlag.AlignCenter, "!")
        else:
            painter.setBrush(QColor(family_colour(str(index.data(FAMILY)))))
            painter.drawRoundedRect(mark, 3, 3)
        painter.setPen(QColor(self.tokens.secondary if index.data(WRONG) else self.tokens.text))
        painter.setFont(option.font)
        place = rect.adjusted(26, 0, -4, 0)
        text = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
