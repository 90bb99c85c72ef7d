"""One figure of the data drawn by pyqtgraph, which loads with the first; its values are told as text too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.card import label
from studio.ui.monitor.legend import number_font
from studio.ui.samples.figure_text import colour_of, legend_html, told
from studio.ui.samples.picture_row import PictureRow
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.browsing.figures import Bars, Figure, Heat, Points, Ranks

TICK_PX = 10
LONGEST_NAME = 22
MOST_DATES = 6
MOST_TOLD = 40
"""Values in a tooltip."""


class FigureView(QWidget):
    """A heading, the drawing, and its values in the tooltip and for screen readers."""

    def __init__(self, figure: Figure, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figure = figure
        self._title = label(figure.title, "heading")
        self._note = label("", "small")
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._drawing: Any = None
        self._kind = type(figure).__name__
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for widget in (self._title, self._note, self._legend):
            column.addWidget(widget)
        self._note.setText(figure.note)
        self._note.setVisible(bool(figure.note))
        self._body = self._make()
        self._body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column.addWidget(self._body, 1)
        lines = told(figure)
        more = (
            []
            if len(lines) <= MOST_TOLD
            else [self.tr("and {count} more").format(count=len(lines) - MOST_TOLD)]
        )
        self.setToolTip("\n".join([*lines[:MOST_TOLD], *more]))
        self.setAccessibleName(figure.title)
        self.setAccessibleDescription("; ".join(lines))
        self._body.setAccessibleName(f"{figure.title}: {'; '.join(lines[:MOST_TOLD])}")
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        html = legend_html(self.figure, tokens)
        self._legend.setText(html)
        self._legend.setVisible(bool(html))
        if self._kind == "Pictures":
            self._body.set_tokens(tokens)
            return
        self._body.setBackground(tokens.panel)
        item = self._body.getPlotItem()
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setTextPen(tokens.secondary)
            axis.setPen(QPen(QColor(tokens.line)))
        item.clear()
        draw = {"Bars": _draw_bars, "Points": _draw_points, "Heat": _draw_heat, "Ranks": _draw_ranks}[
            self._kind
        ]
        draw(item, self.figure, tokens)

    def _make(self) -> QWidget:
        if self._kind == "Pictures":
            return PictureRow(self.figure)
        import pyqtgraph as pg

        widget = pg.PlotWidget()
        item = widget.getPlotItem()
        item.hideButtons()
        item.layout.setContentsMargins(0, 8, 14, 0)
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setStyle(tickFont=number_font(TICK_PX), tickLength=0, tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
        return widget


def _draw_bars(item: Any, figure: Bars, tokens: Tokens) -> None:  # noqa: ANN401
    """Parts on top of each other."""
    import numpy as np
    import pyqtgraph as pg

    count = len(figure.names)
    edges = np.array(figure.edges) if figure.edges else np.arange(count + 1) - 0.5
    shrink = 0.0 if figure.edges else 0.1
    base = np.zeros(count)
    for part, values in figure.series.items():
        heights = np.array(values)
        bars = pg.BarGraphItem(
            x0=edges[:-1] + shrink,
            x1=edges[1:] - shrink,
            y0=base,
            y1=base + heights,
            brush=QColor(colour_of(part, tokens)),
            pen=_pen(tokens.panel),
        )
        item.addItem(bars)
        base = base + heights
    item.setLabel("bottom", figure.axis, color=tokens.secondary)
    if figure.dates:
        item.getAxis("bottom").setTicks([_dates(figure)])
    elif not figure.edges:
        step = max(1, count // 30)
        ticks = [(at, short(name)) for at, name in enumerate(figure.names) if at % step == 0]
        item.getAxis("bottom").setTicks([ticks])
    item.setXRange(float(edges[0]), float(edges[-1]), padding=0.02)
    item.setYRange(0, float(base.max()) or 1.0, padding=0.05)


def _dates(figure: Bars) -> list[tuple[float, str]]:
    """Some of the edges of a histogram of dates, as they are written."""
    from studio.data.browsing.figures import date_of

    step = max(1, len(figure.edges) // MOST_DATES)
    return [(edge, date_of(edge)) for edge in figure.edges[step // 2 :: step]]


def _draw_points(item: Any, figure: Points, tokens: Tokens) -> None:  # noqa: ANN401
    """The more samples, the larger the point."""
    import numpy as np
    import pyqtgraph as pg

    counts = np.array(figure.counts, float)
    sizes = 6 + 18 * np.sqrt(counts / counts.max())
    colour = QColor(tokens.accent)
    colour.setAlpha(150)
    item.addItem(pg.ScatterPlotItem(figure.x, figure.y, size=sizes, brush=colour, pen=_pen(tokens.panel)))
    for axis, name, values in zip(("bottom", "left"), figure.axes, (figure.x, figure.y), strict=True):
        item.setLabel(axis, name, color=tokens.secondary)
        reach = (0.0, max(values) * 1.15)
        (item.setXRange if axis == "bottom" else item.setYRange)(*reach, padding=0)


def _draw_heat(item: Any, figure: Heat, tokens: Tokens) -> None:  # noqa: ANN401
    import numpy as np
    import pyqtgraph as pg
    from PySide6.QtCore import QRectF

    image = pg.ImageItem(np.ascontiguousarray(figure.values.T))
    top = float(figure.values.max())
    image.setLevels((top - 80.0, top))
    ground, middle, bright = QColor(tokens.field), QColor(tokens.accent), QColor(tokens.warn)
    image.setColorMap(pg.ColorMap([0.0, 0.6, 1.0], [ground, middle, bright]))
    image.setRect(QRectF(0, 0, figure.seconds, figure.hertz / 1000))
    item.addItem(image)
    item.setLabel("bottom", "s", color=tokens.secondary)
    item.setLabel("left", "kHz", color=tokens.secondary)
    item.setXRange(0, figure.seconds, padding=0)
    item.setYRange(0, figure.hertz / 1000, padding=0)


def _draw_ranks(item: Any, figure: Ranks, tokens: Tokens) -> None:  # noqa: ANN401
    """The strongest at the top."""
    import numpy as np
    import pyqtgraph as pg

    count = len(figure.names)
    places = count - 1 - np.arange(count)
    values = np.array(figure.values)
    brushes = [QColor(tokens.accent if value >= 0 else tokens.warn) for value in values]
    item.addItem(
        pg.BarGraphItem(
            x0=np.minimum(values, 0),
            x1=np.maximum(values, 0),
            y=places,
            height=0.7,
            brushes=brushes,
            pen=None,
        )
    )
    ticks = [(int(place), short(name)) for place, name in zip(places, figure.names, strict=True)]
    item.getAxis("left").setTicks([ticks])
    item.setXRange(min(0.0, float(values.min())), max(1.0, float(values.max())), padding=0.02)
    item.setYRange(-0.6, count - 0.4, padding=0)


def _pen(colour: str) -> QPen:
    """A line of one pixel, whatever the scale of the axes."""
    pen = QPen(QColor(colour), 1.0)
    pen.setCosmetic(True)
    return pen


def short(name: str) -> str:
    """A name that has room at an axis."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
