"""What a network says about one sample, as bars of classes or as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.monitor.legend import number_font
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.analysis.answers import Answer

MOST, ROW, BAR = 10, 18, 8
WIDEST_NAME, WIDTH = 140, 440


class Bars(QWidget):
    """The likeliest classes with their shares; the first one stands out."""

    def __init__(self, answer: Answer, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares = answer.shares[:MOST]
        self._left = len(answer.shares) - len(self._shares)
        self._tokens = tokens
        self._numbers = number_font()
        text = ", ".join(f"{name} {100 * share:.1f} %" for name, share in self._shares)
        self.setAccessibleName(text)
        self.setToolTip(text)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, ROW * (len(self._shares) + bool(self._left)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(name) for name, _ in self._shares), default=0.0)
        names = min(widest, WIDEST_NAME) + 8
        values = QFontMetricsF(self._numbers).horizontalAdvance("100.0 %") + 8
        room = self.width() - names - values
        for at, (name, share) in enumerate(self._shares):
            self._paint(
                painter, QRectF(0, at * ROW, self.width(), ROW), (names, room), (name, share), at == 0
            )
        if self._left:
            painter.setPen(QColor(self._tokens.secondary))
            text = self.tr("and {count} less likely").format(count=self._left)
            painter.drawText(
                QRectF(names, len(self._shares) * ROW, room, ROW), Qt.AlignmentFlag.AlignVCenter, text
            )

    def _paint(
        self,
        painter: QPainter,
        row: QRectF,
        widths: tuple[float, float],
        pair: tuple[str, float],
        first: bool,
    ) -> None:
        (names, room), (name, share), tokens = widths, pair, self._tokens
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.text if first else tokens.secondary))
        painter.setFont(self.font())
        shown = QFontMetricsF(self.font()).elidedText(name, Qt.TextElideMode.ElideRight, names - 8)
        painter.drawText(QRectF(0, row.y(), names - 8, ROW), left, shown)
        painter.setFont(self._numbers)
        painter.drawText(row, right, f"{100 * share:.1f} %")
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(names, row.y() + (ROW - BAR) / 2, room, BAR)
        painter.setBrush(QColor(tokens.field))
        painter.drawRoundedRect(groove, BAR / 2, BAR / 2)
        groove.setWidth(max(BAR, room * share) if share > 0.0005 else 0)
        painter.setBrush(QColor(tokens.accent if first else tokens.faint))
        painter.drawRoundedRect(groove, BAR / 2, BAR / 2)
