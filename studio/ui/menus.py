"""The menus File, Edit and View; menus_model.py has the others. Each entry is one action with a name."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu

from studio.ui.canvas.arrange_menu import ARRANGING
from studio.ui.canvas.block_menu import BLOCKS
from studio.ui.canvas.mark_menu import COLOURING, MARKS
from studio.ui.canvas.menus import add_deeds
from studio.ui.canvas.select_deeds import SELECTING
from studio.ui.canvas.structure_menu import STRUCTURE
from studio.ui.canvas.wire_keys import WIRES
from studio.ui.canvas_switches import remember_switches
from studio.ui.files import samples
from studio.ui.heat import heat_menu

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

Key = QKeySequence.StandardKey


class DocumentMenus(QObject):
    """Fills File, Edit and View."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._make = window.actions_by_name.make
        self._file()
        self._edit()
        self._view()

    def _file(self) -> None:
        window, make = self._window, self._make
        files = window.files
        menu = window.menuBar().addMenu(self.tr("&File"))
        tip = self.tr("Start an empty project")
        menu.addAction(make("file.new", self.tr("&New"), files.new, tip=tip, shortcut=Key.New))
        tip = self.tr("Open a project file")
        menu.addAction(make("file.open", self.tr("&Open…"), files.ask_open, tip=tip, shortcut=Key.Open))
        self._recent = menu.addMenu(self.tr("Open &recent"))
        self._recent.aboutToShow.connect(self.fill_recent)
        self.fill_recent()
        shipped = menu.addMenu(self.tr("Open sa&mple"))
        for path in samples():
            tip = self.tr("Open a copy of the sample {}").format(path.stem)
            open_it = partial(files.open_sample, path)
            shipped.addAction(make(f"sample.{path.stem}", path.stem.replace("_", " "), open_it, tip=tip))
        shipped.setEnabled(not shipped.isEmpty())
        menu.addSeparator()
        tip = self.tr("Save the project")
        menu.addAction(make("file.save", self.tr("&Save"), files.save, tip=tip, shortcut=Key.Save))
        tip = self.tr("Save the project under another name")
        save_as = make("file.save_as", self.tr("Save &as…"), files.save_as, tip=tip, shortcut="Ctrl+Shift+S")
        menu.addAction(save_as)
        tip = self.tr("Look at earlier versions of the project, and go back to one")
        show = window.commands.show_versions
        menu.addAction(make("file.versions", self.tr("&Versions…"), show, tip=tip))
        tip = self.tr("Write the network in any form: PyTorch, Keras, ONNX, weights, a model card, a drawing")
        ask = window.commands.exports.ask
        everything = make("file.export_as", self.tr("E&xport…"), ask, tip=tip, shortcut="Ctrl+Shift+E")
        menu.addAction(everything)
        tip = self.tr("Write the network as a Python file that needs PyTorch only")
        export = make("file.export", self.tr("&Export PyTorch code…"), window.code_export.ask, tip=tip)
        export.setShortcut("Ctrl+E")
        menu.addAction(export)
        self._drawing(menu)
        self._networks(menu)
        menu.addSeparator()
        tip = self.tr("Close the window")
        leave = make("file.quit", self.tr("&Quit"), window.close, tip=tip, shortcut="Ctrl+Q")
        leave.setMenuRole(QAction.MenuRole.QuitRole)
        menu.addAction(leave)

    def _drawing(self, menu: QMenu) -> None:
        drawing, make = self._window.commands.drawing, self._make
        tip = self.tr("Write the drawing as SVG, PDF or PNG, with the project inside")
        menu.addAction(make("file.export_drawing", self.tr("Export &drawing…"), drawing.ask, tip=tip))
        tip = self.tr("Write the selected nodes as SVG, PDF or PNG, with the project inside")
        text = self.tr("Export selec&tion…")
        menu.addAction(make("file.export_selection", text, drawing.ask_selection, tip=tip))

    def _networks(self, menu: QMenu) -> None:
        networks, make = self._window.commands.networks, self._make
        menu.addSeparator()
        inside = menu.addMenu(self.tr("&Import"))
        tip = self.tr("Draw a network that is written in PyTorch, with its weights")
        text = self.tr("&PyTorch module…")
        inside.addAction(make("file.import_module", text, networks.ask_module, tip=tip))
        tip = self.tr("Draw the network of an ONNX file, with its weights")
        inside.addAction(make("file.import_onnx", self.tr("&ONNX file…"), networks.ask_onnx, tip=tip))

    def fill_recent(self) -> None:
        """List the recent files that are still there."""
        self._recent.clear()
        for path in self._window.files.preferences.recent():
            if path.exists():
                self._recent_entry(path)
        if self._recent.isEmpty():
            self._recent.addAction(self.tr("Nothing opened yet")).setEnabled(False)

    def _recent_entry(self, path: Path) -> None:
        action = self._recent.addAction(path.name)
        action.setStatusTip(str(path))
        action.setToolTip(str(path))
        action.triggered.connect(lambda _checked=False: self._window.files.open(path))

    def _edit(self) -> None:
        window = self._window
        canvas = window.panels.canvas
        window.actions_by_name.take(canvas.deeds.actions)
        menu = window.menuBar().addMenu(self.tr("&Edit"))
        stack = window.session.undo_stack
        undo = stack.createUndoAction(window, self.tr("Undo"))
        redo = stack.createRedoAction(window, self.tr("Redo"))
        steps = (("edit.undo", undo, Key.Undo, "undo"), ("edit.redo", redo, Key.Redo, "redo"))
        for name, action, key, drawing in steps:
            action.setShortcuts(key)
            if key == Key.Redo and (more := QKeySequence("Ctrl+Y")) not in action.shortcuts():
                action.setShortcuts([*action.shortcuts(), more])  # those of other programs
            action.setIconVisibleInMenu(False)
            window.actions_by_name.set_icon(name, drawing)
            menu.addAction(window.actions_by_name.add(name, action))
        tip = self.tr("List every undo step, and go to any of them")
        show = partial(window.docks.reveal, "history")
        keys = "Ctrl+Alt+H"
        menu.addAction(self._make("edit.history", self.tr("H&istory"), show, tip=tip, shortcut=keys))
        menu.addSeparator()
        add_deeds(menu, canvas, "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete")
        add_deeds(menu, canvas, "edit.rename", "node.edit", "node.fix", "structure.replace", "edit.mute", "")
        wires = menu.addMenu(self.tr("&Wires"))
        add_deeds(wires, canvas, *STRUCTURE, "", *WIRES)
        select = menu.addMenu(self.tr("&Select"))
        add_deeds(select, canvas, *SELECTING)
        add_deeds(menu, canvas, "edit.find", "edit.find_next", "edit.find_previous", "")
        blocks = menu.addMenu(self.tr("&Block"))
        add_deeds(blocks, canvas, *BLOCKS)
        arrange = menu.addMenu(self.tr("Arran&ge"))
        add_deeds(arrange, canvas, *ARRANGING)
        add_deeds(menu.addMenu(self.tr("Fr&ames and notes")), canvas, *MARKS)
        add_deeds(menu.addMenu(self.tr("C&olour")), canvas, *COLOURING)
        menu.addSeparator()
        tip = self.tr("The look, what the canvas shows, and the keys of every command")
        choose = self._window.commands.show_preferences
        own = self._make("edit.preferences", self.tr("Preferences…"), choose, tip=tip, shortcut="Ctrl+,")
        own.setMenuRole(QAction.MenuRole.PreferencesRole)
        menu.addAction(own)
        for inner in (menu, wires, select, blocks, arrange):
            inner.setToolTipsVisible(True)

    def _view(self) -> None:
        window, make = self._window, self._make
        canvas = window.panels.canvas
        menu = window.menuBar().addMenu(self.tr("&View"))
        self._zooming(menu)
        add_deeds(menu, canvas, "canvas.fit_selection", "", "canvas.minimap", "canvas.guides", "")
        remember_switches(canvas.deeds.actions, window.files.preferences)
        heat = menu.addMenu(self.tr("&Heat"))
        heat_menu(window.panels.heat, heat, window.actions_by_name, window.files.preferences)
        self._themes(menu.addMenu(self.tr("&Theme")))
        self._panels(menu.addMenu(self.tr("&Panels")))
        menu.addSeparator()
        walk = window.commands.walk
        tip = self.tr(
            "Go on with the keyboard from the canvas to the panels and the toolbar, round and round"
        )
        menu.addAction(make("view.next_part", self.tr("Ne&xt part"), walk.next, tip=tip, shortcut="F6"))
        tip = self.tr("Go back with the keyboard to the part before")
        back = make(
            "view.previous_part", self.tr("Pre&vious part"), walk.previous, tip=tip, shortcut="Shift+F6"
        )
        menu.addAction(back)
        menu.addSeparator()
        tip = self.tr("Put every panel back to where it was at first")
        menu.addAction(make("view.reset", self.tr("&Reset the layout"), window.reset_layout, tip=tip))
        tip = self.tr("Fill the screen, or stop doing so")
        menu.addAction(
            make(
                "view.full",
                self.tr("F&ull screen"),
                window.commands.toggle_full_screen,
                tip=tip,
                shortcut="F11",
            )
        )

    def _zooming(self, menu: QMenu) -> None:
        window, make = self._window, self._make
        canvas = window.panels.canvas
        entries = (
            (
                "view.fit",
                self.tr("&Fit the drawing"),
                canvas.deeds.actions["canvas.fit"].trigger,
                self.tr("Show the whole drawing"),
                "Ctrl+0",
            ),
            (
                "view.actual",
                self.tr("&Actual size"),
                partial(canvas.view.travel.zoom_to, 1.0),
                self.tr("Zoom to 100 %"),
                "Ctrl+1",
            ),
            ("view.in", self.tr("Zoom &in"), window.commands.zoom_in, self.tr("Show larger"), Key.ZoomIn),
            ("view.out", self.tr("Zoom &out"), window.commands.zoom_out, self.tr("Show more"), Key.ZoomOut),
        )
        for name, text, slot, tip, key in entries:
            menu.addAction(make(name, text, slot, tip=tip, shortcut=key))

    def _themes(self, menu: QMenu) -> None:
        appearance = self._window.appearance
        group = QActionGroup(menu)
        texts = {
            "system": (self.tr("&System"), self.tr("Dark or light, as the system is")),
            "dark": (self.tr("&Dark"), self.tr("Light text on dark ground")),
            "light": (self.tr("&Light"), self.tr("Dark text on light ground")),
        }
        for choice, (text, tip) in texts.items():
            choose = partial(appearance.choose, choice)
            action = self._make(f"view.theme.{choice}", text, choose, tip=tip, checkable=True)
            action.setChecked(appearance.choice == choice)
            group.addAction(action)
            menu.addAction(action)

    def _panels(self, menu: QMenu) -> None:
        for dock in self._window.docks.all():
            # Not Qt's own action: PySide may drop its wrapper while the action lives on.
            tip = self.tr("Show or hide the panel {}").format(dock.plain_title)
            name, toggle = f"view.panel.{dock.objectName()}", partial(_toggle, dock)
            action = self._make(name, dock.plain_title, toggle, tip=tip, checkable=True)
            action.setChecked(dock.toggleViewAction().isChecked())
            dock.toggleViewAction().toggled.connect(action.setChecked)
            menu.addAction(action)


def _toggle(dock: QDockWidget) -> None:
    dock.toggleViewAction().trigger()


def menu_names(window: MainWindow) -> dict[QAction, str]:
    """The menu of each action, for the command palette."""
    found: dict[QAction, str] = {}

    def walk(menu: QMenu, name: str) -> None:
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                walk(inner, f"{name} › {inner.title().replace('&', '')}")
            else:
                found.setdefault(action, name)

    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            walk(menu, menu.title().replace("&", ""))
    return found
