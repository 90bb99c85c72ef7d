"""The table of samples, which draws all of its cells itself: a scroll costs little at any size."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView

from studio.ui.icons import on_accent
from studio.ui.samples.models import SampleTable
from studio.ui.theme import DARK, Tokens

MARGIN = 8
MOST_WIDTHS = 4000


class Lines(QTableView):
    """Asks the model once for each cell in sight; a style and a delegate would ask for ten things of each,
    most of which it has not.
    """

    def __init__(self, model: SampleTable) -> None:
        super().__init__()
        self._lines = model
        self._widths: dict[str, int] = {}
        self._measured: QFont | None = None
        self._metrics = QFontMetrics(self.font())
        self.setModel(model)
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._text, self._faint = QColor(tokens.text), QColor(tokens.secondary)
        self._accent, self._on_accent = QColor(tokens.accent), QColor(on_accent(tokens))
        self._other = QColor(tokens.field)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        area = event.rect()
        columns = self._columns(area)
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first < 0 or not columns:
            return
        last = self._lines.rowCount() - 1 if last < 0 else last
        top, height = self.rowViewportPosition(first), self.verticalHeader().defaultSectionSize()
        left, right = columns[0][1], columns[-1][1] + columns[-1][2]
        chosen = self._chosen(first, last)
        painter, font = QPainter(self.viewport()), self.font()
        painter.setFont(font)
        self._measure(font)
        for row in range(first, last + 1):
            y = top + (row - first) * height
            if row in chosen:
                painter.fillRect(left, y, right - left, height, self._accent)
            elif row % 2:
                painter.fillRect(left, y, right - left, height, self._other)
            for column, x, width in columns:
                self._draw(painter, (x, y, width, height), row, column, row in chosen)
        painter.end()

    def _columns(self, area: QRect) -> list[tuple[int, int, int]]:
        """The columns in sight, where each begins and how wide it is."""
        header = self.horizontalHeader()
        first, last = header.visualIndexAt(area.left()), header.visualIndexAt(area.right())
        if first < 0:
            return []
        logical = map(header.logicalIndex, range(first, (last if last >= 0 else header.count() - 1) + 1))
        return [
            (one, header.sectionViewportPosition(one), header.sectionSize(one))
            for one in logical
            if not header.isSectionHidden(one)
        ]

    def _chosen(self, first: int, last: int) -> set[int]:
        """The rows from a first to a last one that are selected."""
        found: set[int] = set()
        for part in self.selectionModel().selection():
            found.update(range(max(part.top(), first), min(part.bottom(), last) + 1))
        return found

    def _draw(
        self, painter: QPainter, box: tuple[int, int, int, int], row: int, column: int, chosen: bool
    ) -> None:
        """A cell's text in its box."""
        text, faint = self._lines.cell(row, column)
        if not text:
            return
        left, top, width, height = box
        painter.setPen(self._on_accent if chosen else self._faint if faint else self._text)
        text = text.replace("\n", " ")
        metrics, room = self._metrics, width - 2 * MARGIN
        wide = self._width(text)
        if wide > room:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            wide = room
        start = left + width - MARGIN - wide if self._lines.is_number(column) else left + MARGIN
        # at a point, not within a rectangle: nothing has to be laid out
        painter.drawText(start, top + (height + metrics.ascent() - metrics.descent()) // 2, text)

    def _measure(self, font: QFont) -> None:
        """Know how wide texts are in a font; many cells have the same."""
        if self._measured != font or len(self._widths) >= MOST_WIDTHS:
            self._measured, self._metrics = QFont(font), QFontMetrics(font)
            self._widths.clear()

    def _width(self, text: str) -> int:
        known = self._widths.get(text)
        if known is None:
            known = self._widths[text] = self._metrics.horizontalAdvance(text)
        return known
