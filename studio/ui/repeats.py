"""The repeats of a block as a chain: what comes in, what each turn gives on, what goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.catalog.registry import Layer
from studio.project.expressions import Names
from studio.project.graph import Endpoint, Node
from studio.ui.canvas.lines import resolved_value
from studio.ui.node_facts import UNKNOWN, shape_text
from studio.ui.style import mono_family
from studio.ui.theme import DARK, SECONDARY_PX, Tokens, family_colour

if TYPE_CHECKING:
    from studio.build.plan import Checked, TensorType

ROW, BOX = 24, 26
MOST, BEGINNING = 7, 4
"""So many links are drawn at most; of more, the first ones and the last."""


@dataclass(frozen=True, slots=True)
class Link:
    """A turn and the shape that it gives on; `turn` is None for an end of the chain, 0 for those left out."""

    turn: int | None
    shape: str
    label: str = ""
    own: bool = True
    """Whether its weights are its own."""


def links_of(node: Node, layer: Layer, names: Names, checked: Checked | None) -> list[Link]:
    """The chain of a repeated block's node; nothing where it is not repeated, or its number not known.

    `names` are those that formulas in its parameters read.
    """
    turns = checked.inner.get(node.name, ()) if checked else ()
    values = layer.values(node.params)
    repeat, shared = resolved_value(values["repeat"], names), values["shared"] is True
    if not isinstance(repeat, int) or repeat < 2 or not layer.inputs:
        return []
    entry = layer.inputs[0].name
    first = turns[0].types.get(Endpoint(entry, "output")) if turns else None
    shapes = [_leaving(one, layer) for one in turns]
    if shared and shapes:  # one stands for all: the same goes round and round
        shapes *= repeat
    given = [*shapes, *[None] * (repeat - len(shapes))][:repeat]
    chain = [Link(at, shape_text(type), str(at), not shared or at == 1) for at, type in enumerate(given, 1)]
    last = layer.outputs[0].name if layer.outputs else ""
    return [Link(None, shape_text(first), entry), *_shortened(chain), Link(None, chain[-1].shape, last)]


def _leaving(turn: Checked, layer: Layer) -> TensorType | None:
    """What comes at a turn's first result."""
    assert layer.block is not None
    wires = layer.block.graph.incoming(layer.outputs[0].name) if layer.outputs else ()
    return turn.types.get(wires[0].source) if wires else None


def _shortened(chain: list[Link]) -> list[Link]:
    return chain if len(chain) <= MOST else [*chain[:BEGINNING], Link(0, "", "⋮"), chain[-1]]


class Repeats(QWidget):
    """A box for each turn, filled where its weights are its own; a press looks into it."""

    entered = Signal(int)
    """The turn that was pressed, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self._links: list[Link] = []
        self._tokens = DARK
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tr("Press a turn to look into it; arrow keys and Enter do the same"))

    def show_links(self, links: list[Link]) -> None:
        """Show this chain; without links nothing is shown."""
        if links != self._links:
            self._links = links
            self._at = min(self._at, max(len(links) - 1, 0))
            told = (f"{one.label}: {one.shape}" if one.shape else one.label for one in links)
            self.setAccessibleName(self.tr("Repeats: {chain}").format(chain=" → ".join(told)))
            self.updateGeometry()
            self.update()
        self.setVisible(bool(links))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, ROW * len(self._links))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, ROW * len(self._links))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names, shapes = QFont(self.font()), QFont(mono_family())
        names.setPixelSize(SECONDARY_PX)
        shapes.setPixelSize(SECONDARY_PX)
        for at, link in enumerate(self._links):
            painter.setFont(names)
            self._paint(painter, at, link)
            painter.setFont(shapes)
            painter.setPen(QColor(self._tokens.text if link.shape != UNKNOWN else self._tokens.error))
            place = QRectF(BOX + 12, at * ROW, self.width() - BOX - 12, ROW)
            text = painter.fontMetrics().elidedText(
                link.shape, Qt.TextElideMode.ElideRight, int(place.width())
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _paint(self, painter: QPainter, at: int, link: Link) -> None:
        """A box with its number, or an end of the chain, and the line to the next."""
        colour, centre = QColor(family_colour("Block")), QPointF(BOX / 2 + 1, at * ROW + ROW / 2)
        box = QRectF(centre.x() - BOX / 2, centre.y() - 8.5, BOX, 17)
        if at + 1 < len(self._links):
            painter.setPen(QPen(QColor(self._tokens.secondary), 1.2))
            painter.drawLine(QPointF(centre.x(), box.bottom()), QPointF(centre.x(), box.top() + ROW))
        if link.turn:
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colour if link.own else QColor(self._tokens.panel))
            painter.drawRoundedRect(box, 4, 4)
        if at == self._at and self.hasFocus():
            painter.setPen(QPen(QColor(self._tokens.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), 5, 5)
        painter.setPen(QColor("#15171c" if link.turn and link.own else self._tokens.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, link.label)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        link = self._link(int(event.position().y()) // ROW)
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._at = max(0, min(int(event.position().y()) // ROW, len(self._links) - 1))
        self._enter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self._at = max(0, min(self._at + steps[Qt.Key(event.key())], len(self._links) - 1))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._enter()
        else:
            super().keyPressEvent(event)

    def _link(self, at: int) -> Link | None:
        """The link with a turn in a row."""
        found = self._links[at] if 0 <= at < len(self._links) else None
        return found if found is not None and found.turn else None

    def _enter(self) -> None:
        link = self._link(self._at)
        if link is not None and link.turn:
            self.entered.emit(link.turn - 1)
