"""One metric's plot: its title and legend, the chart, zoom, and the values at the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.catalog.metrics import is_share
from studio.ui.monitor.chart import AXIS_WIDTH, Chart
from studio.ui.monitor.legend import FEW_LINES, LINE_PX, Entry, Legend
from studio.ui.monitor.ranges import Range, abscissa_range, ordinate_range, time_unit
from studio.ui.monitor.series import History
from studio.ui.monitor.strokes import Options, Smoothing, Stroke, strokes
from studio.ui.monitor.wording import metric_text, metric_title
from studio.ui.theme import DARK, Tokens

NAMED = 0.25
"""The share of its height that the names of compared runs take at most, unless it is very low."""
FEW = 3
"""Points that make no curve yet: what is shown then is each step's own."""


class Plot(QWidget):
    """Training and validation of one metric, over earlier runs."""

    hovered = Signal(float)
    """The pointer is at this abscissa; NaN when it has left."""
    exposed = Signal()
    """It was shown or resized: what it draws may be out of date."""

    def __init__(self, metric: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = metric
        self._tokens, self._options = DARK, Options()
        self._current: History | None = None
        self._earlier: Sequence[History] = ()
        self._smoothing = Smoothing()
        self._strokes: list[Stroke] = []
        self._unit = 1.0
        self._free = False
        self._y: Range | None = None
        self._title, self._parts = QLabel(metric_title(metric)), QLabel()
        self._legend = Legend()
        self._chart = Chart(self)
        self._arrange()
        self._listen()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._legend.set_tokens(tokens)
        self._chart.set_tokens(tokens)
        self.refresh()

    def show_runs(self, current: History | None, earlier: Sequence[History], options: Options) -> None:
        """Draw these runs, with these options."""
        if (options.abscissa, options.log) != (self._options.abscissa, self._options.log):
            self._free, self._y = False, None
        self._current, self._earlier, self._options = current, earlier, options
        self.refresh()

    def reset_zoom(self) -> None:
        """Show everything again, and follow the run."""
        self._free, self._y = False, None
        self.refresh()

    @property
    def legend(self) -> tuple[Entry, ...]:
        """The names, looks and, at the pointer, values of the lines."""
        return self._legend.entries

    @property
    def shown(self) -> tuple[Range, Range]:
        """The stretch of the abscissa and of the ordinate in view, in their own units."""
        x, (low, high) = self._chart.shown
        return x, (10**low, 10**high) if self._log else (low, high)

    def refresh(self) -> None:
        """Draw what there is now."""
        current, options = self._current, self._options
        self._strokes = strokes(self.name, current, self._earlier, options, self._smoothing, self._tokens)
        if not self._free:
            self._follow()
        self._chart.set_ticks(options.abscissa, self._unit, self._log)
        self._chart.draw(self._strokes, options.abscissa, self._unit, self._log)
        self._legend.show_entries(tuple(stroke.entry for stroke in self._named() if stroke.entry))
        self._show_parts()

    def show_cross(self, x: float) -> None:
        """Show the values at an abscissa; NaN hides them."""
        shown = math.isfinite(x)
        self._chart.show_cross(x if shown else None)
        self._legend.show_values(tuple(self._value(stroke, x) for stroke in self._named()) if shown else ())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(math.nan)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset_zoom()
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.exposed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._legend.allow_lines(max(FEW_LINES, round(self.height() * NAMED / LINE_PX)))
        self.exposed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self.reset_zoom()
        else:
            super().keyPressEvent(event)

    @property
    def _log(self) -> bool:
        return self._options.log and self.name.rpartition(".")[2] == "loss"

    def _named(self) -> list[Stroke]:
        """The lines of the legend: the current run's first."""
        named = [stroke for stroke in self._strokes if stroke.entry]
        return sorted(named, key=lambda stroke: stroke.behind)

    def _show_parts(self) -> None:
        """Beside the title say what is drawn of runs that are compared; their names have the lines below."""
        several = self._legend.several
        parts = dict.fromkeys(entry.part for entry in self._legend.entries if entry.numbered)
        self._parts.setText(self.tr("earlier runs: {part}").format(part=", ".join(parts)))
        self._parts.setVisible(several)
        way = QBoxLayout.Direction.TopToBottom if several else QBoxLayout.Direction.LeftToRight
        self._head.setDirection(way)
        self._head.setSpacing(2 if several else 12)

    def _follow(self) -> None:
        runs = [*self._earlier, *((self._current,) if self._current else ())]
        abscissa = self._options.abscissa
        self._unit = time_unit(runs) if abscissa == "time" else 1.0
        x = abscissa_range(runs, abscissa, self._unit, self._chart.shown[0])
        traces = [stroke.trace for stroke in self._strokes if not stroke.pale]
        if max((len(trace) for trace in traces), default=0) < FEW:
            traces = [stroke.trace for stroke in self._strokes]
        self._y = ordinate_range(traces, self._log, is_share(self.name), self._y)
        self._chart.show_range(x, self._y)

    def _value(self, stroke: Stroke, x: float) -> str:
        """The value of the point of a line nearest to an abscissa, if it is within the line."""
        points, factor = stroke.history.along(stroke.line, self._options.abscissa)
        points = points[: len(stroke.trace)]  # more may have arrived since the line was drawn
        at = x * self._unit / factor
        if not len(points) or at > points[-1] * 1.02 + 1:
            return "–"
        return metric_text(self.name, float(stroke.trace.array[stroke.line.nearest(points, at)]))

    def _arrange(self) -> None:
        font = self._title.font()
        font.setWeight(font.Weight.DemiBold)
        self._title.setFont(font)
        self._parts.setProperty("role", "secondary")
        titles = QHBoxLayout()
        titles.setSpacing(12)
        titles.addWidget(self._title)
        titles.addWidget(self._parts, 1)
        self._parts.hide()
        head = self._head = QHBoxLayout()
        head.setContentsMargins(AXIS_WIDTH, 0, 8, 0)
        head.addLayout(titles)
        head.addWidget(self._legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._chart.widget, 1)
        self.setMinimumSize(200, 150)

    def _listen(self) -> None:
        view = self._chart.widget
        name = metric_title(self.name)
        view.setAccessibleName(self.tr("Plot of {metric}").format(metric=name))
        way = self.tr("Drag to zoom into a part, turn the wheel to zoom, double-click to show everything")
        view.setAccessibleDescription(way)
        self._title.setToolTip(way)
        view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for part in (view, view.viewport()):
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        view.viewport().installEventFilter(self)
        view.scene().sigMouseMoved.connect(self._moved)
        self._chart.box.sigRangeChangedManually.connect(self._zoomed)

    def _moved(self, position: QPointF) -> None:
        box = self._chart.box
        inside = box.sceneBoundingRect().contains(position)
        self.hovered.emit(box.mapSceneToView(position).x() if inside else math.nan)

    def _zoomed(self) -> None:
        self._free = True
        self.refresh()
