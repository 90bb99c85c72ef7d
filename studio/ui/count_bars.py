"""How many samples each class has, as bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.monitor.wording import grouped
from studio.ui.theme import DARK, Tokens

ROW, BAR, GAP = 20, 8, 8
WIDEST = 120


class CountBars(QWidget):
    """A row for each class (or range of numbers): its name, a bar, the number."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: Sequence[tuple[str, int]] = ()
        self._tokens = DARK
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_counts(self, bars: Sequence[tuple[str, int]]) -> None:
        """Show these names and numbers."""
        self._bars = bars
        self.setAccessibleName(", ".join(f"{name} {count}" for name, count in bars))
        self.updateGeometry()
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, ROW * len(self._bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(140, ROW * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name, _ in self._bars), default=0)
        names = min(WIDEST, widest + 2)
        numbers = max((metrics.horizontalAdvance(grouped(count)) for _, count in self._bars), default=0)
        room = self.width() - names - numbers - 2 * GAP
        most = max((count for _, count in self._bars), default=0) or 1
        first, last = event.rect().top() // ROW, event.rect().bottom() // ROW + 1
        for at in range(first, min(last, len(self._bars))):
            name, count = self._bars[at]
            top = at * ROW
            painter.setPen(QColor(self._tokens.secondary))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRectF(0, top, names, ROW), Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(QColor(self._tokens.text))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(self.width() - numbers, top, numbers, ROW), right, grouped(count))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._tokens.accent))
            length = max(1.0, room * count / most) if count else 0.0
            painter.drawRoundedRect(QRectF(names + GAP, top + (ROW - BAR) / 2, length, BAR), 2, 2)
        painter.end()
