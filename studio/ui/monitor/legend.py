"""The row above a plot that names its lines and, at the pointer, their values. One widget: cheap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.style import mono_family, points
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

Style = Literal["line", "points", "dashes", "dots"]
SWATCH, GAP, BETWEEN = 16, 6, 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the plot: its name, its look, and its value at the pointer."""

    name: str
    colour: str
    style: Style = "line"
    value: str = ""


def number_font(pixels: float = SECONDARY_PX) -> QFont:
    """The monospaced face for numbers."""
    font = QFont(mono_family())
    font.setPointSizeF(points(pixels))
    return font


class Legend(QWidget):
    """Names of lines with samples of how they are drawn; the first ones win where the room is short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._tokens = DARK
        self._names = QFont(self.font())
        self._names.setPointSizeF(points(SECONDARY_PX))
        self._numbers = number_font()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is shown."""
        return self._entries

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Name these lines."""
        if entries != self._entries:
            self._entries = entries
            text = ", ".join(f"{entry.name} {entry.value}".strip() for entry in entries)
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def show_values(self, values: tuple[str, ...]) -> None:
        """Write a value beside each name; none for no values."""
        texts = values or ("",) * len(self._entries)
        self.show_entries(tuple(replace(e, value=v) for e, v in zip(self._entries, texts, strict=True)))

    def sizeHint(self) -> QSize:
        return QSize(80, 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        widths = [self._width(entry, names, numbers) for entry in self._entries]
        while widths and sum(widths) + BETWEEN * (len(widths) - 1) > self.width():
            widths.pop()
        x = self.width() - sum(widths) - BETWEEN * max(0, len(widths) - 1)
        for entry, width in zip(self._entries, widths, strict=False):
            self._paint(painter, entry, x, names)
            x += width + BETWEEN

    def _width(self, entry: Entry, names: QFontMetricsF, numbers: QFontMetricsF) -> float:
        value = numbers.horizontalAdvance(entry.value) + GAP if entry.value else 0.0
        return SWATCH + GAP + names.horizontalAdvance(entry.name) + value

    def _paint(self, painter: QPainter, entry: Entry, x: float, names: QFontMetricsF) -> None:
        middle = self.height() / 2
        paint_sample(painter, entry, x, middle)
        x += SWATCH + GAP
        base = middle + names.ascent() / 2 - 1
        painter.setPen(QColor(self._tokens.secondary))
        painter.setFont(self._names)
        painter.drawText(QPointF(x, base), entry.name)
        if entry.value:
            painter.setPen(QColor(self._tokens.text))
            painter.setFont(self._numbers)
            painter.drawText(QPointF(x + names.horizontalAdvance(entry.name) + GAP, base), entry.value)


def pen_style(style: Style) -> Qt.PenStyle:
    """Qt's word for how a line is drawn."""
    return {"dashes": Qt.PenStyle.DashLine, "dots": Qt.PenStyle.DotLine}.get(style, Qt.PenStyle.SolidLine)


def paint_sample(painter: QPainter, entry: Entry, x: float, y: float) -> None:
    """A short piece of the line as the plot draws it."""
    colour = QColor(entry.colour)
    painter.setPen(QPen(colour, 2, pen_style(entry.style)))
    painter.drawLine(QPointF(x, y), QPointF(x + SWATCH, y))
    if entry.style == "points":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x + SWATCH / 2, y), 3, 3)
