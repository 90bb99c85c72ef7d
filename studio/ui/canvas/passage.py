"""The way into a block and out of it: for a moment the drawing grows out of its node, or shrinks into it."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRect, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QStyle, QWidget

from studio.ui.canvas.ink import Ink

MILLISECONDS = 200
SMOOTH = 2_500_000
"""Pixels up to which a picture is scaled smoothly in time."""


class Passage(QWidget):
    """Covers the view with two pictures while it lasts; the drawing beneath is the new one at once.

    Nothing moves where the desktop asks for no animation.
    """

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._ink = ink
        self._outside, self._inside = QPixmap(), QPixmap()
        self._node = QRectF()
        self._part = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.valueChanged.connect(self._move)
        self._motion.finished.connect(self.end)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink

    @property
    def wanted(self) -> bool:
        """Whether there is to be motion at all."""
        duration = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        return duration > 0 and self.parentWidget().isVisible()

    def play(self, over: QRect, outside: QPixmap, inside: QPixmap, node: QRect, *, inwards: bool) -> None:
        """Lead from one picture to the other; `node` is where the block lies in the one from outside."""
        self._outside, self._inside, self._node = outside, inside, QRectF(node)
        self._motion.stop()
        self._motion.setDuration(MILLISECONDS)
        self._motion.setStartValue(0.0 if inwards else 1.0)
        self._motion.setEndValue(1.0 if inwards else 0.0)
        self.setGeometry(over)
        self._part = self._motion.startValue()
        self.show()
        self._motion.start()

    def end(self) -> None:
        """Show the drawing itself."""
        self._motion.stop()
        self.hide()
        self._outside, self._inside = QPixmap(), QPixmap()

    def _move(self, part: float) -> None:
        self._part = part
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ink.canvas)
        whole, node, part = QRectF(self.rect()), self._node, self._part
        place = QRectF(
            node.x() + (whole.x() - node.x()) * part,
            node.y() + (whole.y() - node.y()) * part,
            node.width() + (whole.width() - node.width()) * part,
            node.height() + (whole.height() - node.height()) * part,
        )
        grown = QTransform.fromTranslate(place.x(), place.y())
        grown.scale(place.width() / node.width(), place.height() / node.height())
        grown.translate(-node.x(), -node.y())
        few = self.width() * self.height() < SMOOTH
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, few)
        painter.setOpacity(1 - part * part)
        painter.setTransform(grown)
        painter.drawPixmap(0, 0, self._outside)
        painter.resetTransform()
        painter.setOpacity(part)
        painter.drawPixmap(place, self._inside, QRectF(self._inside.rect()))
        painter.end()
