"""The legend of heat in the canvas's corner: what is shown, chosen here, and the scale of its colours."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.ui.canvas.heat_scale import STEPS, Span, colour_of, end_text
from studio.ui.canvas.ink import Ink
from studio.ui.monitor.legend import number_font

INSET, AROUND = 14, 4
"""How far from the canvas's corner; so flat that it lies below a drawing that is seen whole."""
BAR, HIGH, GAP = 96, 10, 6


class ScaleBar(QWidget):
    """The colours from the least to the greatest, and what the ends stand for."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self._ink, self._ends = ink, ("", "")
        self.setFont(number_font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

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
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        low, high = map(self.fontMetrics().horizontalAdvance, self._ends)
        return QSize(low + GAP + BAR + GAP + high, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left, each = self.fontMetrics().horizontalAdvance(self._ends[0]) + GAP, BAR / STEPS
        top = (self.height() - HIGH) / 2
        for step in range(STEPS):
            painter.fillRect(QRectF(left + step * each, top, each + 0.5, HIGH), QColor(colour_of(step)))
        painter.setPen(QPen(self._ink.border, 1))
        painter.drawRect(QRectF(left - 0.5, top - 0.5, BAR + 1, HIGH))
        painter.setPen(self._ink.secondary)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, self._ends[0])
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, self._ends[1])


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
        self._hint.setText(self.tr("Nothing measured yet"))
        tip = self.tr("Layers are measured where layer_statistics is on in the training settings")
        self._hint.setToolTip(tip)
        self.setAccessibleName(self.tr("Heat of the nodes"))
        row = QHBoxLayout(self)
        row.setContentsMargins(AROUND, AROUND, 10, AROUND)
        row.setSpacing(10)
        for part in (self._choice, self._bar, self._hint):
            row.addWidget(part)
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
            " QComboBox { padding-top: 1px; padding-bottom: 1px; }"
        )

    def show_scale(self, key: str, span: Span | None) -> None:
        """Show a statistic's scale; None where nothing was measured."""
        self._choice.setCurrentIndex(self._choice.findData(key))
        self._bar.setVisible(span is not None)
        self._hint.setVisible(span is None)
        if span is not None:
            self._bar.show_span(key, span)
        if self.isHidden():
            self.show()
            self.raise_()
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        size = self.sizeHint()
        self.setGeometry(INSET, self.parentWidget().height() - size.height() - INSET, *size.toTuple())
