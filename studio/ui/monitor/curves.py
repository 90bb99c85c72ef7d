"""The Curves panel: a plot per metric, live while training, over earlier runs.

It paints little: at most ten times a second, and only plots that have changed and can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.train.events import Event, Started
from studio.train.runs import RunInfo
from studio.ui.monitor.ask import ask_save, complain
from studio.ui.monitor.curves_bar import CurvesBar
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.export import save_picture, save_table
from studio.ui.monitor.plot import Plot
from studio.ui.monitor.redraw import Redraw
from studio.ui.monitor.series import History, history_of
from studio.ui.monitor.strokes import Options
from studio.ui.monitor.tiles import Tiles
from studio.ui.theme import DARK, Tokens


class Curves(QWidget):
    """Loss and each metric of the current run, training and validation, with earlier runs behind them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK
        self._current: History | None = None
        self._run = ""
        self._before: tuple[str, History] | None = None
        self._earlier: list[History] = []
        self._plots: dict[str, Plot] = {}
        self._bar = CurvesBar()
        self._tiles = Tiles()
        self._area = QScrollArea()
        self._stack = QStackedWidget()
        self._redraw = Redraw(self, self._seen, self._draw)
        self._arrange()
        self._connect()

    def begin(self, started: Started, name: str) -> None:
        """A run starts (or goes on): its curves begin, the one before stays behind them in grey."""
        if self._current is not None and self._run == started.run:
            self.add((started,))
            return
        if self._current is not None and self._current.lines:
            self._earlier = [self._current.put_by()]
        self._run = started.run
        self._redraw.begin()
        self._current = History(name)
        self._current.run = started.run
        self._current.add((started,))
        self._set_before()
        self._show_all()

    def add(self, events: Sequence[Event]) -> None:
        """Take in what the run reports; drawn soon, not at once."""
        first = events[0] if events else None
        if isinstance(first, Started) and (self._current is None or first.run != self._run):
            self.begin(first, first.run)
            events = events[1:]
        if self._current is not None:
            self._redraw.add(self._current.add(events))

    def show_before(self, run: str, events: Sequence[Event]) -> None:
        """Draw, dimmed, what a forked run's ancestors did until it began."""
        self._before = (run, history_of(run, events)) if events else None
        if self._current is not None and self._run == run:
            self._set_before()
            self._show_all()

    def show_run(self, info: RunInfo, events: Sequence[Event]) -> None:
        """Show a run that is on disk, alone."""
        self._run = info.id
        self._current = _read(info, events)
        self._set_before()
        self._earlier = []
        self._show_all()

    def shows(self, run: str) -> bool:
        """Whether a run is the current one."""
        return self._current is not None and self._run == run

    def clear(self) -> None:
        """Show no run."""
        self._run, self._current, self._earlier = "", None, []
        self._show_all()

    def rename(self, run: str, name: str) -> None:
        """A run has another name now."""
        for history in self.histories:
            if history.run == run:
                history.name = name
        self._show_all()

    def drop(self, run: str) -> None:
        """Show this earlier run no more."""
        left = [history for history in self._earlier if history.run != run]
        if len(left) < len(self._earlier):
            self._earlier = left
            self._show_all()

    def overlay(self, runs: Sequence[tuple[RunInfo, Sequence[Event]]]) -> None:
        """Put these earlier runs behind the current one, several in colours; none takes them away.

        Where no run is shown yet, the first of them becomes the current one.
        """
        rest = [(info, events) for info, events in runs if info.id != self._run]
        if rest and self._current is None:
            self.show_run(*rest.pop(0))
        self._earlier = [_read(info, events) for info, events in rest]
        self._show_all()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for plot in self._plots.values():
            plot.set_tokens(tokens)

    @property
    def histories(self) -> tuple[History, ...]:
        """The runs that are shown, the current one first."""
        return (*((self._current,) if self._current else ()), *self._earlier)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots, in the order in which they are shown."""
        return tuple(self._plots.values())

    def reset_zoom(self) -> None:
        """Show everything in every plot."""
        for plot in self._plots.values():
            plot.reset_zoom()

    def save_picture(self, path: Path) -> None:
        """Write all plots as a PNG or SVG picture. Raises StudioError."""
        self._show_cross(math.nan)
        save_picture(self._tiles, path, self._tokens)

    def save_table(self, path: Path) -> None:
        """Write every value of the runs shown as CSV. Raises StudioError."""
        save_table(self.histories, path)

    def flush(self) -> None:
        """Draw now what has changed and can be seen."""
        self._redraw.flush()

    def _seen(self) -> list[str] | None:
        if not self.isVisible():
            return None
        self._make_plots()
        return [name for name, plot in self._plots.items() if not plot.visibleRegion().isEmpty()]

    def _draw(self, metric: str) -> None:
        if (plot := self._plots.get(metric)) is not None:
            plot.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw.soon()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addActions(self._bar.menu_actions())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _show_all(self) -> None:
        self._make_plots()
        for plot in self._plots.values():
            plot.show_runs(self._current, self._earlier, self._bar.options)
        self._bar.show_total(self._current.reach if self._current else 0)
        self._redraw.done()

    def _set_before(self) -> None:
        if self._current is not None and self._before is not None and self._before[0] == self._run:
            self._current.before = self._before[1]

    def _make_plots(self) -> None:
        """One plot per metric of any run; before the first values at least the loss."""
        found = [metric for history in self.histories for metric in history.metrics]
        metrics = list(dict.fromkeys(found)) or (["loss"] if self._current else [])
        self._stack.setCurrentIndex(1 if metrics else 0)
        self._bar.setEnabled(bool(metrics))
        if list(self._plots) == metrics:
            return
        plots = {metric: self._plots.pop(metric, None) or self._new_plot(metric) for metric in metrics}
        for gone in self._plots.values():
            gone.deleteLater()
        self._plots = plots
        self._tiles.show_widgets(list(plots.values()))

    def _new_plot(self, metric: str) -> Plot:
        plot = Plot(metric)
        plot.set_tokens(self._tokens)
        plot.show_runs(self._current, self._earlier, self._bar.options)
        plot.hovered.connect(self._show_cross)
        plot.exposed.connect(partial(self._touch, metric))
        return plot

    def _touch(self, metric: str) -> None:
        self._redraw.add((metric,))
        self._redraw.soon()

    def _show_cross(self, x: float) -> None:
        for plot in self._plots.values():
            plot.show_cross(x)

    def _take_options(self, options: Options) -> None:
        for plot in self._plots.values():
            plot.show_runs(self._current, self._earlier, options)

    def _ask_picture(self) -> None:
        kinds = self.tr("PNG picture (*.png);;SVG picture (*.svg)")
        ask_save(
            self,
            self.tr("Save the curves"),
            self._file_name(".png"),
            kinds,
            partial(self._try, self.save_picture),
        )

    def _ask_table(self) -> None:
        kinds = self.tr("CSV table (*.csv)")
        ask_save(
            self,
            self.tr("Save the values"),
            self._file_name(".csv"),
            kinds,
            partial(self._try, self.save_table),
        )

    def _file_name(self, ending: str) -> str:
        name = self.histories[0].name if self.histories else "curves"
        return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) + ending

    def _try(self, save: Callable[[Path], None], path: Path) -> None:
        try:
            save(path)
        except StudioError as error:
            complain(self, error)

    def _arrange(self) -> None:
        empty = Empty(
            self.tr("No curves yet"),
            self.tr(
                "Loss and metrics of training and validation appear here while a network trains. Press Train."
            ),
        )
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._tiles)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._area)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(4)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._area.verticalScrollBar().valueChanged.connect(self._redraw.soon)
        self._bar.options_changed.connect(self._take_options)
        self._bar.reset_asked.connect(self.reset_zoom)
        self._bar.picture_asked.connect(self._ask_picture)
        self._bar.table_asked.connect(self._ask_table)
        self._bar.earlier_cleared.connect(partial(self.overlay, ()))


def _read(info: RunInfo, events: Sequence[Event]) -> History:
    return history_of(info.name, events, info.status == "running", info.id)
