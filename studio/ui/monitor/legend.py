"""The row above a plot that names its lines and, at the pointer, their values. One widget: cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.style import mono_family, points
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

Style = Literal["line", "points", "dashes", "dots"]
SWATCH, GAP, BETWEEN = 16, 6, 16
SHORTEST = 34.0
"""The least room that a name is shortened to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the plot: its name, its look, and its value at the pointer."""

    name: str
    colour: str
    style: Style = "line"
    value: str = ""
    numbered: bool = False
    """Whether its name ends with what tells it from others: that stays where it is shortened."""


def number_font(pixels: float = SECONDARY_PX) -> QFont:
    """The monospaced face for numbers."""
    font = QFont(mono_family())
    font.setPointSizeF(points(pixels))
    return font


class Legend(QWidget):
    """Names of lines with samples of how they are drawn; long ones are shortened where the room is short, and
    only where that is not enough the first ones win."""

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

    @property
    def written(self) -> tuple[str, ...]:
        """The names as there is room for them."""
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        return tuple(entry.name for entry, _ in self._fitted(names, numbers))

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
        x = float(self.width())
        shown = self._fitted(names, numbers)
        x -= sum(width for _, width in shown) + BETWEEN * max(0, len(shown) - 1)
        for entry, width in shown:
            self._paint(painter, entry, x, names)
            x += width + BETWEEN

    def _fitted(self, names: QFontMetricsF, numbers: QFontMetricsF) -> list[tuple[Entry, float]]:
        """The entries that have room, with their widths; the longest names give way first."""
        entries = list(self._entries)
        while entries:
            fixed = sum(self._width(replace(one, name=""), names, numbers) for one in entries)
            room = self.width() - fixed - BETWEEN * (len(entries) - 1)
            lengths = shortened([names.horizontalAdvance(one.name) for one in entries], room)
            if lengths is not None:
                cut = (
                    replace(one, name=names.elidedText(one.name, _mode(one), length + 0.5))
                    for one, length in zip(entries, lengths, strict=True)
                )
                return [(one, self._width(one, names, numbers)) for one in cut]
            entries.pop()
        return []

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


def _mode(entry: Entry) -> Qt.TextElideMode:
    return Qt.TextElideMode.ElideMiddle if entry.numbered else Qt.TextElideMode.ElideRight


def shortened(lengths: Sequence[float], room: float) -> list[float] | None:
    """Lengths that fit the room, the longest cut to one length; None where that would be too short."""
    if sum(lengths) <= room:
        return list(lengths)
    left, most = room, 0.0
    for at, length in enumerate(sorted(lengths)):
        most = left / (len(lengths) - at)
        if length > most:
            break
        left -= length
    return [min(length, most) for length in lengths] if most >= SHORTEST else None


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
