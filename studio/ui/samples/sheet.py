"""The sheet of pictures or sounds: a view with as many in a line as there is room, and how each is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QTableView,
)

from studio.ui.pictures import covered, draw_picture
from studio.ui.samples.models import SampleSheet
from studio.ui.samples.wording import state_text
from studio.ui.theme import DARK, FIELD_RADIUS, Tokens

if TYPE_CHECKING:
    from numpy import ndarray

    from studio.data.browsing.pages import Row

Index = QModelIndex | QPersistentModelIndex
SIDE, CAPTION, PADDING = 64, 18, 6
TILE = QSize(SIDE + 2 * PADDING, SIDE + CAPTION + 2 * PADDING)
MOST_IMAGES = 2000
SELECTED = QStyle.StateFlag.State_Selected
MARKED = SELECTED | QStyle.StateFlag.State_MouseOver
ANTIALIASED, CENTRED = QPainter.RenderHint.Antialiasing, Qt.AlignmentFlag.AlignCenter
Move = QAbstractItemView.CursorAction


class Sheet(QTableView):
    """Pictures side by side; the arrow keys go on in the next line."""

    def __init__(self, model: SampleSheet) -> None:
        super().__init__()
        self._sheet, self._tiles = model, Tiles()
        self._pointed = -1
        self.setModel(model)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.entered.connect(lambda index: self._point(model.place(index)))
        self.viewportEntered.connect(lambda: self._point(-1))
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        for header, size in ((self.horizontalHeader(), TILE.width()), (self.verticalHeader(), TILE.height())):
            header.setMinimumSectionSize(size)
            header.setDefaultSectionSize(size)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.hide()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tiles.set_tokens(tokens)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in sight: a delegate would be asked much more for each."""
        area, sheet = event.rect(), self._sheet
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first < 0:
            return
        chosen, count = self.selectionModel(), sheet.count
        chosen = chosen if chosen.hasSelection() else None
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        for row in range(first, (last if last >= 0 else sheet.rowCount() - 1) + 1):
            top, begin = self.rowViewportPosition(row), row * sheet.across
            for column in range(min(sheet.across, count - begin)):
                tile = QRect(column * TILE.width(), top, TILE.width(), TILE.height())
                if not tile.intersects(area):
                    continue
                mark = "pointed" if begin + column == self._pointed else ""
                if chosen is not None and chosen.isSelected(sheet.index(row, column)):
                    mark = "chosen"
                self._tiles.draw(painter, tile, sheet.sample(begin + column), mark)
        painter.end()

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def _point(self, place: int) -> None:
        """The pointer is at another place; -1 for none."""
        for one in {self._pointed, place} - {-1}:
            self.viewport().update(self.visualRect(self._sheet.at(one)))
        self._pointed = place

    def fit(self) -> None:
        """Have as many in a line as there is room; what is chosen stays in sight."""
        across = max(1, self.viewport().width() // TILE.width())
        if across == self._sheet.across:
            return
        here = self._sheet.place(self.currentIndex()) if self.currentIndex().isValid() else -1
        top = self._sheet.place(self.indexAt(self.rect().topLeft()))
        self._sheet.set_across(across)
        if here >= 0:
            self.setCurrentIndex(self._sheet.at(here))
        elif top > 0:
            self.scrollTo(self._sheet.at(top), QAbstractItemView.ScrollHint.PositionAtTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        current = self.currentIndex()
        step = {Move.MoveLeft: -1, Move.MoveRight: 1}.get(action)
        if step is None or not current.isValid():
            return super().moveCursor(action, modifiers)
        place = self._sheet.place(current) + step
        index = self._sheet.at(place) if place >= 0 else current
        return index if self._sheet.flags(index) & Qt.ItemFlag.ItemIsEnabled else current


class Tiles:
    """A picture (its mask over it) or the outline of a sound, and what is true of it below."""

    def __init__(self) -> None:
        self._images: dict[int, tuple[Row, QImage | None]] = {}
        self._captions: dict[tuple[str, int], tuple[str, int]] = {}
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._text, self._secondary = QColor(tokens.text), QColor(tokens.secondary)
        self._field = QColor(tokens.field)

    def draw(self, painter: QPainter, tile: QRect, sample: Row | None, mark: str) -> None:
        """Draw a sample's tile, None of one that is being read; `mark` is "chosen", "pointed" or ""."""
        if mark:
            self._draw_ground(painter, tile, self._tokens.accent if mark == "chosen" else self._tokens.line)
        place = QRect(tile.x() + PADDING, tile.y() + PADDING, SIDE, SIDE)
        if sample is None:
            painter.fillRect(place, self._field)
            return
        self._draw_sample(painter, place, sample)
        self._draw_caption(painter, tile, sample)

    def _draw_ground(self, painter: QPainter, tile: QRect, line: str) -> None:
        painter.setRenderHint(ANTIALIASED)
        painter.setPen(QColor(line))
        painter.setBrush(self._field)
        painter.drawRoundedRect(QRectF(tile).adjusted(1, 1, -1, -1), FIELD_RADIUS, FIELD_RADIUS)
        painter.setRenderHint(ANTIALIASED, False)

    def _draw_sample(self, painter: QPainter, place: QRect, sample: Row) -> None:
        if sample.excluded:
            painter.setOpacity(0.35)
        if sample.wave is not None:
            painter.setRenderHint(ANTIALIASED)
            draw_wave(painter, sample.wave, place, QColor(self._tokens.accent))
            painter.setRenderHint(ANTIALIASED, False)
        image = self._image(sample)
        if image is not None:
            draw_picture(painter, image, place)
        if sample.excluded:
            painter.setOpacity(1.0)
        if sample.excluded or sample.wrong:
            painter.setPen(QColor(self._tokens.error if sample.wrong else self._tokens.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "!" if sample.wrong else "✕")

    def _image(self, sample: Row) -> QImage | None:
        """A sample's picture, made once."""
        known = self._images.get(sample.row)
        if known is None or known[0] is not sample:
            if len(self._images) >= MOST_IMAGES:
                self._images.clear()
            known = self._images[sample.row] = (sample, image_of(sample))
        return known[1]

    def _draw_caption(self, painter: QPainter, tile: QRect, sample: Row) -> None:
        changed = sample.relabelled or sample.weight != 1.0
        text = f"{sample.label} *" if changed else sample.label or state_text(sample)
        if text:
            painter.setPen(self._secondary if sample.excluded else self._text)
            shown, wide = self._caption(text, painter, tile.width() - 4)
            metrics = painter.fontMetrics()
            below = (CAPTION + metrics.ascent() - metrics.descent()) // 2
            painter.drawText(tile.x() + (tile.width() - wide) // 2, tile.y() + PADDING + SIDE + below, shown)

    def _caption(self, text: str, painter: QPainter, width: int) -> tuple[str, int]:
        """A text as far as there is room, and how wide it is; many samples have the same."""
        known = self._captions.get((text, width))
        if known is None:
            if len(self._captions) >= MOST_IMAGES:
                self._captions.clear()
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            known = self._captions[text, width] = (shown, metrics.horizontalAdvance(shown))
        return known


def image_of(sample: Row) -> QImage | None:
    """A sample's picture with its mask over it; the mask alone where there is no picture."""
    return covered(sample.picture, sample.mask)


def draw_wave(painter: QPainter, wave: ndarray, place: QRect, colour: QColor) -> None:
    """The outline of a sound, as high as its loudest moment."""
    low, high = wave
    loudest = max(float(abs(wave).max()), 1e-6)
    middle, half = place.center().y() + 0.5, place.height() / 2 - 2
    step = place.width() / max(1, len(low))
    top = [
        QPointF(place.x() + at * step, middle - half * float(v) / loudest - 0.5) for at, v in enumerate(high)
    ]
    bottom = [
        QPointF(place.x() + at * step, middle - half * float(v) / loudest + 0.5) for at, v in enumerate(low)
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([*top, *reversed(bottom)]))
