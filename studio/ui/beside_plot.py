"""The plots of a comparison of frameworks: both losses over the epochs, and how far they are apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.interchange.beside.figures import Figures
from studio.interchange.beside.told import FRAMEWORKS, TITLES
from studio.ui.card import label
from studio.ui.monitor.legend import Entry, Legend, pen_style
from studio.ui.monitor.strokes import validation_colour
from studio.ui.monitor.ticks import linear_ticks, log_ticks
from studio.ui.rate_plot import AXIS_WIDTH, cosmetic, dress
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from numpy import ndarray
    from pyqtgraph import PlotWidget

POINTS = 1200
"""Points of a line at most."""
TICKS_ACROSS, TICKS_DOWN = 9, 5
ROOM = 0.06
LEAST = 1e-9
"""Differences below are drawn there: single precision knows none as small."""
BROAD, NARROW = 3.4, 1.6


class BesidePlot(QWidget):
    """The losses of every step, PyTorch's broad and TensorFlow's as dashes over it, and below, in powers of
    ten, their difference.
    """

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        colours = (tokens.accent, validation_colour(tokens))
        names = [TITLES[one] for one in FRAMEWORKS]
        self.losses = _Lines(tokens, self.tr("Training loss by epoch"))
        self.apart = _Lines(tokens, self.tr("Relative difference by epoch"))
        self.losses.add(Entry(names[0], colours[0]), BROAD)
        self.losses.add(Entry(names[1], colours[1], "dashes"), NARROW)
        self.apart.add(Entry(self.tr("of each step"), tokens.secondary), 1.2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.losses, 5)
        column.addWidget(self.apart, 3)

    def show_figures(self, figures: Figures) -> None:
        """Draw all steps so far."""
        import numpy as np

        begun = figures.begun
        if begun is None:
            return
        end = (0.0, float(begun.epochs))
        both = [np.array(figures.losses[name]) for name in FRAMEWORKS]
        lines = [_thinned(one, begun.steps_per_epoch, np.mean) for one in both]
        self.losses.show_lines(lines, end, log=False)
        shared = min(map(len, both))
        one, other = (losses[:shared] for losses in both)
        apart = np.abs(one - other) / np.maximum(np.abs(one), 1e-12)
        x, y = _thinned(apart, begun.steps_per_epoch, np.max)
        self.apart.show_lines([(x, np.log10(np.maximum(y, LEAST)))], end, log=True)


class _Lines(QWidget):
    """Lines over epochs under a title and a legend; it always shows all of them."""

    def __init__(self, tokens: Tokens, title: str) -> None:
        import pyqtgraph as pg

        super().__init__()
        self.view: PlotWidget = pg.PlotWidget(self)
        self._item = self.view.getPlotItem()
        self._lines: list[pg.PlotCurveItem] = []
        self._entries: tuple[Entry, ...] = ()
        self._legend = Legend()
        self._legend.set_tokens(tokens)
        self._grid = pg.PlotCurveItem(connect="pairs", pen=cosmetic(QColor(tokens.line), 1.0))
        dress(self.view, tokens)
        self._item.addItem(self._grid, ignoreBounds=True)
        self.view.setAccessibleName(title)
        self.view.setToolTip(title)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = QHBoxLayout()
        head.setContentsMargins(AXIS_WIDTH, 0, 8, 0)
        head.setSpacing(12)
        head.addWidget(label(title, "section"))
        head.addWidget(self._legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self.setMinimumSize(320, 110)

    def add(self, entry: Entry, width: float) -> None:
        """Make one more line; it lies over those before."""
        import pyqtgraph as pg

        pen = cosmetic(QColor(entry.colour), width)
        pen.setStyle(pen_style(entry.style))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        line = pg.PlotCurveItem(pen=pen, antialias=True)
        self._lines.append(line)
        self._item.addItem(line, ignoreBounds=True)
        self._entries = (*self._entries, entry)
        self._legend.show_entries(self._entries)

    @property
    def points(self) -> list[int]:
        """How many points each line has."""
        found = [line.getData()[0] for line in self._lines]
        return [0 if x is None else len(x) for x in found]

    def show_lines(self, lines: list[tuple[ndarray, ndarray]], x: tuple[float, float], log: bool) -> None:
        """Draw them over this stretch; `log` says that they are powers of ten."""
        for item, (xs, ys) in zip(self._lines, lines, strict=True):
            item.setData(xs, ys)
        found = [float(edge) for _, ys in lines if len(ys) for edge in (ys.min(), ys.max())]
        if not found:
            return
        low, high = min(found), max(found)
        if log:
            y = (math.floor(low), max(math.ceil(high), math.floor(low) + 1) + 0.1)
        else:
            room = ROOM * ((high - low) or abs(high) or 1.0)
            y = (low - room, high + room)
        ticks = log_ticks(y, TICKS_DOWN) if log else linear_ticks(y, TICKS_DOWN)
        self._item.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=False)
        self._item.getAxis("left").setTicks([ticks])
        self._item.getAxis("bottom").setTicks([linear_ticks(x, TICKS_ACROSS, least_step=1.0)])
        self._grid.setData([x[0], x[1]] * len(ticks), [at for at, _ in ticks for _ in x])


def _thinned(values: ndarray, per_epoch: int, how: Any) -> tuple[ndarray, ndarray]:  # noqa: ANN401
    """Abscissas in epochs and values, those next to each other as one where there are very many."""
    import numpy as np

    every = max(1, -(-len(values) // POINTS))
    left = len(values) % every
    whole = values[: len(values) - left].reshape(-1, every)
    found = how(whole, axis=1) if len(whole) else np.empty(0)
    x = (np.arange(len(found)) + 1.0) * every / per_epoch
    if left:
        found = np.append(found, how(values[-left:]))
        x = np.append(x, len(values) / per_epoch)
    return x, found
