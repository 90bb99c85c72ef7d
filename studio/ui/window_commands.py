"""What the menus do that belongs to no single panel: going to a problem, zooming, folders, …"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from studio.catalog.blocks import catalog_of
from studio.catalog.paths import rebase
from studio.catalog.registry import Layer, registry
from studio.errors import Fix, Problem, StudioError
from studio.places import user_folder
from studio.project.changes import diff_graphs
from studio.project.edits import set_training
from studio.train.runs import data_folder, default_runs_dir, list_runs, run_project
from studio.ui.canvas.room import with_room_for_new
from studio.ui.commands import CommandPalette, commands_of
from studio.ui.drawing_export import DrawingExport
from studio.ui.exports import Exports
from studio.ui.import_module import ImportModule
from studio.ui.key_list import as_page, key_groups
from studio.ui.menus import menu_names
from studio.ui.panel_walk import PanelWalk
from studio.ui.preferences import Preferences
from studio.ui.problem_row import told
from studio.ui.run_host import RunHost
from studio.ui.shortcuts import Shortcuts
from studio.ui.when_checked import WhenChecked

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.ui.window import MainWindow

ZOOM_STEP = 1.25


class WindowCommands(QObject):
    """The slots of such actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._problem = -1
        self.drawing = DrawingExport(window)
        self.networks = ImportModule(window)
        self.exports = Exports(window)
        self.walk = PanelWalk(window)
        self.run_host = RunHost(window)
        hint = self.tr("Find a rate before it, or when it has ended.")
        self.rates = WhenChecked(window, self._find_rate, hint)
        window.panels.training.rate_wanted.connect(self.rates.open)
        hint = self.tr("Compare before it, or when it has ended: both would slow each other down.")
        self.beside = WhenChecked(window, self._train_beside, hint)
        self.shortcuts: Shortcuts

    # ---- the user's own ways

    def take_keys(self, preferences: Preferences) -> None:
        """Give all actions, now that they are made, the keys that the user wants."""
        window = self._window
        self.shortcuts = Shortcuts(window.actions_by_name, preferences, self)
        self.shortcuts.changed.connect(window.panels.canvas.deeds.follow)
        if self.shortcuts.refused:
            text = self.tr("Some keys of your own could not be taken; their commands have their first keys.")
            window.messages.show_message("warning", text, ". ".join(self.shortcuts.refused))

    def show_preferences(self) -> None:
        """Open the preferences."""
        from studio.ui.preferences_dialog import PreferencesDialog

        PreferencesDialog(self._window).open()

    def key_page(self) -> str:
        """All keys and what the mouse does, as a page."""
        return as_page(key_groups(self._window))

    # ---- the drawing

    def search_layers(self) -> None:
        """Bring up the palette with the keyboard in its search field."""
        self._window.docks.reveal("layers")
        self._window.panels.palette.focus_search()

    def zoom_in(self) -> None:
        """Show larger."""
        self._window.panels.canvas.zoom_to(self._window.panels.canvas.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Show more."""
        self._window.panels.canvas.zoom_to(self._window.panels.canvas.zoom / ZOOM_STEP)

    def next_problem(self) -> None:
        """Go to the next problem of the latest check, round and round."""
        checked = self._window.session.checked
        if checked is None or not checked.problems:
            self._window.tell(self.tr("There are no problems."))
            return
        self._problem = (self._problem + 1) % len(checked.problems)
        self.go_to_problem(checked.problems[self._problem])

    def go_to_problem(self, problem: Problem) -> None:
        """Show where a problem is: its node, or the settings it is about."""
        if problem.node:
            self._window.session.look(problem.path)
            self.go_to(problem.node)
        elif problem.field and problem.field.partition(".")[0] in ("data", "training"):
            self._window.docks.reveal(problem.field.partition(".")[0])
        self._window.tell(told(problem))

    def go_to(self, node: str) -> None:
        """Select a node and bring it into view."""
        canvas = self._window.panels.canvas
        canvas.select((node,))
        canvas.reveal(node)
        self._window.docks["node"].raise_()

    def apply_fix(self, fix: Fix) -> None:
        """Apply a proposed repair as one undo step."""
        session = self._window.session
        try:
            fixed = fix.edit(session.project)
            before = session.drawing
            session.commit(with_room_for_new(session.project, fixed, registry()), fix.label)
        except (ValueError, StudioError) as error:
            self._window.tell(str(error))
        else:
            changes = diff_graphs(before.graph, session.drawing.graph, before, session.drawing)
            self._window.panels.canvas.entrance.show_step(changes, before.graph)

    def selected_layer(self) -> Layer | None:
        """The layer of the one node that is selected."""
        names = self._window.panels.canvas.selection
        drawing = self._window.session.drawing
        node = drawing.graph.nodes.get(names[0]) if len(names) == 1 else None
        return catalog_of(drawing).layer_of(node) if node else None

    # ---- runs

    def choose_device(self, device: str) -> None:
        """Compute there from the next run on."""
        session = self._window.session
        session.commit(set_training(session.project, device=device), self.tr("Choose the device"))

    def resume_last(self) -> None:
        """Go on with the latest run that has something left."""
        runs = list_runs(default_runs_dir(self._window.session.path))
        run = next((one for one in runs if one.resumable and one.status != "created"), None)
        if run is None:
            text = self.tr("No run was stopped before its end.")
            self._window.messages.show_message("info", text, self.tr("Press Train to start one."))
        else:
            self._window.training.resume_run(run.path)

    def restore_run(self, run_dir: Path) -> None:
        """Take back the project as a run trained it, as one undo step."""
        session = self._window.session
        try:
            project = rebase(run_project(run_dir), data_folder(run_dir), session.folder)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        self._window.files.versions.keep("restore")
        session.commit(project, self.tr("Restore {}").format(run_dir.name))
        text = self.tr("The project is again as {} trained it").format(run_dir.name)
        self._window.messages.show_message("ok", text, self.tr("Undo brings back what was there."))

    def show_blocked(self, checked: Checked) -> None:
        """Say what keeps training from starting."""
        messages = self._window.messages
        if not checked.errors:
            text = self.tr("There is nothing to train yet")
            hint = self.tr("Draw a network that ends in a loss, or open a sample from the File menu.")
            messages.show_message("info", text, hint, tag="blocked")
            return
        text = self.tr("Training starts once the problems below are solved")
        messages.show_message("warning", text, checked.errors[0].message, tag="blocked")
        self._window.docks.reveal("problems")

    def _find_rate(self, checked: Checked) -> None:
        from studio.ui.rate_window import RateWindow

        RateWindow(self._window.session, self._window.appearance.tokens, self._window).open()

    def _train_beside(self, checked: Checked) -> None:
        from studio.ui.beside_window import BesideWindow

        window = self._window
        BesideWindow(checked, window.session.folder, window.appearance.tokens, window).open()

    # ---- the window

    def show_versions(self) -> None:
        """Open the window of the project's versions."""
        from studio.ui.versions_window import VersionsWindow

        window = self._window
        VersionsWindow(window.session, window.files, window.appearance.tokens, window).open()

    def show_commands(self) -> None:
        """Open the command palette."""
        window = self._window
        commands = commands_of(window.actions_by_name.all(), menu_names(window))
        CommandPalette(commands, window).open_at_search()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def open_runs_folder(self) -> None:
        """Show the runs' folder in the system's file manager."""
        self._open_folder(default_runs_dir(self._window.session.path))

    def open_home(self) -> None:
        """Show the folder of settings and recovery copies."""
        self._open_folder(user_folder())

    def _open_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._window.messages.show_error(StudioError(f"{folder}: {error.strerror or error}"))
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._window.messages.show_message("info", str(folder))
