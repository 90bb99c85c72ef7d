"""Pictures with their names side by side, in as many lines as it takes, as large as there is room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.pictures import draw_picture, picture_of
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.browsing.figures import Pictures

CAPTION, GAP, LARGEST = 18, 10, 256


class PictureRow(QWidget):
    """Draws the pictures of a figure."""

    def __init__(self, figure: Pictures) -> None:
        super().__init__()
        self._names = figure.names
        self._images = [picture_of(pixels) for pixels in figure.pixels]
        self._tokens = DARK
        self.setMinimumHeight(80)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(self._tokens.text))
        side, across = self._fitting()
        for at, (name, image) in enumerate(zip(self._names, self._images, strict=True)):
            x = (at % across) * (side + GAP)
            y = (at // across) * (side + CAPTION + GAP)
            draw_picture(painter, image, QRect(x, y, side, side))
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, side)
            painter.drawText(QRect(x, y + side, side, CAPTION), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _fitting(self) -> tuple[int, int]:
        """The largest side with which all have room, and how many are in a line then."""
        count = max(1, len(self._images))
        best = (16, count)
        for lines in range(1, count + 1):
            across = math.ceil(count / lines)
            side = min(
                (self.width() + GAP) // across - GAP, (self.height() + GAP) // lines - GAP - CAPTION, LARGEST
            )
            best = max(best, (side, across))
        return best
