"""The confusion matrix as painted: classes along both sides, counts, shares of each row as shade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from studio.ui.contrast import contrast, mixed
from studio.ui.monitor.legend import number_font
from studio.ui.style import points
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

if TYPE_CHECKING:
    from studio.analysis.evaluate import Confusion

LEAST_WIDTH, LEAST_HEIGHT, ROOMY_WIDTH, ROOMY_HEIGHT = 18, 15, 72, 30
WIDEST_LABEL = 96
GAP = 8
STRONGEST = 0.85
MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class Matrix(QWidget):
    """Rows are the true classes, columns the predicted ones; recall at the right, precision below."""

    chosen = Signal(str)
    """The cell under the pointer (or the cursor) in words; empty for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK
        self._classes: tuple[str, ...] = ()
        self._counts: list[list[int]] = []
        self._totals: tuple[list[int], list[int]] = ([], [])
        self._cursor: tuple[int, int] | None = None
        self._numbers = number_font()
        self._names = QFont(self.font())
        self._names.setPointSizeF(points(SECONDARY_PX))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Confusion matrix"))
        self.setToolTip(
            self.tr("Rows are true classes, columns predicted ones; arrow keys go through the cells")
        )

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_confusion(self, confusion: Confusion) -> None:
        """Show these counts."""
        self._classes = confusion.classes
        self._counts = [[int(value) for value in row] for row in confusion.counts]
        columns = [sum(row[at] for row in self._counts) for at in range(len(self._classes))]
        self._totals = ([sum(row) for row in self._counts], columns)
        self._cursor = None
        self.setMinimumSize(self.minimumSizeHint())
        self.updateGeometry()
        self.update()

    @property
    def count(self) -> int:
        """How many classes."""
        return len(self._classes)

    def recall(self, at: int) -> float | None:
        """The share of a class's samples that was recognised."""
        return self._share(self._totals[0][at], at)

    def precision(self, at: int) -> float | None:
        """The share of the samples taken for a class that belongs to it."""
        return self._share(self._totals[1][at], at)

    def words(self, row: int, column: int) -> str:
        """A cell in words."""
        count, total = self._counts[row][column], self._totals[0][row]
        share = count / total if total else 0.0
        text = self.tr("{truth} taken for {said}: {count} of {total} ({share:.1f} %)")
        if row == column:
            text = self.tr("{truth} recognised: {count} of {total} ({share:.1f} %)")
        names = {"truth": self._classes[row], "said": self._classes[column]}
        return text.format(count=count, total=total, share=100 * share, **names)

    def cell(self, row: int, column: int) -> QRect:
        """Where a cell is; row or column `count` is the margin with precision or recall."""
        left, top, width, height = self._geometry()
        x = left + column * width + (GAP if column == self.count else 0)
        y = top + row * height + (GAP // 2 if row == self.count else 0)
        return QRect(x, y, width if column < self.count else self._margin(), height)

    def minimumSizeHint(self) -> QSize:
        left, top = self._heads()
        return QSize(
            left + self.count * self._least_width() + GAP + self._margin() + GAP,
            top + (self.count + 1) * LEAST_HEIGHT + GAP,
        )

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            text = self._tip(event.pos())
            if text:
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        if move is None or not self.count:
            super().keyPressEvent(event)
            return
        row, column = self._cursor or (-move[0], -move[1])
        last = self.count - 1
        self._choose((min(max(row + move[0], 0), last), min(max(column + move[1], 0), last)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.count:
            return
        painter = QPainter(self)
        self._paint_heads(painter)
        area = event.rect()
        for row in range(self.count):
            for column in range(self.count):
                if (cell := self.cell(row, column)).intersects(area):
                    self._paint_cell(painter, cell, row, column)
            self._paint_share(painter, self.cell(row, self.count), self.recall(row))
        for column in range(self.count):
            self._paint_share(painter, self.cell(self.count, column), self.precision(column))
        if self._cursor:
            painter.setPen(QColor(self._tokens.text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell(*self._cursor).adjusted(0, 0, -2, -2))

    def _paint_cell(self, painter: QPainter, cell: QRect, row: int, column: int) -> None:
        count, total = self._counts[row][column], self._totals[0][row]
        tokens = self._tokens
        share = count / total if total else 0.0
        ground = tokens.field
        if count:
            strong = tokens.accent if row == column else tokens.error
            ground = mixed(tokens.field, strong, STRONGEST * max(share**0.5, 0.25))
        painter.fillRect(cell.adjusted(0, 0, -1, -1), QColor(ground))
        if cell.width() < self._least_width():
            return
        text = max((tokens.text, tokens.panel), key=lambda colour: contrast(colour, ground))
        painter.setPen(QColor(text if count else tokens.faint))
        painter.setFont(self._numbers)
        painter.drawText(
            cell.adjusted(0, 0, -1, -1), Qt.AlignmentFlag.AlignCenter, str(count) if count else "·"
        )

    def _paint_share(self, painter: QPainter, cell: QRect, share: float | None) -> None:
        painter.setPen(QColor(self._tokens.secondary))
        painter.setFont(self._numbers)
        text = (
            "–" if share is None else f"{100 * share:.0f} %" if cell.width() < 56 else f"{100 * share:.1f} %"
        )
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_heads(self, painter: QPainter) -> None:
        tokens, metrics = self._tokens, QFontMetricsF(self._names)
        left, top, width, height = self._geometry()
        painter.setFont(self._names)
        painter.setPen(QColor(tokens.text))
        for at, name in enumerate(self._classes):
            row = QRectF(0, top + at * height, left - GAP, height)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            column = QRectF(left + at * width, 0, width - 1, top)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, column.width())
            painter.drawText(column, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QColor(tokens.secondary))
        side = self.cell(0, self.count)
        head = QRectF(side.x(), 0, side.width(), top)
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, self.tr("recall"))
        below = self.cell(self.count, 0)
        foot = QRectF(0, below.y(), left - GAP, below.height())
        painter.drawText(
            foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.tr("precision")
        )
        corner = QRectF(0, 0, left - GAP, top)
        text = self.tr("true ↓ predicted →")
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, corner.width())
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _share(self, total: int, at: int) -> float | None:
        return self._counts[at][at] / total if total else None

    def _geometry(self) -> tuple[int, int, int, int]:
        """Left and top of the cells, their width and height."""
        left, top = self._heads()
        room = max(1, self.count)
        width = (self.width() - left - 2 * GAP - self._margin()) // room
        height = (self.height() - top - GAP) // (room + 1)
        return (
            left,
            top,
            min(max(width, LEAST_WIDTH), ROOMY_WIDTH),
            min(max(height, LEAST_HEIGHT), ROOMY_HEIGHT),
        )

    def _heads(self) -> tuple[int, int]:
        metrics = QFontMetricsF(self._names)
        corner = metrics.horizontalAdvance(self.tr("true ↓ predicted →"))
        widest = max((metrics.horizontalAdvance(name) for name in self._classes), default=0.0)
        return round(max(corner, min(widest, WIDEST_LABEL))) + GAP, round(metrics.height()) + 4

    def _least_width(self) -> int:
        """Room for the largest count."""
        most = max((max(row) for row in self._counts), default=0)
        return max(LEAST_WIDTH, round(QFontMetricsF(self._numbers).horizontalAdvance(str(most))) + 8)

    def _margin(self) -> int:
        return round(QFontMetricsF(self._numbers).horizontalAdvance("100.0 %")) + 12

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        left, top, width, height = self._geometry()
        place = QPointF(point) - QPointF(left, top)
        row, column = int(place.y() // height), int(place.x() // width)
        return (row, column) if 0 <= row < self.count and 0 <= column < self.count else None

    def _tip(self, point: QPoint) -> str:
        at = self._at(point)
        return self.words(*at) if at else ""

    def _choose(self, at: tuple[int, int] | None) -> None:
        if at != self._cursor:
            self._cursor = at
            self.chosen.emit(self.words(*at) if at else "")
            self.update()
