"""The Runs panel: the runs in a folder as a tree of forks, what can be done with them, and details beside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.train.run_settings import Settings, run_settings
from studio.train.runs import RunInfo, delete_run, list_runs, note_run, read_run, rename_run
from studio.ui.background import Background
from studio.ui.monitor.ask import complain, confirm
from studio.ui.monitor.queue_list import QueueList
from studio.ui.monitor.run_details import RunDetails
from studio.ui.monitor.run_pages import RunPages
from studio.ui.monitor.run_words import run_words
from studio.ui.monitor.runs_table import RunTable
from studio.ui.theme import Tokens

REFRESH_MS = 2000
SELDOM = ("repeat", "tensorboard", "folder")
"""Deeds that are in the menu behind the buttons."""
Listing = tuple[Path, list[RunInfo], dict[Path, Settings]]


class Runs(QWidget):
    """All runs of a folder in a table that keeps itself up to date while it can be seen."""

    opened = Signal(Path)
    compared = Signal(list)
    restored = Signal(Path)
    resumed = Signal(Path)
    deleted = Signal(Path)
    renamed = Signal(Path, str)
    """A run, and what it is called from now on."""
    asked = Signal(str, list)
    """A deed of DEEDS, and the folders of the selected runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._view = RunTable(self._rename)
        self._filter = QLineEdit()
        self._more = QPushButton(self.tr("More"))
        self.details = RunDetails()
        self.queue = QueueList()
        self._pages = RunPages(self._view)
        self._reader = Background(self)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._actions: dict[str, QAction] = {}
        self._add_actions()
        self._set_up_view()
        self._arrange()
        self._timer.timeout.connect(self.refresh)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._pages.fail)

    def set_folder(self, folder: Path) -> None:
        """Show the runs in this folder; it need not exist."""
        if folder != self._folder:
            self._folder = folder
            self._show((folder, [], {}))
        self.refresh()

    def refresh(self) -> None:
        """Read the folder again, in the background."""
        if self._folder is not None:
            folder = self._folder
            self._reader.request(lambda: _read(folder))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._view.set_tokens(tokens)
        self.details.set_tokens(tokens)

    def show_queue(self, runs: list[RunInfo], going: bool) -> None:
        """Say which runs wait for their turn."""
        self._view.show_queue([run.path for run in runs])
        self._enable()
        self.queue.show_queue(runs, going)
        title = self.tr("Queue {count}").format(count=len(runs)) if runs else self.tr("Queue")
        self.details.setTabText(self.details.indexOf(self.queue), title)

    @property
    def view(self) -> RunTable:
        """The table, for keyboard and mouse."""
        return self._view

    @property
    def shown(self) -> list[RunInfo]:
        """The runs as they are listed now."""
        return self._view.shown

    @property
    def selected(self) -> list[RunInfo]:
        """The selected runs, from top to bottom."""
        return self._view.selected

    def select(self, paths: list[Path]) -> None:
        """Select these runs."""
        self._view.select(paths)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _show(self, answer: Listing) -> None:
        folder, runs, settings = answer
        if folder != self._folder or self._view.editing:
            return
        self._view.show_runs(runs, settings)
        self._pages.refresh()
        self._enable()

    def _enable(self) -> None:
        chosen = self.selected
        one = len(chosen) == 1
        trained = [run for run in chosen if run.status != "created"]
        able = {
            "open": one,
            "compare": len(chosen) > 1,
            "differences": len(chosen) > 1,
            "fork": one and chosen[0].forkable,
            "repeat": one and bool(trained) and chosen[0].has_project and chosen[0].status != "running",
            "tensorboard": bool(trained),
            "folder": True,
            "rename": one,
            "restore": one and chosen[0].has_project,
            "resume": one and chosen[0].resumable and chosen[0].path not in self._view.waiting,
            "delete": bool(chosen) and all(run.status != "running" for run in chosen),
        }
        for name, action in self._actions.items():
            action.setEnabled(able[name])
        self.details.show_run(chosen[0] if one else None)

    def _open(self) -> None:
        self.opened.emit(self.selected[0].path)

    def _compare(self) -> None:
        self.compared.emit([run.path for run in self.selected])

    def _restore(self) -> None:
        self.restored.emit(self.selected[0].path)

    def _resume(self) -> None:
        self.resumed.emit(self.selected[0].path)

    def _ask_delete(self) -> None:
        chosen = self.selected
        if len(chosen) == 1:
            question = self.tr("Delete {name}?").format(name=chosen[0].name)
        else:
            question = self.tr("Delete {count} runs?").format(count=len(chosen))
        details = self.tr("Its curves, weights and settings are deleted for good.")
        confirm(self, question, details, self.tr("Delete"), partial(self._delete, chosen))

    def _delete(self, runs: list[RunInfo]) -> None:
        gone: list[Path] = []
        for run in runs:
            try:
                delete_run(run.path)
            except StudioError as error:
                complain(self, error)
            else:
                gone.append(run.path)
        for path in gone:
            self.deleted.emit(path)
        self.refresh()

    def _keep_note(self, path: Path, note: str) -> None:
        try:
            note_run(path, note)
        except StudioError as error:
            complain(self, error)
        self.refresh()

    def _rename(self, path: Path, name: str) -> bool:
        try:
            self._view.check_name(path, name)
            rename_run(path, name)
            self.renamed.emit(path, read_run(path).name)
        except StudioError as error:
            complain(self, error)
            return False
        self.refresh()
        return True

    def _menu(self, position: QPoint) -> None:
        if self._view.indexAt(position).isValid():
            menu = QMenu(self)
            menu.addActions(list(self._actions.values()))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._view.viewport().mapToGlobal(position))

    def _add_actions(self) -> None:
        acts = {
            "open": self._open,
            "compare": self._compare,
            "rename": self._view.edit_name,
            "restore": self._restore,
            "resume": self._resume,
            "delete": self._ask_delete,
        }
        keys = {"rename": Qt.Key.Key_F2, "delete": Qt.Key.Key_Delete}
        for name, text, tip in run_words():
            act = acts.get(name) or partial(self._ask, name)
            self._add_action(name, text, tip, act, keys.get(name))

    def _ask(self, deed: str) -> None:
        self.asked.emit(deed, [run.path for run in self.selected])

    def _add_action(
        self, name: str, text: str, tip: str, act: Callable[[], None], key: Qt.Key | None = None
    ) -> None:
        action = QAction(text, self, toolTip=tip, enabled=name == "folder")
        action.triggered.connect(act)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._actions[name] = action

    def _set_up_view(self) -> None:
        view = self._view
        view.addActions(list(self._actions.values()))
        view.customContextMenuRequested.connect(self._menu)
        view.activated.connect(self._actions["open"].trigger)
        view.selectionModel().selectionChanged.connect(self._enable)

    def _arrange(self) -> None:
        self.details.addTab(self.queue, self.tr("Queue"))
        self.details.noted.connect(self._keep_note)
        body = QSplitter(Qt.Orientation.Horizontal)
        body.addWidget(self._pages)
        body.addWidget(self.details)
        body.setStretchFactor(0, 1)
        body.setChildrenCollapsible(False)
        body.setSizes([600, 330])
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(6)
        column.addLayout(self._bar())
        column.addWidget(body, 1)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, action in self._actions.items():
            if name not in SELDOM:
                row.addWidget(_button(action, self))
        menu = QMenu(self._more)
        menu.addActions([self._actions[name] for name in SELDOM])
        menu.setToolTipsVisible(True)
        self._more.setMenu(menu)
        self._more.setToolTip(self.tr("Repeat a run, watch any folder, save for TensorBoard"))
        self._more.setAccessibleName(self.tr("More to do with runs"))
        self._filter.setPlaceholderText(self.tr("Filter"))
        self._filter.setClearButtonEnabled(True)
        self._filter.setAccessibleName(self.tr("Filter the runs"))
        self._filter.setToolTip(self.tr("Words of the name, the status, a note, or a value"))
        self._filter.textChanged.connect(self._pages.search)
        row.addWidget(self._more)
        row.addWidget(self._filter, 1)
        return row


def _read(folder: Path) -> Listing:
    """In the background: the runs, and what they were trained with."""
    runs = list_runs(folder)
    return folder, runs, {run.path: run_settings(run.path) for run in runs}


def _button(action: QAction, parent: QWidget) -> QPushButton:
    """A button that does and says what an action does and says."""
    button = QPushButton(action.text(), parent)
    button.setToolTip(action.toolTip())
    button.setAccessibleName(action.text())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
