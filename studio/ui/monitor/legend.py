"""The rows above a plot that name its lines and, at the pointer, their values. One widget: cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.style import mono_family, points
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

Style = Literal["line", "points", "dashes", "dots"]
SWATCH, GAP, BETWEEN = 16, 6, 16
SHORTEST = 34.0
"""The least room that a name is shortened to."""
LINE_PX, FEW_LINES = 18, 3
WIDE_VALUE = "00.00 %"
"""As wide as values at the pointer are, nearly always."""
LEFT_OUT = 4
"""How long the common beginning of names is at least where it is left out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the plot: its name, its look, and its value at the pointer."""

    name: str
    colour: str
    style: Style = "line"
    value: str = ""
    numbered: bool = False
    """Whether its name ends with what tells it from others: that stays where it is shortened."""
    part: str = ""
    """Which part of the data it is of, where the name does not say it."""
    about: str = ""
    """What its tooltip says, where that is more than its name."""

    @property
    def suffix(self) -> str:
        """What is written after the name, however short that is."""
        return f" ({self.part})" if self.part else ""

    @property
    def told(self) -> str:
        """All there is to say, with the value at the pointer."""
        return f"{self.about or self.name} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Cell:
    """Some room in a legend: what is written there, and the lines that it stands for."""

    text: str
    room: QRectF
    entries: tuple[Entry, ...]
    sampled: bool = True


def number_font(pixels: float = SECONDARY_PX) -> QFont:
    """The monospaced face for numbers."""
    font = QFont(mono_family())
    font.setPointSizeF(points(pixels))
    return font


class Legend(QWidget):
    """Names of lines with samples of how they are drawn; long ones are shortened where the room is short.

    Earlier runs are named in more than one line where it takes that, several of them without what all their
    names begin with. Where that is not enough the first ones win, and the others are counted.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._most_lines = FEW_LINES
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
        return tuple(cell.text for cell in self._cells())

    @property
    def several(self) -> bool:
        """Whether runs are compared."""
        return sum(entry.numbered for entry in self._entries) > 1

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def allow_lines(self, most: int) -> None:
        """Name runs that are compared in so many lines at most."""
        self._most_lines = most
        self._fit_height()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Name these lines."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(", ".join(f"{entry.name} {entry.value}".strip() for entry in entries))
            self.setToolTip("\n".join(entry.told for entry in entries))
            self._fit_height()
            self.update()

    def show_values(self, values: tuple[str, ...]) -> None:
        """Write a value beside each name; none for no values."""
        texts = values or ("",) * len(self._entries)
        self.show_entries(tuple(replace(e, value=v) for e, v in zip(self._entries, texts, strict=True)))

    def told_at(self, at: QPointF) -> str:
        """What the tooltip says of the lines named here."""
        cells = (cell for cell in self._cells() if cell.room.contains(at))
        return "\n".join(entry.told for cell in cells for entry in cell.entries)

    def sizeHint(self) -> QSize:
        return QSize(80, LINE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, LINE_PX)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and (text := self.told_at(QPointF(event.pos()))):
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for cell in self._cells():
            self._paint(painter, cell)

    def _fit_height(self) -> None:
        lines = round(max((cell.room.bottom() for cell in self._cells()), default=LINE_PX) / LINE_PX)
        if self.height() != lines * LINE_PX or self.minimumHeight() != self.height():
            self.setFixedHeight(lines * LINE_PX)

    def _cells(self) -> list[Cell]:
        names = [entry.name for entry in self._entries if entry.numbered]
        short = iter(told_apart(names))
        if not self.several:
            row = list(self._entries)
            return self._in_two_lines(row) if self._crowded(row) else self._in_a_row(row)
        entries = [replace(one, name=next(short), part="") if one.numbered else one for one in self._entries]
        return self._in_lines(entries)

    def _crowded(self, entries: list[Entry]) -> bool:
        """Whether the line of an earlier run would take the room of others, values among them."""
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        widths = [self._width(replace(one, value=WIDE_VALUE), names, numbers) for one in entries]
        room = self.width() - BETWEEN * (len(entries) - 1)
        return any(one.numbered for one in entries) and sum(widths) > room

    def _in_a_row(self, entries: list[Entry]) -> list[Cell]:
        """In one line, as far to the right as they go; the longest names give way first."""
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        for count in range(len(entries), -1, -1):
            shown, more = entries[:count], self._more(count)
            fixed = [self._width(replace(one, name=""), names, numbers) for one in shown]
            room = self.width() - sum(fixed) - BETWEEN * (count - 1)
            room -= BETWEEN + names.horizontalAdvance(more) if more else 0
            lengths = shortened([names.horizontalAdvance(one.name) for one in shown], room)
            if lengths is not None or not count:
                break
        texts = [self._cut(one, length) for one, length in zip(shown, lengths or (), strict=True)]
        widths = [
            self._width(replace(one, name=text, part=""), names, numbers)
            for one, text in zip(shown, texts, strict=True)
        ]
        if more:
            texts, widths = [*texts, more], [*widths, names.horizontalAdvance(more)]
        x = self.width() - sum(widths) - BETWEEN * (len(widths) - 1)
        places: list[QRectF] = []
        for width in widths:
            places.append(QRectF(x, 0, width, LINE_PX))
            x += width + BETWEEN
        return self._placed(texts, places, count)

    def _in_two_lines(self, entries: list[Entry]) -> list[Cell]:
        """An earlier run below the own lines, all with room for values; in more where these are long."""
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        beside = SWATCH + 2 * GAP + numbers.horizontalAdvance(WIDE_VALUE)
        texts: list[str] = []
        places: list[QRectF] = []
        ends = [0.0, 0.0]
        for one in entries:
            room = max(0.0, self.width() - beside - names.horizontalAdvance(one.suffix))
            texts.append(self._cut(one, room) if one.numbered else one.name + one.suffix)
            width = beside + names.horizontalAdvance(texts[-1])
            places.append(QRectF(ends[one.numbered], one.numbered * LINE_PX, width, LINE_PX))
            ends[one.numbered] += width + BETWEEN
        fits = max(ends) - BETWEEN <= self.width() + 0.5
        return self._placed(texts, places, len(entries)) if fits else self._in_lines(entries)

    def _in_lines(self, entries: list[Entry]) -> list[Cell]:
        """In columns with room for values, so that nothing moves with the pointer."""
        names, numbers = QFontMetricsF(self._names), QFontMetricsF(self._numbers)
        suffixes = [names.horizontalAdvance(one.suffix) for one in entries]
        beside = max(suffixes) + SWATCH + 2 * GAP + numbers.horizontalAdvance(WIDE_VALUE)
        longest = max(names.horizontalAdvance(one.name) for one in entries)
        lines, width = self._most_lines, self.width() + BETWEEN
        columns, length = in_columns(len(entries), lines, width, beside + BETWEEN, longest)
        count = len(entries) if len(entries) <= columns * lines else columns * lines - 1
        rooms = [length + max(suffixes) - own for own in suffixes[:count]]
        texts = [self._cut(one, room) for one, room in zip(entries[:count], rooms, strict=True)]
        if more := self._more(count):
            texts.append(more)
        step = beside + length + BETWEEN
        places = [
            QRectF(at % columns * step, at // columns * LINE_PX, step - BETWEEN, LINE_PX)
            for at in range(len(texts))
        ]
        return self._placed(texts, places, count)

    def _placed(self, texts: Sequence[str], places: Sequence[QRectF], count: int) -> list[Cell]:
        """The cells of the first entries, and one for those that have no room."""
        found = [
            Cell(text, place, (one,))
            for text, place, one in zip(texts, places, self._entries[:count], strict=False)
        ]
        if count < len(self._entries):
            found.append(Cell(texts[count], places[count], self._entries[count:], sampled=False))
        return found

    def _more(self, count: int) -> str:
        left = len(self._entries) - count
        return f"+{left}" if left else ""

    def _cut(self, entry: Entry, length: float) -> str:
        return QFontMetricsF(self._names).elidedText(entry.name, _mode(entry), length + 0.5) + entry.suffix

    def _width(self, entry: Entry, names: QFontMetricsF, numbers: QFontMetricsF) -> float:
        value = numbers.horizontalAdvance(entry.value) + GAP if entry.value else 0.0
        return SWATCH + GAP + names.horizontalAdvance(entry.name + entry.suffix) + value

    def _paint(self, painter: QPainter, cell: Cell) -> None:
        x, middle = cell.room.x(), cell.room.center().y()
        names = QFontMetricsF(self._names)
        base = middle + names.ascent() / 2 - 1
        if cell.sampled:
            paint_sample(painter, cell.entries[0], x, middle)
            x += SWATCH + GAP
        painter.setPen(QColor(self._tokens.secondary))
        painter.setFont(self._names)
        painter.drawText(QPointF(x, base), cell.text)
        if cell.sampled and cell.entries[0].value:
            painter.setPen(QColor(self._tokens.text))
            painter.setFont(self._numbers)
            painter.drawText(
                QPointF(x + names.horizontalAdvance(cell.text) + GAP, base), cell.entries[0].value
            )


def told_apart(names: Sequence[str]) -> list[str]:
    """Several names without the words that all begin with: …-001, …-002."""
    shared = 0
    while len(names) > 1 and len({name[: shared + 1] for name in names}) == 1 and shared < len(names[0]):
        shared += 1
    cut = max((at for at in range(shared) if not names[0][at].isalnum()), default=0)
    return [f"…{name[cut:]}" for name in names] if cut >= LEFT_OUT else list(names)


def in_columns(count: int, lines: int, width: float, beside: float, longest: float) -> tuple[int, float]:
    """How many columns hold so many names in few lines, and how long a name may be; `beside` comes on top."""
    columns = int(width // (beside + longest))
    if columns * lines >= count:
        return -(-count // -(-count // columns)), longest
    columns = -(-count // lines)
    if (length := width / columns - beside) >= SHORTEST:
        return columns, length
    columns = max(1, int(width // (beside + SHORTEST)))
    return columns, max(0.0, width / columns - beside)


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
