"""How a wrong shape came about: one line with the nodes on the way, unfolded on demand to one line each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

LEAST = 60
SIGNS = "①②③④⑤⑥⑦⑧⑨"
"""Of wires that meet, the lines of each begin with its own."""


def route(trace: Sequence[str]) -> str:
    """The nodes of a trace on one line: image → conv1 → pool; ways that meet stand apart."""
    text, way = "", ""
    for line in trace:
        name = line.partition(":")[0].partition(" (")[0]
        sign = name[0] if name[0] in SIGNS else ""
        short = "…" if name.startswith("…") else name.removeprefix(f"{sign} ") if sign == way else name
        text += (" · " if way and sign != way else " → ") + short if text else short
        way = sign
    return text


class TraceLine(QWidget):
    """A line that can be unfolded."""

    def __init__(self, trace: Sequence[str]) -> None:
        super().__init__()
        self._folded = _Folded(self.tr("from {route}").format(route=route(trace)))
        self._lines = QLabel("\n".join(trace))
        self._lines.setTextFormat(Qt.TextFormat.PlainText)
        self._lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lines.setProperty("role", "small")
        self._lines.setProperty("mono", True)
        self._lines.setContentsMargins(18, 0, 0, 2)
        self._lines.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._lines.setAccessibleName(self.tr("How this shape came about"))
        self._folded.setToolTip(self.tr("Show how this shape came about, node by node"))
        self._folded.toggled.connect(self._unfold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._folded)
        column.addWidget(self._lines)
        self._unfold(False)

    def _unfold(self, open: bool) -> None:
        self._folded.setArrowType(Qt.ArrowType.DownArrow if open else Qt.ArrowType.RightArrow)
        self._lines.setVisible(open)


class _Folded(QToolButton):
    """The line itself; it gives way in the middle where the room is short."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._whole = text
        self.setText(text)
        self.setObjectName("more")
        self.setProperty("trace", True)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        measure = self.fontMetrics()
        frame = super().sizeHint().width() - measure.horizontalAdvance(self.text())
        return QSize(frame + measure.horizontalAdvance(self._whole), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(LEAST, self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        frame = super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())
        room = self.width() - frame
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room)
        if text != self.text():
            self.setText(text)
