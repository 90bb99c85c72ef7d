"""What is said beside the pointer while wires are dragged: what would come out, or why it would not work."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.build.foresight import Foreseen
from studio.ui.canvas.ink import Ink, fonts

_translate = QCoreApplication.translate
WIDEST, AROUND, AWAY = 340, 8, QPoint(16, 18)
NOTHING = QRect()
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class WireLabel(QWidget):
    """A small plate that follows the pointer over the view."""

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._ink, self._wrong = ink, False
        self.text = ""
        """What is said."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def tell(self, text: str, at: QPoint, *, wrong: bool = False, cover: QRect = NOTHING) -> None:
        """Say this beside a point of the parent, not behind a `cover`; nothing where the text is empty."""
        if not text:
            self.text = ""
            self.hide()
            return
        if (text, wrong) != (self.text, self._wrong):
            self.text, self._wrong = text, wrong
            self.setAccessibleName(text)
            self.resize(self._size())
            self.update()
        room = self.parentWidget().rect().adjusted(4, 4, -4, -4)
        corner = at + AWAY
        if corner.x() + self.width() > room.right():
            corner.setX(max(room.left(), at.x() - AWAY.x() - self.width()))
        if corner.y() + self.height() > room.bottom():
            corner.setY(max(room.top(), at.y() - AWAY.y() - self.height()))
        if cover.intersects(QRect(corner, self.size())):
            corner.setY(max(room.top(), min(at.y() - AWAY.y(), cover.top()) - self.height()))
        self.move(corner)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._ink
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink.error if self._wrong else ink.accent, 1))
        painter.setBrush(QColor(ink.panel))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(fonts().label if self._wrong else fonts().value)
        painter.setPen(ink.text)
        painter.drawText(self.rect().adjusted(AROUND, 4, -AROUND, -4), int(_WRAPPED), self.text)
        painter.end()

    def _size(self) -> QSize:
        metrics = QFontMetrics(fonts().label if self._wrong else fonts().value)
        needed = metrics.boundingRect(QRect(0, 0, WIDEST, 10_000), int(_WRAPPED), self.text)
        return QSize(needed.width() + 2 * AROUND + 2, needed.height() + 9)


def words(foreseen: Foreseen) -> str:
    """What would come of a wire, in a few words."""
    if foreseen.refusal:
        return f"✕ {foreseen.refusal}"
    if foreseen.result is not None:
        kind = "" if foreseen.result.dtype == "float32" else f" {foreseen.result.dtype}"
        return f"→ {foreseen.result.pill}{kind}"
    if foreseen.missing:
        ports = ", ".join(foreseen.missing)
        return _translate("Canvas", "fits; {ports} must be connected too").format(ports=ports)
    return _translate("Canvas", "fits")
