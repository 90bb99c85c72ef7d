"""The samples of the data as Qt models: pictures of one page, rows of a table; and how a picture is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.pictures import draw_picture, picture_of
from studio.ui.theme import DARK, FIELD_RADIUS, Tokens

if TYPE_CHECKING:
    from studio.ui.preview import Preview

Index = QModelIndex | QPersistentModelIndex
SIDE, CAPTION, PADDING = 64, 18, 6
MOST_ROWS = 200


class Pictures(QAbstractListModel):
    """Some samples with a picture each."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._field = ""
        self._rows: list[int] = []
        self._images: dict[int, QImage] = {}

    def show_rows(self, preview: Preview | None, field: str, rows: list[int]) -> None:
        """Show these rows of the data."""
        self.beginResetModel()
        self._preview, self._field, self._rows, self._images = preview, field, rows, {}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        assert self._preview is not None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._preview.label(row)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                text = self.tr("Row {row}: {label}")
                return text.format(row=row + 1, label=self._preview.label(row))
            case Qt.ItemDataRole.DecorationRole:
                return self._image(row)
            case _:
                return None

    def _image(self, row: int) -> QImage:
        if row not in self._images:
            assert self._preview is not None
            self._images[row] = picture_of(self._preview.pixels(self._field, row))
        return self._images[row]


class PictureDelegate(QStyledItemDelegate):
    """A picture without smoothing where it is small, and its label below."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(SIDE + 2 * PADDING, SIDE + CAPTION + 2 * PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(QColor(self._tokens.accent if selected else self._tokens.line))
            painter.setBrush(QColor(self._tokens.field))
            rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(rect, FIELD_RADIUS, FIELD_RADIUS)
        image: QImage = index.data(Qt.ItemDataRole.DecorationRole)
        place = QRect(option.rect.x() + PADDING, option.rect.y() + PADDING, SIDE, SIDE)
        draw_picture(painter, image, place)
        painter.setPen(QColor(self._tokens.text))
        line = QRect(option.rect.x() + 2, place.bottom() + 1, option.rect.width() - 4, CAPTION)
        text = option.fontMetrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


class Rows(QAbstractTableModel):
    """The first rows of the data as a table."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None

    def show_preview(self, preview: Preview | None) -> None:
        """Show these samples."""
        self.beginResetModel()
        self._preview = preview
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self._preview is None else min(self._preview.samples, MOST_ROWS)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self._preview is None else len(self._preview.columns)

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        assert self._preview is not None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._preview.columns[index.column()][1](index.row())
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        if role != Qt.ItemDataRole.DisplayRole or self._preview is None:
            return None
        across = orientation == Qt.Orientation.Horizontal
        return self._preview.columns[section][0] if across else str(section + 1)
