"""Parallel coordinates: an upright axis for each setting that differs and each result, a line a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.monitor.legend import number_font
from studio.ui.monitor.wording import number
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

TOP, BOTTOM, SIDE, LEAST = 44.0, 26.0, 56.0, 110
NEAR, LEADER, NAME_ROOM = 7.0, 14.0, 150.0
MOST_TOLD = 4
"""Runs of which a tooltip tells all; of more only the names."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what it is called, and the value of each run: a number, a word, or None."""

    name: str
    values: tuple[float | str | None, ...]
    result: bool = False

    @property
    def words(self) -> list[str]:
        """The different words, where it holds any."""
        return list(dict.fromkeys(_word(v) for v in self.values if v is not None)) if self.worded else []

    @property
    def worded(self) -> bool:
        """Whether its values are words rather than numbers."""
        return any(isinstance(value, str) for value in self.values)

    def places(self) -> list[float | None]:
        """Where each run's value is, 0 at the bottom, 1 at the top; by powers of ten where it spans many."""
        if self.worded:
            words = self.words
            steps = max(len(words) - 1, 1)
            return [None if v is None else words.index(_word(v)) / steps for v in self.values]
        return [None if v is None else _share(float(v), self.span, self.log) for v in self.values]

    @property
    def numbers(self) -> list[float]:
        """The finite numbers."""
        return [float(v) for v in self.values if isinstance(v, int | float) and math.isfinite(v)]

    @property
    def span(self) -> Span:
        """The least and the largest number."""
        return min(self.numbers, default=0.0), max(self.numbers, default=1.0)

    @property
    def log(self) -> bool:
        """Whether it is drawn by powers of ten."""
        low, high = self.span
        return not self.worded and low > 0 and high / low >= 30


class Parallel(QWidget):
    """Coloured by the last axis: dragging along an axis leaves only the runs in that part."""

    chosen = Signal(int)
    """The run whose line was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK
        self._names: Sequence[str] = ()
        self._axes: Sequence[Axis] = ()
        self._kept: dict[int, Span] = {}
        self._dragged: tuple[int, float] | None = None
        self._near: list[int] = []
        self._beside = SIDE
        self.setMouseTracking(True)
        self.setMinimumHeight(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Settings and results of the runs"))
        self.setToolTip(
            self.tr("A line is a run. Drag along an axis to leave only some; a click takes that back")
        )

    @property
    def axes(self) -> Sequence[Axis]:
        """The axes, from left to right."""
        return self._axes

    @property
    def left(self) -> list[int]:
        """The runs that are within what was dragged on every axis."""
        return [run for run in range(len(self._names)) if self._within(run)]

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_axes(self, names: Sequence[str], axes: Sequence[Axis]) -> None:
        """Show these runs along these axes."""
        self._names, self._axes, self._kept = names, axes, {}
        measure = QFontMetricsF(number_font(SECONDARY_PX))
        widest = max((measure.horizontalAdvance(name) for name in names), default=0.0)
        self._beside = max(SIDE, min(NAME_ROOM, widest + LEADER + 6))
        self._near = []
        self.setMinimumWidth(round(SIDE + self._beside + LEAST * max(len(axes) - 1, 1)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), 320)

    def place(self, axis: int, share: float) -> QPointF:
        """The point of an axis."""
        return QPointF(
            SIDE + axis * self._between, self.height() - BOTTOM - share * (self.height() - TOP - BOTTOM)
        )

    @property
    def _between(self) -> float:
        """How far the axes are apart."""
        return (self.width() - SIDE - self._beside) / max(len(self._axes) - 1, 1)

    def event(self, event: QEvent) -> bool:
        # Where the mouse rests on lines Qt would put the general tooltip over theirs.
        if isinstance(event, QHelpEvent) and self._near:
            QToolTip.showText(event.globalPos(), self._told(), self)
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._near = []
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, axis = event.position(), self._axis_at(event.position())
        if axis is not None:
            self._kept.pop(axis, None)
            self._dragged = axis, self._share_at(at)
        elif self._near:
            self.chosen.emit(self._near[0])
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._dragged is not None:
            axis, start = self._dragged
            low, high = sorted((start, self._share_at(at)))
            self._kept[axis] = low, high
        else:
            before, self._near = self._near, self._runs_at(at)
            if self._near:
                QToolTip.showText(event.globalPosition().toPoint(), self._told(), self)
            elif before:
                QToolTip.hideText()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            low, high = self._kept.get(self._dragged[0], (0.0, 0.0))
            if high - low < 0.02:
                self._kept.pop(self._dragged[0], None)
        self._dragged = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._tokens.panel))
        if not self._axes:
            return
        places = [axis.places() for axis in self._axes]
        order = sorted(range(len(self._names)), key=lambda run: (run in self._near, self._within(run)))
        for run in order:
            self._paint_run(painter, run, places)
        for at, axis in enumerate(self._axes):
            self._paint_axis(painter, at, axis)
        self._paint_names(painter, places[-1])

    def _paint_run(self, painter: QPainter, run: int, places: list[list[float | None]]) -> None:
        colour, width = self._colour(run, places[-1][run]), 3.0 if run in self._near else 1.6
        painter.setPen(QPen(colour, width))
        before: QPointF | None = None
        for axis, along in enumerate(places):
            share = along[run]
            point = None if share is None else self.place(axis, share)
            if point is not None and before is not None:
                painter.drawLine(before, point)
            before = point

    def _paint_names(self, painter: QPainter, ends: Sequence[float | None]) -> None:
        """Each line's name at its right end; where there is no room for all, of those under the mouse."""
        font = number_font(SECONDARY_PX)
        measure = QFontMetricsF(font)
        line, last = measure.height(), len(self._axes) - 1
        fitting = int((self.height() - TOP) / line)
        runs = self.left if len(self.left) <= fitting else self._near[:fitting]
        ended = sorted((self.place(last, share).y(), run) for run in runs if (share := ends[run]) is not None)
        x = self.place(last, 0.0).x()
        painter.setFont(font)
        for (y, run), beside in zip(
            ended, apart([y for y, _ in ended], line, self.height() - 4.0), strict=True
        ):
            painter.setPen(QPen(self._colour(run, ends[run]), 1))
            painter.drawLine(QPointF(x, y), QPointF(x + LEADER - 3, beside))
            painter.setPen(QColor(self._tokens.text if run in self._near else self._tokens.secondary))
            room = self.width() - x - LEADER - 2
            text = measure.elidedText(self._names[run], Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QPointF(x + LEADER, beside + measure.ascent() / 2 - 1), text)

    def _paint_axis(self, painter: QPainter, at: int, axis: Axis) -> None:
        tokens, top, foot = self._tokens, self.place(at, 1.0), self.place(at, 0.0)
        painter.setPen(QPen(QColor(tokens.secondary), 1))
        painter.drawLine(foot, top)
        if at in self._kept:
            low, high = self._kept[at]
            ground = QColor(tokens.accent)
            ground.setAlpha(70)
            painter.fillRect(
                QRectF(self.place(at, high) - QPointF(6, 0), self.place(at, low) + QPointF(6, 0)), ground
            )
        room = self._between - 8
        font = QFont(self.font())
        font.setBold(axis.result)
        self._write(painter, QPointF(top.x(), 16), axis.name, font, tokens.text, room)
        small = number_font(SECONDARY_PX)
        if axis.worded:
            words = axis.words
            for word in words:
                share = words.index(word) / max(len(words) - 1, 1)
                beside = -12 if share > 0.5 else 12
                self._write(
                    painter, self.place(at, share) + QPointF(0, beside), word, small, tokens.secondary, room
                )
            return
        low, high = axis.span
        self._write(painter, QPointF(top.x(), 34), number(high), small, tokens.secondary, room)
        self._write(
            painter, QPointF(foot.x(), self.height() - 10), number(low), small, tokens.secondary, room
        )

    def _write(
        self, painter: QPainter, at: QPointF, text: str, font: QFont, colour: str, room: float
    ) -> None:
        measure = QFontMetricsF(font)
        shown = measure.elidedText(text, Qt.TextElideMode.ElideMiddle, max(room, 40.0))
        painter.setFont(font)
        painter.setPen(QColor(colour))
        x = at.x() - measure.horizontalAdvance(shown) / 2
        x = min(max(x, 2.0), self.width() - measure.horizontalAdvance(shown) - 2)
        painter.drawText(QPointF(x, at.y() + measure.ascent() / 2 - 2), shown)

    def _colour(self, run: int, share: float | None) -> QColor:
        tokens = self._tokens
        colour = QColor(tokens.accent if share is not None else tokens.faint)
        if share is not None:
            bad = QColor(tokens.warn)
            parts = [
                round(a + (b - a) * share) for a, b in zip(colour.getRgb()[:3], bad.getRgb()[:3], strict=True)
            ]
            colour = QColor(*parts)
        colour.setAlpha(255 if run in self._near else 200 if self._within(run) else 28)
        return colour

    def _within(self, run: int) -> bool:
        for axis, (low, high) in self._kept.items():
            share = self._axes[axis].places()[run]
            if share is None or not low <= share <= high:
                return False
        return True

    def _axis_at(self, at: QPointF) -> int | None:
        near = [axis for axis in range(len(self._axes)) if abs(self.place(axis, 0).x() - at.x()) < NEAR]
        return near[0] if near and at.y() > TOP - 8 else None

    def _share_at(self, at: QPointF) -> float:
        return min(1.0, max(0.0, (self.height() - BOTTOM - at.y()) / max(self.height() - TOP - BOTTOM, 1.0)))

    def _runs_at(self, at: QPointF) -> list[int]:
        """The runs whose lines pass here, the nearest first."""
        found: dict[int, float] = {}
        places = [axis.places() for axis in self._axes]
        for run in self.left:
            for axis in range(len(self._axes) - 1):
                one, other = places[axis][run], places[axis + 1][run]
                if one is None or other is None:
                    continue
                start, end = self.place(axis, one), self.place(axis + 1, other)
                if start.x() <= at.x() <= end.x():
                    share = (at.x() - start.x()) / max(end.x() - start.x(), 1.0)
                    off = abs(start.y() + share * (end.y() - start.y()) - at.y())
                    if off < NEAR:
                        found[run] = off
        return sorted(found, key=lambda run: found[run])

    def _told(self) -> str:
        """What the runs under the mouse are, and with few of them all their values."""
        if len(self._near) > MOST_TOLD:
            return "\n".join(self._names[run] for run in self._near)
        told = (
            "\n".join((self._names[run], *(f"{axis.name}: {_word(axis.values[run])}" for axis in self._axes)))
            for run in self._near
        )
        return "\n\n".join(told)


def apart(wanted: Sequence[float], least: float, end: float) -> list[float]:
    """Places near the wanted ones, which ascend, that are at least so far apart and end before `end`."""
    found: list[float] = []
    for at in wanted:
        found.append(max(at, found[-1] + least) if found else at)
    for at in reversed(range(len(found))):
        found[at] = min(found[at], end if at == len(found) - 1 else found[at + 1] - least)
    return found


def _share(value: float, span: Span, log: bool) -> float | None:
    low, high = span
    if not math.isfinite(value):
        return None
    if low == high:
        return 0.5
    if log:
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return (value - low) / (high - low)


def _word(value: float | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else number(value)
