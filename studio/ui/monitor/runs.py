"""The Runs panel: the runs in a folder, to open, compare, rename, delete, restore and resume."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.train.runs import RunInfo, delete_run, list_runs, rename_run
from studio.ui.background import Background
from studio.ui.monitor.ask import complain, confirm
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.runs_model import NAME_COLUMN, PROJECT_COLUMN, RUN_ROLE, SORT_ROLE, RunsModel
from studio.ui.theme import Tokens

REFRESH_MS = 2000


class Runs(QWidget):
    """All runs of a folder in a table that keeps itself up to date while it can be seen."""

    opened = Signal(Path)
    compared = Signal(list)
    restored = Signal(Path)
    resumed = Signal(Path)
    deleted = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._model = RunsModel(self._rename)
        self._sorted = QSortFilterProxyModel(self, sortRole=SORT_ROLE)
        self._view = QTreeView()
        self._stack = QStackedWidget()
        self._reader = Background(self)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._actions: dict[str, QAction] = {}
        self._add_actions()
        self._set_up_view()
        self._arrange()
        self._timer.timeout.connect(self.refresh)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._fail)

    def set_folder(self, folder: Path) -> None:
        """Show the runs in this folder; it need not exist."""
        if folder != self._folder:
            self._folder = folder
            self._show((folder, []))
        self.refresh()

    def refresh(self) -> None:
        """Read the folder again, in the background."""
        if self._folder is not None:
            folder = self._folder
            self._reader.request(lambda: (folder, list_runs(folder)))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._model.set_tokens(tokens)

    @property
    def view(self) -> QTreeView:
        """The table, for keyboard and mouse."""
        return self._view

    @property
    def shown(self) -> list[RunInfo]:
        """The runs as they are listed now."""
        rows = (self._sorted.index(row, 0) for row in range(self._sorted.rowCount()))
        return [self._sorted.data(index, RUN_ROLE) for index in rows]

    @property
    def selected(self) -> list[RunInfo]:
        """The selected runs, from top to bottom."""
        rows = sorted(self._view.selectionModel().selectedRows(), key=QModelIndex.row)
        return [self._sorted.data(index, RUN_ROLE) for index in rows]

    def select(self, paths: list[Path]) -> None:
        """Select these runs."""
        model = self._view.selectionModel()
        model.clearSelection()
        for row in range(self._sorted.rowCount()):
            index = self._sorted.index(row, 0)
            if self._sorted.data(index, RUN_ROLE).path in paths:
                model.select(index, model.SelectionFlag.Select | model.SelectionFlag.Rows)
                model.setCurrentIndex(index, model.SelectionFlag.NoUpdate)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _show(self, answer: tuple[Path, list[RunInfo]]) -> None:
        folder, runs = answer
        if folder != self._folder or self._view.state() == QAbstractItemView.State.EditingState:
            return
        chosen = [run.path for run in self.selected]
        before = len(self._model.runs)
        self._model.show_runs(runs)
        if chosen != [run.path for run in self.selected]:
            self.select(chosen)
        if before != len(runs):
            alike = len({run.project_name for run in runs}) < 2
            self._view.setColumnHidden(PROJECT_COLUMN, alike)
        if not before and runs:
            self._fit_columns()
        self._stack.setCurrentIndex(1 if runs else 0)
        self._enable()

    def _fail(self, error: Exception) -> None:
        """A folder that cannot be read is told in the panel itself: it is asked again every few seconds."""
        self._empty.say(self.tr("The runs cannot be read"), str(error))
        self._stack.setCurrentIndex(0)

    def _enable(self) -> None:
        chosen = self.selected
        one = len(chosen) == 1
        able = {
            "open": one,
            "compare": len(chosen) > 1,
            "rename": one,
            "restore": one,
            "resume": one and chosen[0].resumable,
            "delete": bool(chosen) and all(run.status != "running" for run in chosen),
        }
        for name, action in self._actions.items():
            action.setEnabled(able[name])

    def _open(self) -> None:
        self.opened.emit(self.selected[0].path)

    def _compare(self) -> None:
        self.compared.emit([run.path for run in self.selected])

    def _edit_name(self) -> None:
        index = self._view.selectionModel().selectedRows()[0]
        self._view.setCurrentIndex(index)
        if self._view.state() != QAbstractItemView.State.EditingState:
            self._view.edit(index)

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
        for run in runs:
            try:
                delete_run(run.path)
            except StudioError as error:
                complain(self, error)
            else:
                self.deleted.emit(run.path)
        self.refresh()

    def _rename(self, path: Path, name: str) -> bool:
        try:
            rename_run(path, name)
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
        add = self._add_action
        add("open", self.tr("Open"), self.tr("Show this run's curves and evaluate it"), self._open)
        add(
            "compare",
            self.tr("Compare"),
            self.tr("Show the curves of the selected runs together"),
            self._compare,
        )
        add(
            "rename", self.tr("Rename"), self.tr("Give this run another name"), self._edit_name, Qt.Key.Key_F2
        )
        add(
            "restore",
            self.tr("Restore project"),
            self.tr("Open the project exactly as it was trained"),
            self._restore,
        )
        add("resume", self.tr("Resume"), self.tr("Go on training from the last checkpoint"), self._resume)
        tip = self.tr("Delete the selected runs from the disk")
        add("delete", self.tr("Delete…"), tip, self._ask_delete, Qt.Key.Key_Delete)

    def _add_action(
        self, name: str, text: str, tip: str, act: Callable[[], None], key: Qt.Key | None = None
    ) -> None:
        action = QAction(text, self, toolTip=tip, enabled=False)
        action.triggered.connect(act)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._actions[name] = action

    def _set_up_view(self) -> None:
        self._sorted.setSourceModel(self._model)
        view = self._view
        view.setModel(self._sorted)
        view.setRootIsDecorated(False)
        view.setStyleSheet("QTreeView::item { padding: 4px 5px; }")
        view.setUniformRowHeights(True)
        view.setAllColumnsShowFocus(True)
        view.setSortingEnabled(True)
        view.header().setSortIndicatorClearable(True)
        view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        view.header().setStretchLastSection(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setAccessibleName(self.tr("Runs"))
        view.setToolTip(self.tr("Double-click opens a run; select several to compare them"))
        view.addActions(list(self._actions.values()))
        view.customContextMenuRequested.connect(self._menu)
        view.activated.connect(self._actions["open"].trigger)
        view.selectionModel().selectionChanged.connect(self._enable)

    def _fit_columns(self) -> None:
        for column in range(self._model.columnCount()):
            self._view.resizeColumnToContents(column)
            width = self._view.columnWidth(column)
            self._view.setColumnWidth(column, min(260, max(width, 140 if column == NAME_COLUMN else 0)))

    def _arrange(self) -> None:
        self._empty = Empty(
            self.tr("No runs yet"),
            self.tr("Every training is kept here, with its project, curves and weights. Press Train."),
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._view)
        row = QHBoxLayout()
        row.setSpacing(8)
        for action in self._actions.values():
            row.addWidget(_button(action, self))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._stack, 1)


def _button(action: QAction, parent: QWidget) -> QPushButton:
    """A button that does and says what an action does and says."""
    button = QPushButton(action.text(), parent)
    button.setToolTip(action.toolTip())
    button.setAccessibleName(action.text())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
