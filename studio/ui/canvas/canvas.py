"""The canvas: the drawing with its overlays, and everything the window asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.build.plan import Checked
from studio.catalog.registry import Registry
from studio.project.changes import Changes, diff
from studio.project.project import Project
from studio.ui.canvas import keyboard
from studio.ui.canvas.arranger import Arranger
from studio.ui.canvas.block_deeds import BlockDeeds
from studio.ui.canvas.deeds import Deeds
from studio.ui.canvas.dots import Dots
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.entrance import Entrance
from studio.ui.canvas.ghost import Ghost
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.mark_writer import MarkWriter
from studio.ui.canvas.menus import menu_for
from studio.ui.canvas.node_deeds import NodeDeeds
from studio.ui.canvas.opening import Opening
from studio.ui.canvas.overlays import Overlays
from studio.ui.canvas.placing import Placing
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.replacing import Replacing
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.search import SearchBox
from studio.ui.canvas.values import Values
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.wire_keys import WireKeys
from studio.ui.session import Session
from studio.ui.theme import DARK, Tokens


class Canvas(QWidget):
    """Shows the session's project and edits it."""

    selection_changed = Signal(tuple)
    fix_requested = Signal(object)
    zoom_changed = Signal(float)
    status = Signal(str)
    export_wanted = Signal()
    """The drawing as a file, or of it what is selected."""

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ink = Ink(DARK)
        self._selection: tuple[str, ...] = ()
        self._unfitted = True
        self.session = session
        self.editor = Editor(session, registry, self)
        self.scene = GraphScene(registry, Look(ink), self)
        self.marks = MarkDeeds(self.scene, self.editor, self._pointed, self)
        self.dots = Dots(self.scene, self.editor)
        self._pointer = Pointer(self.scene, self.editor, self.marks, self.dots, self)
        self.view = GraphView(self.scene, self._pointer.start, self)
        self.values = Values(self.scene, self.view, self.editor, ink, self)
        self._pointer.watch(self.view, self.values)
        self.entrance = Entrance(session, self.scene, self.view, ink, self)
        self._overlays = Overlays(session, self.scene, self.view, self)
        self.finder = self._overlays.finder
        self.blocks = BlockDeeds(session, self.scene, self.view, self.entrance, self)
        self.arranger = Arranger(self.scene, self.view, self.editor, self)
        self.structure = self._pointer.structure
        self.nodes = NodeDeeds(self.scene, self.editor, self.structure, self._pointed, self)
        self.ghost = Ghost(session, self.scene, self.view, self._overlays.card, registry, self)
        self._writer = MarkWriter(self.marks, self.scene, self.view, self)
        places = self.scene, self.view, self.editor
        self.opening = Opening(*places, self.entrance, self.values, self.marks, self)
        self._search = SearchBox(self.editor.offered, ink, self)
        self.lately = self._search.lately
        self.replacing = Replacing(self.scene, self.view, self.editor, self._search)
        self._placing = Placing(self.scene, self.view, self.editor, self._search, self._pointer.asking)
        self.wire_keys = WireKeys(self, self._pointer)
        self.deeds = Deeds(self)
        self._set_up()
        self._connect()
        self.set_tokens(DARK)
        self.show_changes(diff(Project(), session.drawing))

    def _set_up(self) -> None:
        self.setAccessibleName(self.tr("Canvas"))
        self.setMinimumSize(240, 160)
        self.setFocusProxy(self.view)
        self.view.setAccessibleName(self.tr("Drawing of the network"))
        self.view.setAccessibleDescription(
            self.tr("Arrow keys walk from node to node, Space adds a layer, Shift+Tab leaves the canvas")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    def _connect(self) -> None:
        self.scene.selection_moved.connect(self._selection_moved)
        self.editor.refused.connect(self.status)
        self.blocks.refused.connect(self.status)
        self.arranger.told.connect(self.status)
        self.wire_keys.told.connect(self.status)
        self.values.told.connect(self.status)
        self.view.zoomed.connect(self.zoom_changed)
        self.view.tabbed.connect(self.open_search)
        self.view.hand.tapped.connect(self.open_search)
        self._overlays.crumbs.chosen.connect(self.session.look)
        self.blocks.arguments.listen(self._overlays.strip)
        self._pointer.offering = self.blocks.arguments.offering
        self._overlays.card.fix_requested.connect(self.fix_requested)
        self.nodes.came.connect(self._overlays.choose_new)
        self._placing.placed.connect(self._overlays.choose_new)
        self._pointer.wire_dropped.connect(self._placing.ask_for_wire)
        self._pointer.empty_double_clicked.connect(self._placing.ask)
        self._pointer.node_double_clicked.connect(self.opening.node)
        self._pointer.layer_dropped.connect(self._placing.drop)
        self._pointer.menu_wanted.connect(self.open_menu)
        self._pointer.node_pressed.connect(self._overlays.heed)
        self._pointer.badge_pressed.connect(self._overlays.ask_problems)

    # What the window tells

    def show_changes(self, changes: Changes) -> None:
        """Follow the session's project."""
        self.view.hand.give_way()  # what it held may be gone
        self.ghost.clear()
        self.arranger.end()
        session = self.session
        self.scene.show_project(session.drawing, changes, session.names, session.block)
        self.opening.forget(changes.removed)
        self._overlays.show_project()
        self.deeds.follow()
        self.view.spoken.follow(changes)

    def show_focus(self, changes: Changes) -> None:
        """Follow the session into another graph."""
        self._put_away()
        self.entrance.pass_through(partial(self._turn, changes))
        self.selection_changed.emit(self.selection)

    def show_replaced(self) -> None:
        """Another project was opened: show all of it."""
        self._put_away()
        self.entrance.forget()
        self.scene.choose(())
        self.fit()

    def show_checked(self, checked: Checked) -> None:
        """Show shapes, costs and problems."""
        self.scene.show_checked(self.session.here(checked), self.session.names)
        self.view.forget_plates()
        self._overlays.show_checked()
        self.deeds.follow()
        self.view.spoken.tell_changed()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        ink = Ink(tokens)
        self.scene.look.set_ink(ink)
        self._overlays.set_ink(ink)
        self.entrance.set_ink(ink)
        self.blocks.asking.set_tokens(tokens)
        self._search.set_ink(ink)
        self.opening.set_ink(ink)
        self.view.forget_plates()
        self.view.viewport().update()

    def select(self, names: Iterable[str]) -> None:
        """Select these nodes alone."""
        self.scene.choose(names)

    def reveal(self, name: str) -> None:
        """Select a node and bring it into sight."""
        if name in self.scene.nodes:
            self.scene.choose([name])
            self._overlays.heed()
            self.bring_into_sight(name)

    def bring_into_sight(self, name: str) -> None:
        """Scroll to a node, no more than needed."""
        self.view.reveal(self.scene.nodes[name].body)

    # Looking

    def fit(self) -> None:
        """Show the whole drawing."""
        self._unfitted = not self.isVisible()
        self.view.fit(self.scene.bounds())

    def fit_selection(self) -> None:
        """Show all of what is selected."""
        scene = self.scene
        around = scene.bounds(scene.chosen) if scene.chosen else QRectF()
        around = around.united(scene.marks.bounds(scene.chosen_marks))
        self.view.travel.fit(scene.bounds() if around.isNull() else around)

    def zoom_to(self, factor: float) -> None:
        """Zoom to a factor; 1 is 100 %."""
        self.view.zoom_to(factor)

    @property
    def zoom(self) -> float:
        """The zoom; 1 is 100 %."""
        return self.view.zoom

    # Selection and edits

    @property
    def selection(self) -> tuple[str, ...]:
        """The names of the selected nodes."""
        return self.scene.chosen

    def select_all(self) -> None:
        """Select every node, frame and note."""
        self.scene.choose(self.scene.nodes, (), self.scene.marks.items)

    def place(self, type: str) -> None:
        """Place a layer wired after the selected node, or in the middle of what is seen."""
        self._placing.follow(type, self.selection)

    def give_up(self) -> None:
        """Escape: put away what is open, give up the gesture, else select nothing, else leave the block."""
        if self._put_away() or self.finder.close():
            return
        if self.scene.chosen or self.scene.chosen_edges or self.scene.chosen_marks:
            self.scene.choose(())
        else:
            self.entrance.leave()

    def open_search(self) -> None:
        """Offer layers to add at the pointer."""
        self._placing.ask_here(self.view.mapFromScene(self._pointed()))

    def open_menu(self, at: QPoint | None = None) -> None:
        """Open the menu for what is selected."""
        where = at if at is not None else self.view.mapFromScene(self._pointed())
        self.view.hand.at = where
        menu_for(self).popup(self.view.viewport().mapToGlobal(where))

    # From the pieces

    def _selection_moved(self) -> None:
        if self.scene.chosen != self._selection:
            self._selection = self.scene.chosen
            self._overlays.show_problems()
            self.selection_changed.emit(self._selection)

    def _put_away(self) -> bool:
        """Close what is open and give up the gesture; says whether there was anything."""
        opened = self._search.isVisible()
        self._search.close_box()
        opened = self.opening.close() or opened
        return self.blocks.asking.give_up() or self.view.hand.cancel() or opened

    def _turn(self, changes: Changes) -> None:
        """Show the other graph in place of the one before."""
        self.scene.choose(())
        self.show_changes(changes)
        checked = self.session.checked
        self.show_checked(checked if checked is not None else Checked(self.session.project))

    def _pointed(self) -> QPointF:
        """Where the pointer is on the canvas, or the middle of what is seen."""
        at = self.view.hand.at
        inside = self.view.viewport().rect().contains(at)
        return self.view.mapToScene(at) if inside else self.view.seen().center()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._overlays.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._unfitted:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self.view.hand.hold_space(True)
        elif not keyboard.pressed(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.view.hand.hold_space(False)
        else:
            super().keyReleaseEvent(event)
