"""The curve of a statistic over the steps, for some nodes. pyqtgraph loads when it is first shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.ui.contrast import readable
from studio.ui.monitor.chart import Chart
from studio.ui.monitor.layer_series import LayerSeries, turn
from studio.ui.monitor.layer_words import title, value_text
from studio.ui.monitor.legend import Entry, Legend, Style
from studio.ui.monitor.ranges import Range, ordinate_range
from studio.ui.monitor.series import History, Line
from studio.ui.monitor.strokes import LINE, Stroke
from studio.ui.theme import DARK, HUES, Tokens

COLOURS = ("blue", "orange", "green", "purple", "red", "teal")
STYLES: tuple[Style, ...] = ("line", "dashes", "dots")
"""Lines differ in both, so that they can be told apart without seeing colours."""
MOST = len(COLOURS)
PLAIN = ("mean", "zeros")
"""What is drawn as it is; all else by its order of magnitude."""


class LayerPlot(QWidget):
    """A few nodes' lines of one statistic."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK
        self._chart: Chart | None = None
        self._legend = Legend()
        self._lines: list[Line] = []
        self._entries: list[Entry] = []
        self._history, self._key = History(""), "std"
        self._asked: tuple[LayerSeries, tuple[str, ...], str] | None = None
        self._y: Range | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self._legend)
        self._nothing = QLabel(self.tr("None of these nodes has this statistic."))
        self._nothing.setProperty("role", "secondary")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(self._nothing, 1)
        self.setMinimumWidth(220)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The names and looks of the lines."""
        return self._legend.entries

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._legend.set_tokens(tokens)
        if self._chart is not None:
            self._chart.set_tokens(tokens)
        self.refresh()

    def show_curves(self, series: LayerSeries, paths: Sequence[str], key: str) -> None:
        """Draw a statistic of some nodes, of the first few where they are many."""
        asked = (series, tuple(paths[:MOST]), key)
        if self._asked is None or asked[1:] != self._asked[1:]:
            self._y = None
        self._asked = asked
        self.refresh()

    def refresh(self) -> None:
        """Draw what there is now."""
        if self._asked is None or not self.isVisible():
            return
        series, paths, self._key = self._asked
        chart = self._ready()
        history = self._history = History("")
        history.steps_per_epoch = 1
        self._lines, self._entries, strokes = [], [], list[Stroke]()
        for at, path in enumerate(paths):
            line, entry = Line(), self._entry(at, path)
            line.extend(*series.curve(path, self._key))
            if not len(line):
                continue
            strokes.append(Stroke(history, line, line.value, entry, entry.colour))
            self._lines.append(line)
            self._entries.append(entry)
        self._legend.show_entries(tuple(self._entries))
        log = self._key not in PLAIN
        traces = [line.value for line in self._lines]
        self._y = ordinate_range(traces, log, self._key == "zeros", self._y)
        last = max((line.step.array[-1] for line in self._lines), default=1.0)
        self._nothing.setVisible(not self._lines)
        chart.widget.setVisible(bool(self._lines))
        chart.show_range((0.0, max(float(last), float(series.total), 1.0)), self._y)
        chart.set_ticks("step", 1.0, log)
        chart.draw(strokes, "step", 1.0, log)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._show_cross(math.nan)
        return super().eventFilter(watched, event)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self.refresh()

    def _entry(self, at: int, path: str) -> Entry:
        colour = readable(HUES[COLOURS[at]], self._tokens.panel, self._tokens.text, LINE)
        return Entry(turn(path), colour, STYLES[at % len(STYLES)])

    def _ready(self) -> Chart:
        if self._chart is None:
            self._chart = Chart(self)
            self._chart.set_tokens(self._tokens)
            view = self._chart.widget
            view.setMouseEnabled(x=False, y=False)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            for part in (view, view.viewport()):
                part.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
            view.viewport().installEventFilter(self)
            view.scene().sigMouseMoved.connect(self._moved)
            self._column.addWidget(view, 1)
        name = self.tr("Plot of {statistic} over the steps").format(statistic=title(self._key))
        self._chart.widget.setAccessibleName(name)
        return self._chart

    def _moved(self, position: QPointF) -> None:
        assert self._chart is not None
        box = self._chart.box
        inside = box.sceneBoundingRect().contains(position)
        self._show_cross(box.mapSceneToView(position).x() if inside else math.nan)

    def _show_cross(self, x: float) -> None:
        shown = math.isfinite(x)
        if self._chart is not None:
            self._chart.show_cross(x if shown else None)
        self._legend.show_values(tuple(self._value(line, x) for line in self._lines) if shown else ())

    def _value(self, line: Line, x: float) -> str:
        return value_text(self._key, float(line.value.array[line.nearest(line.step.array, x)]))
