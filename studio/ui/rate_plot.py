"""The plot of a search for a learning rate: the loss over growing rates, and a line that marks one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.monitor.legend import number_font
from studio.ui.monitor.ticks import linear_ticks, log_ticks
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget

TICK_PX, TICKS_ACROSS, TICKS_DOWN = 10, 9, 5
AXIS_WIDTH, AXIS_HEIGHT = 44, 18
ROOM = 0.06
TOP = 1.5
"""How many times the first losses the plot reaches up to."""


class RatePlot(QWidget):
    """Losses as they are tried, smoothed ones when all are, and the marked rate, which can be dragged."""

    marked = Signal(float)
    """The rate that the line was dragged to."""

    def __init__(self, tokens: Tokens) -> None:
        import pyqtgraph as pg

        super().__init__()
        self.view: PlotWidget = pg.PlotWidget(self)
        self._item = self.view.getPlotItem()
        self._grid = pg.PlotCurveItem(connect="pairs")
        self._raw, self._smooth = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
        self._line = pg.InfiniteLine(angle=90, movable=True)
        self._line.setVisible(False)
        self._line.sigDragged.connect(lambda line: self.marked.emit(10.0 ** float(line.value())))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._set_up(tokens)
        self.view.setAccessibleName(self.tr("Loss over the learning rate"))
        self.view.setToolTip(self.tr("The loss of each step by its rate; drag the line to choose another"))
        self.setMinimumSize(360, 220)

    def show_losses(self, rates: Sequence[float], losses: Sequence[float]) -> None:
        """Draw the losses that were tried so far."""
        if rates:
            self._raw.setData([math.log10(one) for one in rates], list(losses))
            self._fit(rates, losses)

    def show_smoothed(self, rates: Sequence[float], losses: Sequence[float]) -> None:
        """Draw the smoothed losses over them."""
        self._smooth.setData([math.log10(one) for one in rates], list(losses))

    def mark(self, rate: float) -> None:
        """Put the line at a rate."""
        self._line.setVisible(True)
        self._line.setValue(math.log10(rate))

    @property
    def points(self) -> int:
        """How many losses are drawn."""
        x, _ = self._raw.getData()
        return 0 if x is None else len(x)

    @property
    def at(self) -> float | None:
        """The rate that is marked."""
        return 10.0 ** float(self._line.value()) if self._line.isVisible() else None

    def line_at(self) -> QPointF:
        """Where the marked rate is in the scene, half way up."""
        box = self._item.getViewBox()
        (_, _), (low, high) = box.viewRange()
        return box.mapViewToScene(QPointF(float(self._line.value()), (low + high) / 2))

    def _fit(self, rates: Sequence[float], losses: Sequence[float]) -> None:
        least, most = min(losses), min(max(losses), TOP * max(losses[: max(1, len(losses) // 4)]))
        room = ROOM * ((most - least) or abs(most) or 1.0)
        x = (math.log10(rates[0]), math.log10(rates[-1]) + 1e-9)
        y = (least - room, most + room)
        self._item.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=False)
        ticks = linear_ticks(y, TICKS_DOWN)
        self._item.getAxis("left").setTicks([ticks])
        self._item.getAxis("bottom").setTicks([log_ticks(x, TICKS_ACROSS)])
        self._grid.setData([x[0], x[1]] * len(ticks), [at for at, _ in ticks for _ in x])

    def _set_up(self, tokens: Tokens) -> None:
        dress(self.view, tokens)
        pale = QColor(tokens.accent)
        pale.setAlpha(90)
        for item, pen in (
            (self._grid, cosmetic(QColor(tokens.line), 1.0)),
            (self._raw, cosmetic(pale, 1.0)),
            (self._smooth, cosmetic(QColor(tokens.accent), 1.8)),
            (self._line, cosmetic(QColor(tokens.warn), 1.6)),
        ):
            item.setPen(pen)
            self._item.addItem(item, ignoreBounds=True)
        self._line.setHoverPen(cosmetic(QColor(tokens.warn), 3.0))


def dress(view: PlotWidget, tokens: Tokens) -> None:
    """Give a plot that cannot be zoomed the look of all plots."""
    item = view.getPlotItem()
    item.hideButtons()
    item.setMenuEnabled(False)
    box = item.getViewBox()
    box.setMouseEnabled(False, False)
    box.disableAutoRange()
    item.layout.setContentsMargins(0, 8, 22, 0)
    view.setBackground(tokens.panel)
    for name, size in (("left", AXIS_WIDTH), ("bottom", AXIS_HEIGHT)):
        axis = item.getAxis(name)
        axis.setStyle(tickFont=number_font(TICK_PX), tickLength=0, tickTextOffset=6)
        axis.enableAutoSIPrefix(False)
        axis.setPen(QPen(Qt.PenStyle.NoPen))
        axis.setTextPen(tokens.secondary)
        axis.setTickPen(cosmetic(QColor(tokens.panel), 1.0))
        (axis.setWidth if name == "left" else axis.setHeight)(size)


def cosmetic(colour: QColor, width: float) -> QPen:
    """A pen whose width is one of the screen."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
