"""Several runs side by side: settings and results along parallel axes, a table, and two drawings in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.project.project import Project
from studio.train.run_settings import Settings, differing, run_settings
from studio.train.runs import RunInfo, read_run, run_project
from studio.ui.background import Background
from studio.ui.monitor.ask import complain
from studio.ui.monitor.drawing_difference import DrawingDifference
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.parallel import Axis, Parallel
from studio.ui.monitor.runs_model import short_name, value_text
from studio.ui.monitor.wording import metric_title
from studio.ui.theme import Tokens

SIZE = (980, 600)
MOST_AXES = 12
Read = list[tuple[RunInfo, Settings, Project]]


class DifferencesWindow(QDialog):
    """Over the window, beside it: both can be used."""

    def __init__(self, runs: list[Path], tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._read: Read = []
        self._parallel, self._drawing, self._table = Parallel(), DrawingDifference(), QTableWidget()
        self._first, self._second, self._words = QComboBox(), QComboBox(), QLabel(wordWrap=True)
        self.tabs = QTabWidget()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Differences of {count} runs").format(count=len(runs)))
        self.resize(*SIZE)
        self._arrange()
        for widget in (self._parallel, self._drawing):
            widget.set_tokens(tokens)
        self._reader = Background(self)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._fail)
        self.finished.connect(self._reader.close)
        self._reader.request(partial(_read, runs))

    @property
    def parallel(self) -> Parallel:
        """The parallel coordinates."""
        return self._parallel

    @property
    def drawing(self) -> DrawingDifference:
        """Two drawings in one."""
        return self._drawing

    @property
    def table(self) -> QTableWidget:
        """The settings that differ."""
        return self._table

    def _show(self, read: Read) -> None:
        self._read = read
        names = [info.name for info, _, _ in read]
        settings = [one for _, one, _ in read]
        self._parallel.show_axes(names, axes_of([info for info, _, _ in read], settings))
        self._fill(names, settings)
        for box, at in ((self._first, 0), (self._second, len(names) - 1)):
            box.blockSignals(True)
            box.addItems(names)
            box.setCurrentIndex(at)
            box.blockSignals(False)
        self._compare()

    def _fill(self, names: Sequence[str], settings: Sequence[Settings]) -> None:
        """One row a setting; what is not as in the first run has a coloured ground."""
        differ = differing(settings)
        table, ground = self._table, QColor(self._tokens.warn)
        ground.setAlpha(60)
        table.setRowCount(len(differ))
        table.setColumnCount(len(names))
        table.setHorizontalHeaderLabels(list(names))
        table.setVerticalHeaderLabels([short_name(name) for name in differ])
        for row, name in enumerate(differ):
            for column, one in enumerate(settings):
                text = value_text(one[name]) if name in one else self.tr("not there")
                item = QTableWidgetItem(text)
                item.setFont(number_font())
                item.setToolTip(f"{name} = {text}")
                if repr(one.get(name)) != repr(settings[0].get(name)):
                    item.setBackground(ground)
                table.setItem(row, column, item)
        table.resizeColumnsToContents()

    def _compare(self) -> None:
        one, other = self._first.currentIndex(), self._second.currentIndex()
        if min(one, other) < 0:
            return
        before, after = self._read[one][2], self._read[other][2]
        self._drawing.show_graphs(before.graph, after.graph)
        self._words.setText(self._told(before, after))

    def _told(self, before: Project, after: Project) -> str:
        delta = self._drawing.delta
        parts = [
            self.tr("{count} nodes came").format(count=len(delta.added)) if delta.added else "",
            self.tr("{count} went").format(count=len(delta.removed)) if delta.removed else "",
            self.tr("{count} changed").format(count=len(delta.changed)) if delta.changed else "",
            self.tr("{count} wires").format(count=len(delta.wires_added) + len(delta.wires_removed))
            if delta.wires_added or delta.wires_removed
            else "",
        ]
        blocks = sorted(
            name
            for name in before.blocks.keys() | after.blocks.keys()
            if before.blocks.get(name) != after.blocks.get(name)
        )
        if blocks:
            parts.append(self.tr("blocks that differ: {names}").format(names=", ".join(blocks)))
        return ", ".join(filter(None, parts)) or self.tr("The drawings compute the same.")

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        complain(self, error)

    def _arrange(self) -> None:
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self._parallel)
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.setAccessibleName(self.tr("Settings that differ"))
        self._table.setToolTip(self.tr("What is not as in the first run has a coloured ground"))
        self._table.setTabKeyNavigation(False)
        pages = (
            (area, self.tr("Settings and results")),
            (self._table, self.tr("Settings that differ")),
            (self._drawings(), self.tr("Drawings")),
        )
        for page, title in pages:
            self.tabs.addTab(page, title)
        self.tabs.tabBar().setAccessibleName(self.tr("What is compared"))
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)

    def _drawings(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout()
        named = ((self._first, self.tr("From")), (self._second, self.tr("To")))
        for box, text in named:
            label = QLabel(text)
            label.setBuddy(box)
            box.setAccessibleName(text)
            box.setToolTip(self.tr("One of the runs that are compared"))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.currentIndexChanged.connect(self._compare)
            row.addWidget(label)
            row.addWidget(box)
        row.addWidget(self._words, 1)
        column = QVBoxLayout(page)
        column.addLayout(row)
        column.addWidget(self._drawing, 1)
        return page


def axes_of(runs: Sequence[RunInfo], settings: Sequence[Settings]) -> list[Axis]:
    """An axis for each setting that differs, then one for each result, the best loss last."""
    names = [name for name in differing(settings) if all(name in one for one in settings)]
    axes = [
        Axis(short_name(name), tuple(_value(one[name]) for one in settings)) for name in names[:MOST_AXES]
    ]
    tests = dict.fromkeys(name for run in runs for name in run.test)
    metrics = dict.fromkeys(name for run in runs for name in _judged(run) if name != "loss")
    for name in list(metrics)[:3]:
        axes.append(Axis(metric_title(name), tuple(_judged(run).get(name) for run in runs), result=True))
    for name in list(tests)[:2]:
        title = f"{metric_title(name)} (test)"
        axes.append(Axis(title, tuple(run.test.get(name) for run in runs), result=True))
    axes.append(Axis(metric_title("loss"), tuple(run.best for run in runs), result=True))
    return axes


def _judged(run: RunInfo) -> Mapping[str, float]:
    return run.metrics.get("validation") or run.metrics.get("train") or {}


def _value(value: object) -> float | str:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value_text(value)
    )


def _read(runs: Sequence[Path]) -> Read:
    """In the background."""
    return [(read_run(run), run_settings(run), run_project(run)) for run in runs]
