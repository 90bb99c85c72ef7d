"""The panel Statistics: each layer's numbers, what stands out among them in words, and their curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.train.events import Event, Started
from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.layer_plot import MOST, LayerPlot
from studio.ui.monitor.layer_series import KEYS, LayerSeries, drawn
from studio.ui.monitor.layer_table import LayerTable
from studio.ui.monitor.layer_words import in_short, meaning, remarks, title
from studio.ui.monitor.wording import grouped
from studio.ui.theme import DARK, Tokens

REDRAW_MS = 200


class LayersPanel(QWidget):
    """The statistics of the run that is shown, live while it trains."""

    measured = Signal(object)
    """The latest LayersMeasured of the run that is shown; None where there is none."""
    chosen = Signal(tuple)
    """Nodes were selected in the table, each as the block nodes that lead to it and its name."""
    wanted = Signal()
    """The user asks for layers to be measured from the next run on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series = LayerSeries()
        self._run = ""
        self._following = False
        self._tokens = DARK
        self._summary, self._place = Elided(), QLabel()
        self._quantity = QComboBox()
        self.table, self.plot = LayerTable(), LayerPlot()
        self._stack = QStackedWidget()
        self._empty = Empty("", "")
        self._switch = QPushButton(self.tr("Measure layers"))
        self._timer = QTimer(self, interval=REDRAW_MS, singleShot=True)
        self._arrange()
        self._timer.timeout.connect(self._show)
        self._quantity.currentIndexChanged.connect(self._show_curves)
        self._switch.clicked.connect(self.wanted)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.show_setting(False)

    def begin(self, started: Started, run: str) -> None:
        """A run starts, or goes on."""
        self.show_events(run, (started,), anew=run != self._run)

    def show_events(self, run: str, events: Sequence[Event], anew: bool = True) -> None:
        """Show a run that is on disk, or more of one."""
        if anew:
            self._series, self._run = LayerSeries(), run
        self._series.add(events)
        self._show()

    def add(self, events: Sequence[Event]) -> None:
        """Take in what the run reports; shown soon, not at once."""
        if self._series.add(events) and not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Show no run."""
        self.show_events("", ())

    def show_setting(self, on: bool) -> None:
        """Whether the next run measures its layers."""
        said = (
            self.tr("They appear here while a network trains. Press Train.")
            if on
            else self.tr(
                "They show which layers die, vanish or explode, here and as heat on the canvas. Switch "
                "layer_statistics on in the training settings, and press Train. About once a second a step "
                "is looked at; what is learned stays the same."
            )
        )
        self._empty.say(self.tr("No statistics of layers yet"), said)
        self._switch.setVisible(not on)

    def show_nodes(self, focus: tuple[str, ...], names: Sequence[str]) -> None:
        """Other nodes are selected on the canvas, in the graph that these block nodes lead to."""
        nodes = {(*focus, name) for name in names}
        if self._following or {drawn(path) for path in self.table.selected} == nodes:
            return
        self._following = True
        self.table.select([path for path in self.table.paths if drawn(path) in nodes])
        self._following = False
        self._show_curves()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.table.set_tokens(tokens)
        self.plot.set_tokens(tokens)

    def _show(self) -> None:
        last = self._series.last
        self._stack.setCurrentIndex(0 if last is None else 1)
        self.measured.emit(last)
        if last is None:
            return
        found = remarks(last)
        self.table.show_layers(last, found)
        self._summary.setText(in_short(found) or self.tr("Nothing stands out."))
        place = self.tr("step {step}, epoch {epoch}")
        self._place.setText(place.format(step=grouped(last.step), epoch=last.epoch))
        self._show_curves()

    def _show_curves(self) -> None:
        key = KEYS[self._quantity.currentIndex()]
        layers = self._series.layers
        some = self.table.selected or [path for path in layers if key in layers[path] and "/" not in path]
        self.plot.show_curves(self._series, some[:MOST], key)

    def _chosen(self) -> None:
        if self._following:
            return
        self._show_curves()
        self._following = True  # the canvas tells of it in turn
        self.chosen.emit(tuple(dict.fromkeys(drawn(path) for path in self.table.selected)))
        self._following = False

    def _arrange(self) -> None:
        for key in KEYS:
            self._quantity.addItem(title(key), key)
            self._quantity.setItemData(self._quantity.count() - 1, meaning(key), Qt.ItemDataRole.ToolTipRole)
        self._quantity.setCurrentIndex(KEYS.index("std"))
        self._quantity.setAccessibleName(self.tr("Statistic"))
        self._quantity.setToolTip(self.tr("Which statistic the curves show"))
        self._summary.setAccessibleName(self.tr("What stands out"))
        self._place.setProperty("role", "secondary")
        self._switch.setToolTip(self.tr("Switch layer_statistics on in the training settings"))
        self._switch.setAccessibleName(self._switch.text())
        self._stack.addWidget(self._blank())
        self._stack.addWidget(self._body())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 6, 12, 4)
        outer.addWidget(self._stack)

    def _blank(self) -> QWidget:
        blank = QWidget()
        column = QVBoxLayout(blank)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(self._empty)
        column.addWidget(self._switch, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return blank

    def _body(self) -> QWidget:
        body, head = QWidget(), QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._summary, 1)
        head.addWidget(self._place)
        head.addWidget(self._quantity)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.table)
        parts.addWidget(self.plot)
        parts.setChildrenCollapsible(False)
        parts.setSizes([660, 320])
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(parts, 1)
        return body
