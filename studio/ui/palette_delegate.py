"""How the palette draws a family's heading and a layer's row."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.theme import FIELD_RADIUS, SECONDARY_PX, Tokens, family_colour

TYPE = Qt.ItemDataRole.UserRole
FAMILY = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class PaletteDelegate(QStyledItemDelegate):
    """Headings with a small arrow, layers with a square in the family's colour."""

    def __init__(self, tokens: Tokens, view: QWidget) -> None:
        super().__init__(view)
        self.tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 25 if index.data(TYPE) else 26)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        if index.data(TYPE):
            self._layer(painter, option, index)
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

    def _layer(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(family_colour(str(index.data(FAMILY)))))
        painter.drawRoundedRect(QRectF(rect.left() + 8, rect.center().y() - 4.5, 9, 9), 3, 3)
        painter.setPen(QColor(self.tokens.text))
        painter.setFont(option.font)
        place = rect.adjusted(26, 0, -4, 0)
        text = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
