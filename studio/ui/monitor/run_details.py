"""Beside the table of runs: the chosen run's checkpoints, a note on it, and what it was trained with."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.train.kept import Kept, list_kept
from studio.train.runs import MOST_NOTED, RunInfo
from studio.ui.background import Background
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.run_record import record_text
from studio.ui.monitor.wording import metric_text, number
from studio.ui.theme import DARK, Tokens

NOTE_MS = 800
Answer = tuple[RunInfo, list[Kept], str]


class Note(QPlainTextEdit):
    """A text that is kept soon after it was typed, and when the keyboard goes elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class RunDetails(QTabWidget):
    """Three pages on one run; empty while none or several are chosen."""

    noted = Signal(Path, str)
    """A run, and what was written about it."""
    used = Signal(Path, str)
    """Evaluate and predict with this checkpoint of this run."""
    forked = Signal(Path, str)
    """Begin a run at this checkpoint of this run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK
        self._run: RunInfo | None = None
        self._kept: list[Kept] = []
        self._noted = ""
        self._list = QTreeWidget()
        self._note = Note()
        self._record = QPlainTextEdit(readOnly=True)
        self._use = QPushButton(self.tr("Evaluate and predict"))
        self._fork = QPushButton(self.tr("Fork from here…"))
        self._reader = Background(self)
        self._soon = QTimer(self, interval=NOTE_MS, singleShot=True)
        self._arrange()
        self._connect()
        self.show_run(None)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._fill()

    def show_run(self, run: RunInfo | None) -> None:
        """Show this run; None for no run."""
        before, self._run = self._run, run
        other = run is None or before is None or run.path != before.path
        if other:
            self._keep_note(before)
            self._noted = run.note if run else ""
            self._note.setPlainText(self._noted)
            self._kept = []
            self._record.setPlainText("")
            self._fill()
        elif not self._note.hasFocus() and not self._soon.isActive() and run and run.note != self._noted:
            self._noted = run.note
            self._note.setPlainText(run.note)
        for page in self._pages:
            page.setEnabled(run is not None)
        if run is not None and (other or run != before):
            self._reader.request(partial(_read, run))

    @property
    def checkpoints(self) -> QTreeWidget:
        """The list of checkpoints, for keyboard and mouse."""
        return self._list

    def _take(self, answer: Answer) -> None:
        run, kept, record = answer
        if self._run is None or run.path != self._run.path:
            return
        if kept != self._kept:
            self._kept = kept
            self._fill()
        if record != self._record.toPlainText():
            self._record.setPlainText(record)

    def _fill(self) -> None:
        chosen = self._chosen
        self._list.clear()
        for one in self._kept:
            item = QTreeWidgetItem([self._title(one), *_values(one)])
            item.setData(0, Qt.ItemDataRole.UserRole, one)
            for column in range(1, 4):
                item.setFont(column, number_font())
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            about = one.problem or self._about(one)
            for column in range(4):
                item.setToolTip(column, about)
                if one.problem:
                    item.setForeground(column, QColor(self._tokens.error))
            self._list.addTopLevelItem(item)
            if chosen is not None and one.name == chosen.name:
                self._list.setCurrentItem(item)
        self._enable()

    def _title(self, one: Kept) -> str:
        names = {"last": self.tr("last"), "best": self.tr("best")}
        name = names.get(one.name, self.tr("kept"))
        text = self.tr("epoch {epoch}, {name}").format(epoch=one.epoch, name=name)
        return f"✕ {text}" if one.problem else text

    def _about(self, one: Kept) -> str:
        if one.whole:
            return self.tr("Weights and all that an exact resume needs, after step {step}").format(
                step=one.step
            )
        return self.tr("Weights alone")

    @property
    def _chosen(self) -> Kept | None:
        item = self._list.currentItem()
        return item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None

    def _enable(self) -> None:
        chosen = self._chosen
        usable = chosen is not None and not chosen.problem
        self._use.setEnabled(usable)
        self._fork.setEnabled(usable)

    def _emit(self, signal: object) -> None:
        if self._run is not None and self._chosen is not None:
            signal.emit(self._run.path, self._chosen.name)  # type: ignore[attr-defined]

    def _keep_note(self, run: RunInfo | None) -> None:
        self._soon.stop()
        text = self._note.toPlainText()[:MOST_NOTED].strip()
        if run is not None and text != self._noted:
            self._noted = text
            self.noted.emit(run.path, text)

    def _arrange(self) -> None:
        self.setDocumentMode(True)
        self._pages = (self._page(), self._note, self._record)
        titles = (self.tr("Checkpoints"), self.tr("Note"), self.tr("Record"))
        for page, title in zip(self._pages, titles, strict=True):
            self.addTab(page, title)
        self.tabBar().setAccessibleName(self.tr("About the chosen run"))
        self._note.setPlaceholderText(self.tr("What this run was for, and what came of it"))
        self._note.setAccessibleName(self.tr("Note on the run"))
        self._note.setToolTip(self.tr("Kept in the run's folder as you type"))
        self._note.setTabChangesFocus(True)
        self._record.setFont(number_font())
        self._record.setTabChangesFocus(True)
        self._record.setAccessibleName(self.tr("What the run was trained with"))
        self._record.setToolTip(
            self.tr("Versions, data, and what was carried over; a run that repeats another tells its drift")
        )

    def _page(self) -> QWidget:
        page = QWidget()
        self._list.setHeaderLabels(
            [self.tr("Checkpoint"), self.tr("Loss"), self.tr("Metric"), self.tr("Size")]
        )
        self._list.setRootIsDecorated(False)
        self._list.setStyleSheet("QTreeView::item { padding: 3px 4px; }")
        self._list.setUniformRowHeights(True)
        self._list.setAllColumnsShowFocus(True)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.setAccessibleName(self.tr("Checkpoints of the run"))
        self._list.setToolTip(
            self.tr("How many are kept is set in the training settings: keep best, keep every")
        )
        self._use.setToolTip(self.tr("Evaluate the run and predict with this checkpoint"))
        self._fork.setToolTip(self.tr("Begin a new run here, with the drawing as it is now"))
        row = QHBoxLayout()
        for button in (self._use, self._fork):
            button.setAccessibleName(button.text())
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._list, 1)
        column.addLayout(row)
        return page

    def _connect(self) -> None:
        self._reader.done.connect(self._take)
        self._list.currentItemChanged.connect(lambda *_: self._enable())
        self._list.itemActivated.connect(lambda *_: self._use.click())
        self._use.clicked.connect(lambda: self._emit(self.used))
        self._fork.clicked.connect(lambda: self._emit(self.forked))
        self._note.textChanged.connect(self._soon.start)
        self._note.left.connect(lambda: self._keep_note(self._run))
        self._soon.timeout.connect(lambda: self._keep_note(self._run))


def _read(run: RunInfo) -> Answer:
    """In the background: every checkpoint's file is read once, to tell whether it is whole."""
    return run, list_kept(run.path), record_text(run)


def _values(one: Kept) -> list[str]:
    metrics = one.metrics.get("validation") or one.metrics.get("train") or {}
    other = next(((name, value) for name, value in metrics.items() if not name.endswith("loss")), None)
    size = QLocale().formattedDataSize(one.size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
    return [
        "–" if one.loss is None else number(one.loss),
        "–" if other is None else metric_text(*other),
        size if one.size else "–",
    ]
