"""The history as Qt sees it: a row for the beginning and for each undo step, and how a row is drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.focus import part_title
from studio.ui.icons import picture
from studio.ui.session import Session
from studio.ui.steps import Step
from studio.ui.theme import DARK, SECONDARY_PX, Tokens

Index = QModelIndex | QPersistentModelIndex
SEARCHED = Qt.ItemDataRole.UserRole
PLACE = Qt.ItemDataRole.UserRole + 1
STATE = Qt.ItemDataRole.UserRole + 2
SAVED = Qt.ItemDataRole.UserRole + 3
HEIGHT, GUTTER, MARK = 40, 28, 12


class HistoryModel(QAbstractListModel):
    """Row 0 is the beginning, row n the state after the n-th step; STATE is "done", "now" or "undone"."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._stack = session.undo_stack
        self._rows = 1
        session.steps_changed.connect(self._follow)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._rows

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        row = index.row()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._label(row)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._told(row)
            case _ if role == SEARCHED:
                return f"{self._label(row)} {self._place(row)}"
            case _ if role == PLACE:
                return self._place(row)
            case _ if role == STATE:
                now = self._stack.index()
                return "now" if row == now else "done" if row < now else "undone"
            case _ if role == SAVED:
                return row == self._stack.cleanIndex()
            case _:
                return None

    def _follow(self) -> None:
        """Steps came, went or changed; nothing is made for rows that nobody sees."""
        rows = self._stack.count() + 1
        if rows > self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, rows - 1)
            self._rows = rows
            self.endInsertRows()
        elif rows < self._rows:
            self.beginRemoveRows(QModelIndex(), rows, self._rows - 1)
            self._rows = rows
            self.endRemoveRows()
        self.dataChanged.emit(self.index(0), self.index(self._rows - 1))

    def _step(self, row: int) -> Step | None:
        step = self._stack.command(row - 1) if row else None
        return step if isinstance(step, Step) else None

    def _label(self, row: int) -> str:
        return self._stack.text(row - 1) if row else self.tr("The beginning")

    def _place(self, row: int) -> str:
        """Where and when a step was made."""
        step = self._step(row)
        if step is None:
            return self.tr("Before the first step")
        places = {
            "drawing": " › ".join(part_title(part) for part in step.made_at) or self.tr("Drawing"),
            "data": self.tr("Data"),
            "training": self.tr("Training"),
            "project": self.tr("Project"),
        }
        return f"{places[step.part]} · {datetime.fromtimestamp(step.time):%H:%M:%S}"

    def _told(self, row: int) -> str:
        """Everything about a row as one text, as a screen reader says it."""
        now = self._stack.index()
        states = [self.tr("as it is now")] if row == now else [self.tr("undone")] if row > now else []
        saved = [self.tr("saved")] if row == self._stack.cleanIndex() else []
        return ", ".join([self._label(row), self._place(row), *states, *saved])


class HistoryDelegate(QStyledItemDelegate):
    """Two lines a row, and beside them a line of beads from the first step to the last."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = option.palette.color(QPalette.ColorRole.Highlight) if chosen else QColor(self._tokens.panel)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(option.rect, ground)
        text = option.palette.color(QPalette.ColorRole.HighlightedText) if chosen else None
        self._bead(painter, option, index, text)
        self._words(painter, option, index, text)
        painter.restore()

    def _bead(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, text: QColor | None
    ) -> None:
        state, tokens = index.data(STATE), self._tokens
        rect = QRectF(option.rect)
        centre = QPointF(rect.left() + GUTTER / 2, rect.center().y())
        line = text or QColor(tokens.accent if state != "undone" else tokens.faint)
        dotted, solid = QPen(line, 1.5, Qt.PenStyle.DotLine), QPen(line, 1.5)
        painter.setPen(dotted if state == "undone" else solid)
        if index.row():
            painter.drawLine(QPointF(centre.x(), rect.top()), QPointF(centre.x(), centre.y() - 6))
        painter.setPen(solid if state == "done" else dotted)
        if index.row() < index.model().rowCount() - 1:
            painter.drawLine(QPointF(centre.x(), centre.y() + 6), QPointF(centre.x(), rect.bottom() + 1))
        painter.setPen(solid)
        painter.setBrush(line if state == "now" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 5 if state == "now" else 3.5, 5 if state == "now" else 3.5)

    def _words(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, text: QColor | None
    ) -> None:
        tokens, state = self._tokens, index.data(STATE)
        colours = {"undone": tokens.secondary}
        saved = index.data(SAVED)
        left, room = option.rect.left() + GUTTER, option.rect.width() - GUTTER - 8 - (MARK + 6) * bool(saved)
        font = QFont(option.font)
        font.setBold(state == "now")
        font.setItalic(state == "undone")
        small = QFont(option.font)
        small.setPixelSize(SECONDARY_PX)
        top, half = option.rect.top() + 3, HEIGHT // 2 - 3
        lines = (
            (font, index.data(), top, text or QColor(colours.get(state, tokens.text))),
            (small, index.data(PLACE), top + half, text or QColor(tokens.secondary)),
        )
        for made, words, y, colour in lines:
            painter.setFont(made)
            painter.setPen(colour)
            shown = QFontMetrics(made).elidedText(words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, y, room, half), Qt.AlignmentFlag.AlignVCenter, shown)
        if saved:
            at = QPointF(option.rect.right() - MARK - 6, option.rect.center().y() - MARK / 2)
            painter.drawPixmap(at, picture("check", (text or QColor(tokens.ok)).name(), MARK))
