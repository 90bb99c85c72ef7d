"""Draws one value of the data: a picture, a curve, or words."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.pictures import covered, draw_picture
from studio.ui.shown_value import Shown
from studio.ui.theme import DARK, FIELD_RADIUS, Tokens

CAPTION, PADDING = 18, 6


class ValueView(QWidget):
    """A card with a value and a caption below."""

    def __init__(self, side: int = 96, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._tokens = DARK
        self._caption = ""
        self._shown = Shown("")
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def image(self) -> QImage | None:
        """The picture that is shown, None where it is none."""
        return self._image

    def show_value(self, shown: Shown, caption: str = "") -> None:
        """Show a value under a caption."""
        self._shown, self._caption = shown, caption
        self._image = covered(shown.pixels, shown.mask)
        self.setAccessibleName(f"{caption}: {shown.text}" if caption else shown.text)
        self.setToolTip(shown.text)
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side + CAPTION)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self._side + CAPTION)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRect(0, 0, self.width(), self.height() - CAPTION)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.field))
        painter.drawRoundedRect(QRectF(place), FIELD_RADIUS, FIELD_RADIUS)
        inner = place.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        if self._image is not None:
            draw_picture(painter, self._image, inner)
        elif self._shown.curve:
            self._draw_curve(painter, QRectF(inner))
        else:
            painter.setPen(QColor(self._tokens.text))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inner, flags, self._shown.text)
        painter.setPen(QColor(self._tokens.secondary))
        line = QRect(0, place.bottom() + 1, self.width(), CAPTION)
        text = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _draw_curve(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.accent))
        curve, middle, half = self._shown.curve, place.center().y(), place.height() / 2
        width = place.width() / len(curve)
        for at, (low, high) in enumerate(curve):
            top, bottom = middle - high * half, middle - low * half
            painter.drawRect(QRectF(place.x() + at * width, top, max(width, 0.5), max(bottom - top, 1.0)))
