"""Cards of predicted samples: the picture or the values, what is true, and what the network says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.monitor.wording import number
from studio.ui.pictures import draw_picture, picture_of
from studio.ui.style import points
from studio.ui.theme import DARK, FIELD_RADIUS, SECONDARY_PX, Tokens

if TYPE_CHECKING:
    from studio.analysis.examples import Sample

Index = QModelIndex | QPersistentModelIndex
SAMPLE_ROLE = Qt.ItemDataRole.UserRole
PICTURE_CARD, VALUES_CARD = QSize(116, 132), QSize(212, 100)
WIDEST = 300
PICTURE, PADDING = 76, 8


def words(sample: Sample) -> tuple[str, str]:
    """What is true, and what the network says with how much confidence; a sign says right or wrong."""
    tr = QCoreApplication.translate
    truth = tr("Examples", "is {truth}").format(truth=sample.truth)
    if sample.confidence is None:
        return truth, tr("Examples", "said {said}").format(said=sample.prediction)
    share = f"{100 * sample.confidence:.0f} %"
    text = (
        tr("Examples", "✕ said {said} · {share}")
        if sample.wrong
        else tr("Examples", "✓ said {said} · {share}")
    )
    return truth, text.format(said=sample.prediction, share=share)


def image(sample: Sample) -> QImage | None:
    """A sample's picture, None where it has none."""
    if sample.picture is None:
        return None
    import numpy as np

    return picture_of(np.ascontiguousarray(sample.picture, np.uint8))


class SamplesModel(QAbstractListModel):
    """The samples of one page."""

    def __init__(self) -> None:
        super().__init__()
        self._samples: Sequence[Sample] = ()
        self._images: list[QImage | None] = []

    def show_samples(self, samples: Sequence[Sample]) -> None:
        """Show these."""
        self.beginResetModel()
        self._samples = samples
        self._images = [image(sample) for sample in samples]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._samples)

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        sample = self._samples[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (*words(sample), sample.values)))
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(sample)
            case Qt.ItemDataRole.DecorationRole:
                return self._images[index.row()]
            case _:
                return sample if role == SAMPLE_ROLE else None

    def _tip(self, sample: Sample) -> str:
        row = self.tr("Row {row} of the data · loss {loss}")
        place = row.format(row=sample.row + 1, loss=number(sample.loss))
        return "\n".join(filter(None, (*words(sample), sample.values, place)))


class Card(QStyledItemDelegate):
    """Paints one sample."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK
        self._size = PICTURE_CARD

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens

    def fit(self, samples: Sequence[Sample], font: QFont) -> None:
        """Be as wide as the longest words of a page need, within bounds."""
        metrics = QFontMetricsF(_small(font))
        widest = max((metrics.horizontalAdvance(text) for one in samples for text in words(one)), default=0)
        least = PICTURE_CARD if all(one.picture is not None for one in samples) else VALUES_CARD
        self._size = QSize(min(max(round(widest) + 2 * PADDING + 4, least.width()), WIDEST), least.height())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        sample: Sample = index.data(SAMPLE_ROLE)
        picture: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, sample.wrong)
        inside = option.rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        painter.setFont(_small(option.font))
        if picture is not None:
            draw_picture(painter, picture, QRect(inside.topLeft(), QSize(inside.width(), PICTURE)))
        else:
            self._paint_values(painter, inside, sample.values)
        self._paint_words(painter, inside, sample)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, wrong: bool) -> None:
        tokens = self._tokens
        chosen = option.state & QStyle.StateFlag.State_Selected
        line = tokens.accent if chosen else tokens.error if wrong else tokens.line
        painter.setPen(QPen(QColor(line), 2 if chosen or wrong else 1))
        painter.setBrush(QColor(tokens.field))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), FIELD_RADIUS, FIELD_RADIUS)

    def _paint_values(self, painter: QPainter, inside: QRect, values: str) -> None:
        painter.setPen(QColor(self._tokens.text))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(inside.adjusted(0, 0, 0, -2 * _line(painter) - 4), flags, values)

    def _paint_words(self, painter: QPainter, inside: QRect, sample: Sample) -> None:
        truth, said = words(sample)
        height = _line(painter)
        metrics = painter.fontMetrics()
        wrong = sample.wrong
        right = sample.confidence is not None and not wrong
        colours = (
            self._tokens.text,
            self._tokens.error if wrong else self._tokens.ok if right else self._tokens.text,
        )
        for at, (text, colour) in enumerate(zip((truth, said), colours, strict=True)):
            line = QRect(inside.x(), inside.bottom() - (2 - at) * height + 1, inside.width(), height)
            painter.setPen(QColor(colour))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(points(SECONDARY_PX))
    return small


def _line(painter: QPainter) -> int:
    return QFontMetrics(painter.font()).height() + 1
