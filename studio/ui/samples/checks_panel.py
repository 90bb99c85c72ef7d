"""The Checks panel: what is wrong with the data, which samples it is about, and what can be done."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from studio.errors import Fix, StudioError
from studio.project import sample_edits
from studio.project.project import Data, SampleChanges, Setting
from studio.ui.card import Column, label, small_button
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.wording import grouped
from studio.ui.samples.checking import Checking
from studio.ui.samples.flaw_row import FlawRow
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.checks import Flaw, Report

PATIENCE = 10.0
"""Seconds that a whole check may have taken for an edit to begin the next by itself."""


class ChecksPanel(QWidget):
    """Quick checks run by themselves, all of them on request."""

    fix_requested = Signal(object)
    show_requested = Signal(object, str)
    """Rows of the data, and what they are."""
    filter_requested = Signal(str)
    counted = Signal(int, bool)
    """How many flaws there are, and whether errors are among them."""
    found = Signal(object)
    """All rows that flaws are about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("checks")
        self.setAccessibleName(self.tr("Checks of the data"))
        self._tokens = DARK
        self._asked: tuple[Data, Path] | None = None
        self._source: Setting | None = None
        self._quick = True
        self._report: Report | None = None
        self._rows: list[FlawRow] = []
        self._empty = Empty("", "")
        self._says = label("", "secondary", wrapped=True)
        self._good = label("", "secondary", wrapped=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setFixedWidth(160)
        self._progress.setAccessibleName(self.tr("How far the checks are"))
        self._all = small_button(
            self.tr("Check everything"), self.tr("Open every file, and look for duplicates and leaks too")
        )
        self._stop = small_button(
            self.tr("Cancel"), self.tr("End the checks; what was found until now stays")
        )
        self._changed = self._make_changed()
        self._arrange()
        self._checking = Checking(self)
        self._checking.done.connect(self._take)
        self._checking.failed.connect(self._fail)
        self._checking.moved.connect(self._show_progress)
        self._all.clicked.connect(lambda: self._start(quick=False))
        self._stop.clicked.connect(self._checking.stop)
        self._show_running(False)
        self.expect(Setting("None"))

    def expect(self, source: Setting) -> None:
        """The data of this source are being read."""
        self._checking.stop()
        self._asked = self._report = None
        self._show_flaws(())
        if source.type == "None":
            text = self.tr(
                "Once a data source is chosen (Data panel, Source), the samples are looked over here: "
                "missing values, rare classes, duplicates, columns that give the target away."
            )
            self._say(self.tr("No data yet"), text)
        else:
            self._say(self.tr("Reading the data …"), "")

    def show_data(self, data: Data, folder: Path) -> None:
        """Look over what these settings give."""
        if self._asked == (data, folder) or data.source.type == "None":
            return
        if data.source != self._source:
            self._source, self._quick = data.source, True
        slow = self._report is not None and self._report.seconds > PATIENCE
        self._asked = (data, folder)
        self._show_changes(data.changes)
        self._start(quick=self._quick or slow)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for row in self._rows:
            row.set_tokens(tokens)

    # ---- making

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 10, 4)
        top.setSpacing(8)
        top.addWidget(self._says, 1)
        for widget in (self._progress, self._stop, self._all):
            top.addWidget(widget)
        self._list = Column()
        self._list.rows.setContentsMargins(6, 0, 8, 6)
        self._list.rows.setSpacing(0)
        self._good.setContentsMargins(6, 4, 6, 4)
        self._list.add(self._changed)
        self._list.add(self._good)
        full = QWidget()
        rows = QVBoxLayout(full)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(top)
        rows.addWidget(self._list, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)

    def _make_changed(self) -> QWidget:
        """A row that tells what was changed by hand, and takes it back."""
        row = QWidget()
        inside = QHBoxLayout(row)
        inside.setContentsMargins(6, 2, 6, 6)
        inside.setSpacing(6)
        self._changes = label("", "secondary")
        show = small_button(self.tr("Show"), self.tr("List the samples that were changed"))
        back = small_button(
            self.tr("Take all back"), self.tr("Use all samples as they are in the files again")
        )
        show.clicked.connect(lambda: self.filter_requested.emit("changed"))
        back.clicked.connect(self._take_back)
        for widget in (self._changes, show, back):
            inside.addWidget(widget)
        inside.addStretch(1)
        row.hide()
        return row

    # ---- running

    def _start(self, quick: bool) -> None:
        if self._asked is None:
            return
        self._quick = self._quick and quick
        data, folder = self._asked
        self._show_running(True)
        self._pages.setCurrentIndex(1)
        self._checking.start(data, folder, quick)

    def _take(self, answer: tuple[Event, Report]) -> None:
        stop, report = answer
        if not self._checking.is_latest(stop) or self._asked is None:
            return
        self._show_running(False)
        self._report = report
        self._show_flaws(report.flaws)
        self._says.setText(self._verdict(report))
        self._good.setText(self._good_news(report))
        self._good.setVisible(not report.flaws)

    def _fail(self, error: Exception) -> None:
        self._show_running(False)
        self._show_flaws(())
        if isinstance(error, StudioError):
            self._say(error.message, error.hint)
        else:
            self._say(self.tr("The data could not be checked"), str(error))

    def _show_running(self, running: bool) -> None:
        self._progress.setVisible(running)
        self._stop.setVisible(running)
        self._all.setVisible(not running)
        if running:
            self._progress.setValue(0)
            self._says.setText(self.tr("Looking the data over …"))

    def _show_progress(self, share: float, title: str) -> None:
        if self._progress.isVisibleTo(self):
            self._progress.setValue(round(1000 * share))
            if title:
                self._says.setText(title)

    # ---- showing

    def _say(self, heading: str, text: str) -> None:
        self._empty.say(heading, text)
        self._pages.setCurrentIndex(0)

    def _show_flaws(self, flaws: tuple[Flaw, ...]) -> None:
        for row in self._rows:
            self._list.rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for flaw in flaws:
            row = FlawRow(flaw)
            row.set_tokens(self._tokens)
            row.show_requested.connect(lambda one: self.show_requested.emit(one.rows, one.sentence))
            row.fix_requested.connect(self.fix_requested)
            self._list.add(row)
            self._rows.append(row)
        weighty = sum(one.level != "note" for one in flaws)
        self.counted.emit(weighty, any(one.level == "error" for one in flaws))
        self.found.emit(tuple({row for one in flaws for row in one.rows}))

    def _verdict(self, report: Report) -> str:
        texts = {
            "error": (self.tr("1 error"), self.tr("{count} errors")),
            "warning": (self.tr("1 warning"), self.tr("{count} warnings")),
            "note": (self.tr("1 note"), self.tr("{count} notes")),
        }
        counts = {level: sum(one.level == level for one in report.flaws) for level in texts}
        told = ", ".join(
            texts[level][count > 1].format(count=count) for level, count in counts.items() if count
        )
        head = self.tr("{count} checks of {samples} samples").format(
            count=len(report.done), samples=grouped(report.samples)
        )
        if not report.whole:
            head = self.tr("Cancelled: {head}").format(head=head)
        return f"{head}: {told}" if told else head

    def _good_news(self, report: Report) -> str:
        if self._quick:
            return self.tr(
                "✓ Nothing found so far. Check everything opens each file, and finds duplicates and leaks."
            )
        return self.tr("✓ Nothing found.")

    def _show_changes(self, changes: SampleChanges) -> None:
        counts = {
            self.tr("{count} excluded"): len(changes.excluded),
            self.tr("{count} relabelled"): sum(len(of) for of in changes.labels.values()),
            self.tr("{count} weighted"): len(changes.weights),
        }
        told = ", ".join(text.format(count=grouped(count)) for text, count in counts.items() if count)
        self._changes.setText(self.tr("Changed by you: {what}").format(what=told))
        self._changed.setVisible(bool(told))

    def _take_back(self) -> None:
        if self._asked is not None:
            changes = self._asked[0].changes
            keys = {
                *changes.excluded,
                *changes.weights,
                *(key for of in changes.labels.values() for key in of),
            }
            edit = partial(sample_edits.take_back, keys=frozenset(keys))
            self.fix_requested.emit(Fix(self.tr("Take all changed samples back"), edit))

    def sizeHint(self) -> QSize:
        return QSize(600, 260)
