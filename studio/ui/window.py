"""The main window: makes the parts and wires them to each other. What each part does is in its own module."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QMainWindow, QVBoxLayout, QWidget

from studio.build.plan import Checked
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.project.changes import Changes
from studio.train.runs import default_runs_dir
from studio.ui.actions import Actions
from studio.ui.appearance import Appearance
from studio.ui.background import Background
from studio.ui.checker import BackgroundChecker
from studio.ui.code_export import CodeExport
from studio.ui.crash import CrashHook
from studio.ui.data_views import DataViews
from studio.ui.docks import Docks
from studio.ui.dropping import Drops
from studio.ui.files import Files
from studio.ui.help import Help
from studio.ui.icons import program_icon
from studio.ui.importing import Importing
from studio.ui.layout import Layout
from studio.ui.loading import Loading
from studio.ui.menus import DocumentMenus
from studio.ui.menus_model import ModelMenus
from studio.ui.messages import Messages
from studio.ui.panels import Panels
from studio.ui.preferences import Preferences
from studio.ui.run_deeds import RunDeeds
from studio.ui.run_keeping import RunKeeping
from studio.ui.run_views import RunViews
from studio.ui.session import Session
from studio.ui.statusbar import StatusBar
from studio.ui.step_view import StepView
from studio.ui.theme import Tokens
from studio.ui.toolbar import DeviceMenu, Toolbar
from studio.ui.training import TrainingController
from studio.ui.window_commands import WindowCommands

SIZE = (1600, 1000)
CHECK_MS = 30
TELL_MS = 6000
LEFT = ["layers", "history"]
RIGHT = ["node", "data", "training", "help"]
BOTTOM = [
    "curves",
    "statistics",
    "samples",
    "checks",
    "plots",
    "confusion",
    "examples",
    "predict",
    "runs",
    "problems",
    "code",
    "log",
]


class MainWindow(QMainWindow):
    """One project on screen."""

    painted = Signal()
    """The window is on screen for the first time."""
    closing = Signal()
    """The window is gone from the screen and all is kept; its threads have yet to end."""
    closed = Signal()
    """The window is gone, and every thread of it has ended."""

    def __init__(self, session: Session, preferences: Preferences, appearance: Appearance) -> None:
        super().__init__()
        self.session, self.appearance = session, appearance
        self._painted = False
        self._unasked = False
        self.setWindowIcon(program_icon())
        self.resize(*SIZE)
        self.loading = Loading(self)
        self.checker = BackgroundChecker(self)
        self.panels = Panels(session, self)
        self.messages = Messages(self.panels.log.add)
        self.files = Files(session, self.messages, preferences, self)
        self.training = TrainingController(session, self.loading, self.check_again, self)
        self.actions_by_name = Actions(self)
        self.importing = Importing(self)
        self.code_export = CodeExport(session, self.messages, self)
        self.commands = WindowCommands(self)
        self.help = Help(self.commands.key_page, self.commands.selected_layer, self.tell, self)
        self.run_views = RunViews(self.panels, self.messages, self.loading, self)
        self.run_keeping = RunKeeping(session, self.messages, self)
        self.run_deeds = RunDeeds(self)
        self.device_menu = DeviceMenu(self)
        self.drops = Drops(self.files.open, self.importing.look_at, self)
        self.crash = CrashHook(self, self.files.autosave.store_now)
        self._check_soon = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._arrange(preferences)
        self._wire_session()
        self._wire_panels()
        self._wire_training()
        self._show_all()

    def check_again(self) -> None:
        """Check the project as it is now, off the UI thread; while torch loads, as soon as it is there."""
        if self.loading.can_check:
            self.checker.request(self.session.project, self.session.folder)

    def tell(self, text: str) -> None:
        """Say something that needs no answer, at the lower edge."""
        self.status_bar.tell(text, TELL_MS)

    def reset_layout(self) -> None:
        """Put every panel back to where it was at first."""
        self.docks.place(LEFT, RIGHT, BOTTOM, "status")

    def close_unasked(self) -> None:
        """Close at once; what is unsaved stays in the recovery copy."""
        self._unasked = True
        self.close()

    # ---- making

    def _arrange(self, preferences: Preferences) -> None:
        self.docks = Docks(self)
        self.panels.dock(self.docks)
        centre = QWidget()
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.messages)
        rows.addWidget(self.panels.canvas, 1)
        self.setCentralWidget(centre)
        views = self.panels.canvas.findChildren(QAbstractScrollArea)
        self.drops.listen(self, *(view.viewport() for view in views))
        self._mark = QLabel("◆")
        self._mark.setContentsMargins(12, 0, 4, 0)
        self.menuBar().setCornerWidget(self._mark, Qt.Corner.TopLeftCorner)
        DocumentMenus(self)
        ModelMenus(self)
        self.commands.take_keys(preferences)
        self.panels.canvas.lately.keep_in(preferences)
        show = self.docks.reveal
        self.toolbar = Toolbar(
            self.actions_by_name, self.device_menu, lambda: show("problems"), lambda: show("code")
        )
        self.addToolBar(self.toolbar)
        self.status_bar = StatusBar()
        self.setStatusBar(self.status_bar)
        self.data_views = DataViews(self.session, self.checker, self.panels, self.status_bar, self)
        self.layout_file = Layout()
        self.reset_layout()
        self.layout_file.restore(self)
        if preferences.broken or self.layout_file.refused:
            text = self.tr("Settings of the window could not be read; it starts as it was at first.")
            self.messages.show_message("warning", text)

    def _show_all(self) -> None:
        """Everything once, before the first change."""
        self._set_tokens(self.appearance.tokens)
        self._show_file()
        self._show_settings()
        self._show_state("idle")
        self.panels.runs.set_folder(default_runs_dir(self.session.path))

    # ---- wiring

    def _wire_session(self) -> None:
        session = self.session
        session.changed.connect(self._show_changes)
        session.changed.connect(self.status_bar.forget_told)
        session.changed.connect(self.data_views.follow)
        session.focus_moved.connect(self._show_focus)
        session.stepped_back.connect(StepView(self).show_step)
        session.replaced.connect(self._show_replaced)
        session.check_arrived.connect(self._show_checked)
        session.file_changed.connect(self._show_file)
        for asked in (self._check_soon.timeout, self.loading.checking_ready, self.panels.inspector.trusted):
            asked.connect(self.check_again)
        self.checker.arrived.connect(session.take_check)
        self.checker.described.connect(self.data_views.show)
        self.checker.failed.connect(self.crash.tell)
        self.appearance.changed.connect(self._set_tokens)
        self.loading.failed.connect(self.crash.tell)
        self.loading.ready.connect(self._show_machine)

    def _wire_panels(self) -> None:
        panels = self.panels
        for page in (panels.inspector, panels.help):
            panels.canvas.selection_changed.connect(page.show_nodes)
        panels.palette.chosen.connect(panels.help.show_type)
        panels.canvas.zoom_changed.connect(self.status_bar.show_zoom)
        panels.canvas.status.connect(self.tell)
        for panel in (panels.canvas, panels.inspector, panels.data, panels.training, panels.problems):
            panel.fix_requested.connect(self.commands.apply_fix)
        panels.inspector.node_chosen.connect(self.commands.go_to)
        for telling in (panels.problems, panels.inspector):
            telling.problem_chosen.connect(self.commands.go_to_problem)
        panels.code.export_requested.connect(self.code_export.ask)
        panels.runs.opened.connect(self.run_views.open)
        panels.runs.compared.connect(self.run_views.compare)
        for asked in (panels.runs.opened, panels.runs.compared):
            asked.connect(lambda _: self.docks.bring("curves", panels.canvas))
        self.device_menu.chosen.connect(self.commands.choose_device)

    def _wire_training(self) -> None:
        training = self.training
        training.state_changed.connect(self._show_state)
        training.began.connect(self._show_began)
        training.events.connect(self.run_views.add)
        training.ended.connect(self.run_views.end)
        training.began.connect(self.run_keeping.begin)
        training.ended.connect(self.run_keeping.end)
        self.run_keeping.moved.connect(self.run_views.follow)
        self.run_keeping.folder_changed.connect(self.panels.runs.set_folder)
        training.blocked.connect(self.commands.show_blocked)
        training.refused.connect(self.messages.show_error)

    # ---- what changed, to the views

    def _show_changes(self, changes: Changes) -> None:
        panels = self.panels
        for view in (panels.canvas, panels.inspector, panels.data, panels.training):
            view.show_changes(changes)
        if changes.blocks:
            panels.palette.show_project(self.session.project)
        if changes.training:
            self._show_settings()
        self._check_soon.start()

    def _show_focus(self, changes: Changes) -> None:
        for view in (self.panels.inspector, self.panels.canvas):
            view.show_focus(changes)

    def _show_replaced(self) -> None:
        self.toolbar.show_waiting()
        for view in (self.panels.canvas, self.panels.inspector):
            view.show_replaced()
        self.panels.runs.set_folder(default_runs_dir(self.session.path))
        self.run_views.show_project(self.session.project.name, self.session.path)

    def _show_checked(self, checked: Checked) -> None:
        panels = self.panels
        views = (panels.canvas, panels.inspector, panels.data, panels.training, panels.problems, panels.code)
        for view in (*views, panels.help, self.toolbar):
            view.show_checked(checked)
        self.docks.count("problems", len(checked.problems), bool(checked.errors))

    def _show_file(self) -> None:
        dirty = self.session.dirty
        self.setWindowTitle(f"{self.files.title}[*] – Neuroloom")
        self.setWindowModified(dirty)
        self.status_bar.show_saved(dirty, new=self.session.path is None)

    def _show_settings(self) -> None:
        values = values_of(TRAINING, self.session.project.training.options)
        self.toolbar.show_device(self.device_menu.show_device(str(values["device"])))

    def _show_machine(self) -> None:
        """torch is loaded: what it knows about the machine."""
        import torch

        self.device_menu.allow_cuda(torch.cuda.is_available())
        self.status_bar.show_threads(torch.get_num_threads())

    def _set_tokens(self, tokens: Tokens) -> None:
        self._mark.setStyleSheet(f"color: {tokens.accent}")
        self.actions_by_name.tint(tokens)
        for view in (self.messages, self.panels, self.toolbar, self.status_bar):
            view.set_tokens(tokens)
        self.docks.tint(tokens)

    # ---- training

    def _show_state(self, state: str) -> None:
        actions = self.actions_by_name
        actions.enable(state == "idle", "train.start", "train.resume")
        actions.enable(state in ("running", "paused"), "train.pause", "train.save")
        actions.enable(state != "idle", "train.stop")
        actions.show_paused(state == "paused")
        self.toolbar.show_state(state)

    def _show_began(self, run_dir: Path) -> None:
        self.files.keep_for_run()
        for tag in ("run failed", "run left", "blocked"):
            self.messages.close_message(tag)
        self.run_views.begin(run_dir)
        self.docks.bring("curves", self.panels.canvas)

    # ---- the window's own events

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._unasked and not self.files.may_discard():
            event.ignore()
            return
        self.layout_file.save(self)
        self.hide()
        self.files.close(keep=self._unasked)
        self.closing.emit()
        self.training.close()
        self.loading.close()
        for background in self.findChildren(Background):
            background.close()
        self.crash.close()
        event.accept()
        self.closed.emit()
