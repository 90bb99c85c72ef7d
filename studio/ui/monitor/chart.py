"""The pyqtgraph view of one plot: made, coloured and fed here. pyqtgraph loads with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.monitor.legend import number_font, pen_style
from studio.ui.monitor.ranges import SMALLEST, Range, stretch
from studio.ui.monitor.series import Abscissa
from studio.ui.monitor.strokes import Stroke
from studio.ui.monitor.ticks import abscissa_ticks, linear_ticks, log_ticks
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from numpy import ndarray
    from pyqtgraph import PlotItem, PlotWidget

AXIS_WIDTH, AXIS_HEIGHT, AXIS_GAP, TICK_PX = 44, 18, 3, 10
X_TICK_PX, Y_TICK_PX = 64, 26
DENSE = 0.6
"""Points a pixel from which a line is drawn fine and plain: it is a band rather than a line."""
FINE, STRONG = 1.0, 1.6
POINT_PX = 5
MOST_IN_BAND = 2000


class Chart:
    """A plot widget and the items in it, all in the view's own coordinates (log10 already taken)."""

    def __init__(self, parent: QWidget) -> None:
        import pyqtgraph as pg

        self.widget: PlotWidget = pg.PlotWidget(parent)
        self.item = self.widget.getPlotItem()
        self.box = self.item.getViewBox()
        self._curves: list[pg.PlotCurveItem] = []
        self._bands: list[_BandItem] = []
        self._marks = pg.ScatterPlotItem(size=POINT_PX, pen=None, pxMode=True)
        self._grid = pg.PlotCurveItem(connect="pairs")
        self._ticked: tuple[object, ...] = ()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.setVisible(False)
        self._set_up(pg.ViewBox.RectMode)

    def _set_up(self, drag: int) -> None:
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.box.setMouseMode(drag)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0)
        self.item.layout.setContentsMargins(0, 8, 22, 0)
        # A gap, so that new data never means painting the axes anew.
        self.item.layout.setHorizontalSpacing(AXIS_GAP)
        self.item.layout.setVerticalSpacing(AXIS_GAP)
        for name, size in (("left", AXIS_WIDTH), ("bottom", AXIS_HEIGHT)):
            axis = self.item.getAxis(name)
            axis.setStyle(
                tickFont=number_font(TICK_PX),
                tickLength=0,
                tickTextOffset=6,
                hideOverlappingLabels=24,
            )
            axis.enableAutoSIPrefix(False)
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            (axis.setWidth if name == "left" else axis.setHeight)(size)
        for item, level in ((self._grid, -1), (self._marks, 10), (self._cross, 11)):
            item.setZValue(level)
            self.item.addItem(item, ignoreBounds=True)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.widget.setBackground(tokens.panel)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setTextPen(tokens.secondary)
            axis.setTickPen(_pen(tokens.panel))
        self._grid.setPen(_pen(tokens.line))
        self._cross.setPen(_pen(tokens.secondary))
        border, filling = QColor(tokens.accent), QColor(tokens.accent)
        filling.setAlpha(40)
        self.box.rbScaleBox.setPen(QPen(border))
        self.box.rbScaleBox.setBrush(filling)

    @property
    def shown(self) -> tuple[Range, Range]:
        """The stretch of both axes in view."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return (x0, x1), (y0, y1)

    def show_range(self, x: Range, y: Range) -> None:
        """Bring a stretch of both axes into view."""
        if self.shown != (x, y):
            self.box.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=False)

    def set_ticks(self, abscissa: Abscissa, unit: float, log: bool) -> None:
        """Write round numbers along both axes, as many as have room."""
        x, y = self.shown
        across, down = max(2, int(self.box.width() // X_TICK_PX)), max(2, int(self.box.height() // Y_TICK_PX))
        asked = (x, y, across, down, abscissa, unit, log)
        if asked == self._ticked:
            return
        self._ticked = asked
        ticks = log_ticks(y, down) if log else linear_ticks(y, down)
        self.item.getAxis("bottom").setTicks([abscissa_ticks(x, across, abscissa, unit)])
        self.item.getAxis("left").setTicks([ticks])
        self._grid.setData([x[0], x[1]] * len(ticks), [at for at, _ in ticks for _ in x])

    def show_cross(self, x: float | None) -> None:
        """Mark an abscissa, or none."""
        self._cross.setVisible(x is not None)
        if x is not None:
            self._cross.setPos(x)

    def draw(self, strokes: list[Stroke], abscissa: Abscissa, unit: float, log: bool) -> None:
        """Draw lines, back to front, thinned to the width of the view."""
        while len(self._curves) < len(strokes):
            self._curves.append(self._new_curve(len(self._curves)))
        for curve in self._curves[len(strokes) :]:
            curve.setVisible(False)
        marked: tuple[ndarray, ndarray, str] | None = None
        for curve, stroke in zip(self._curves, strokes, strict=False):
            x, y = self._points(stroke, abscissa, unit, log)
            dense = len(x) > DENSE * self.box.width()
            curve.setVisible(True)
            smooth = not stroke.pale and not dense
            curve.setData(x, y, pen=_stroke_pen(stroke, dense), antialias=smooth, skipFiniteCheck=True)
            if stroke.points:
                marked = x, y, stroke.colour
        self._mark(marked)
        self._draw_bands([one for one in strokes if one.band is not None], abscissa, unit, log)

    def _draw_bands(self, strokes: list[Stroke], abscissa: Abscissa, unit: float, log: bool) -> None:
        import numpy as np

        while len(self._bands) < len(strokes):
            self._bands.append(_BandItem(self.item))
        for item in self._bands[len(strokes) :]:
            item.hide()
        for item, stroke in zip(self._bands, strokes, strict=False):
            assert stroke.band is not None
            x, factor = stroke.history.along(stroke.line, abscissa)
            every = max(1, len(x) // MOST_IN_BAND)
            low, high = (one.array[::every] for one in (stroke.band.low, stroke.band.high))
            if log:
                low, high = (np.log10(np.maximum(one, SMALLEST)) for one in (low, high))
            item.show(x[::every] * factor / unit, low, high, stroke.colour)

    def _mark(self, marked: tuple[ndarray, ndarray, str] | None) -> None:
        self._marks.setVisible(marked is not None)
        if marked:
            self._marks.setData(marked[0], marked[1], brush=QColor(marked[2]))

    def _points(self, stroke: Stroke, abscissa: Abscissa, unit: float, log: bool) -> tuple[ndarray, ndarray]:
        import numpy as np

        x, factor = stroke.history.along(stroke.line, abscissa)
        factor /= unit
        first, last = stretch(x, factor, self.shown[0])
        xs, ys = stroke.trace.thinned(x, first, last, max(50, round(self.box.width())))
        return xs * factor, np.log10(np.maximum(ys, SMALLEST)) if log else ys.copy()

    def _new_curve(self, level: int) -> object:
        import pyqtgraph as pg

        curve = pg.PlotCurveItem()
        curve.setZValue(level)
        self.item.addItem(curve, ignoreBounds=True)
        return curve


class _BandItem:
    """The ground between two lines that are not drawn themselves."""

    def __init__(self, item: PlotItem) -> None:
        import pyqtgraph as pg

        none = QPen(Qt.PenStyle.NoPen)
        self._lines = pg.PlotCurveItem(pen=none), pg.PlotCurveItem(pen=none)
        self._ground = pg.FillBetweenItem(*self._lines)
        self._ground.setZValue(-0.5)
        item.addItem(self._ground, ignoreBounds=True)

    def show(self, x: ndarray, low: ndarray, high: ndarray, colour: str) -> None:
        """Fill between these."""
        ground = QColor(colour)
        ground.setAlpha(54)
        for line, y in zip(self._lines, (low, high), strict=True):
            line.setData(x, y)
        self._ground.setBrush(ground)
        self._ground.setVisible(True)

    def hide(self) -> None:
        """Fill nothing."""
        self._ground.setVisible(False)


def _pen(colour: str, width: float = FINE) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    return pen


def _stroke_pen(stroke: Stroke, dense: bool) -> QPen:
    pen = _pen(stroke.colour, FINE if stroke.pale or stroke.fine or dense else STRONG)
    if stroke.pale or stroke.dimmed:
        colour = QColor(stroke.colour)
        colour.setAlpha(80 if stroke.pale else 130)
        pen.setColor(colour)
    elif stroke.entry and not dense:
        pen.setStyle(pen_style(stroke.entry.style))
    return pen
