"""The legend of heat in the canvas's corner: what is shown, chosen here, and the scale of its colours."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.canvas.heat_scale import STEPS, Span, colour_of, end_text
from studio.ui.canvas.ink import Ink
from studio.ui.monitor.legend import number_font

INSET, WIDTH = 14, 196
BAR, TEXT = 8, 16


class ScaleBar(QWidget):
    """The colours from the least to the greatest, and what the ends stand for."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self._ink, self._ends = ink, ("", "")
        self.setFont(number_font(10))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink
        self.update()

    def show_span(self, key: str, span: Span) -> None:
        """Write the ends of a scale."""
        ends = end_text(key, span[0]), end_text(key, span[1])
        if ends != self._ends:
            self._ends = ends
            self.setAccessibleName(self.tr("From {low} to {high}").format(low=ends[0], high=ends[1]))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 20, BAR + TEXT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        each = self.width() / STEPS
        for step in range(STEPS):
            painter.fillRect(QRectF(step * each, 0, each + 1, BAR), QColor(colour_of(step)))
        painter.setPen(QPen(self._ink.border, 1))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, BAR - 1))
        painter.setPen(self._ink.secondary)
        below = QRectF(0, BAR + 2, self.width(), TEXT - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._ends[0])
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._ends[1])


class HeatLegend(QFrame):
    """Keeps to the lower left corner of the canvas."""

    chosen = Signal(str)
    """Another statistic is to be shown."""

    def __init__(self, titles: Mapping[str, str], ink: Ink, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._choice, self._bar, self._hint = QComboBox(), ScaleBar(ink), QLabel()
        for key, title in titles.items():
            self._choice.addItem(title, key)
        self._choice.setAccessibleName(self.tr("What the heat shows"))
        self._choice.setToolTip(self.tr("Which statistic of its layer colours a node"))
        self._choice.activated.connect(lambda _at: self.chosen.emit(self._choice.currentData()))
        self._hint.setWordWrap(True)
        self._hint.setText(self.tr("Nothing measured yet. Layers are measured where layer_statistics is on."))
        self.setAccessibleName(self.tr("Heat of the nodes"))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 6)
        column.setSpacing(6)
        for part in (self._choice, self._bar, self._hint):
            column.addWidget(part)
        self.setFixedWidth(WIDTH)
        self.set_ink(ink)
        self.hide()
        canvas.installEventFilter(self)

    @property
    def key(self) -> str:
        """The statistic that is shown."""
        return str(self._choice.currentData())

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        tokens = ink.tokens
        self._bar.set_ink(ink)
        self.setStyleSheet(
            f"HeatLegend {{ background: {tokens.panel}; border: 1px solid {tokens.line};"
            f" border-radius: 8px; }} QLabel {{ color: {tokens.secondary}; font-size: 11px; }}"
        )

    def show_scale(self, key: str, span: Span | None) -> None:
        """Show a statistic's scale; None where nothing was measured."""
        self._choice.setCurrentIndex(self._choice.findData(key))
        self._bar.setVisible(span is not None)
        self._hint.setVisible(span is None)
        if span is not None:
            self._bar.show_span(key, span)
        self.show()
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        self.adjustSize()
        self.move(INSET, self.parentWidget().height() - self.height() - INSET)
        self.raise_()
