"""The canvas: the drawing with its overlays, and everything the window asks of it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.build.plan import Checked
from studio.catalog.registry import Layer, Registry
from studio.project.changes import Changes, diff
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project
from studio.ui.canvas import keyboard
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import HEADER
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.menus import menu_for
from studio.ui.canvas.minimap import Minimap
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.rename import NameField
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.search import SearchBox
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.walking import free_place, place_after, snapped
from studio.ui.session import Session
from studio.ui.theme import DARK, Tokens

HALF = QPointF(64, 20)
"""From a new node's corner to about where the pointer holds it."""


class Canvas(QWidget):
    """Shows the session's project and edits it."""

    selection_changed = Signal(tuple)
    fix_requested = Signal(object)
    zoom_changed = Signal(float)
    status = Signal(str)

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ink = Ink(DARK)
        self._registry = registry
        self._selection: tuple[str, ...] = ()
        self._wire: tuple[Endpoint, str] | None = None
        self._search_at = QPoint()
        self._unfitted = True
        self.editor = Editor(session, registry, self)
        self.scene = GraphScene(registry, Look(ink), self)
        self._pointer = Pointer(self.scene, self.editor, self)
        self.view = GraphView(self.scene, self._pointer.start, self)
        self._pointer.watch(self.view)
        self._minimap = Minimap(self.scene, self.view, self)
        self._card = ProblemCard(ink, self)
        self._name_field = NameField(self.editor, ink, self)
        self._search = SearchBox(registry.layers.values(), ink, self)
        self._crumbs = QLabel(self)
        self._hint = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._set_up()
        self._connect()
        self.set_tokens(DARK)
        self.show_changes(diff(Project(), session.project))

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
        for label in (self._crumbs, self._hint):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._crumbs.setTextFormat(Qt.TextFormat.RichText)
        self._hint.setTextFormat(Qt.TextFormat.RichText)

    def _connect(self) -> None:
        self.scene.selection_moved.connect(self._selection_moved)
        self.editor.refused.connect(self.status)
        self.view.moved.connect(self._place_card)
        self.view.zoomed.connect(self.zoom_changed)
        self.view.search_wanted.connect(self.open_search)
        self._card.fix_requested.connect(self.fix_requested)
        self._name_field.renamed.connect(self._renamed)
        self._search.chosen.connect(self._place_found)
        self._search.closed.connect(self.view.setFocus)
        self._pointer.wire_dropped.connect(self._offer_for_wire)
        self._pointer.empty_double_clicked.connect(self._search_here)
        self._pointer.node_double_clicked.connect(self._rename)
        self._pointer.layer_dropped.connect(self._drop_layer)
        self._pointer.menu_wanted.connect(self.open_menu)

    # What the window tells

    def show_changes(self, changes: Changes) -> None:
        """Follow the session's project."""
        project = self.editor.project
        self.scene.show_project(project, changes)
        self._show_crumbs(project.name)
        empty = not project.graph.nodes
        self._hint.setVisible(empty)
        self._minimap.setVisible(not empty)
        self._place_card()

    def show_replaced(self) -> None:
        """Another project was opened: show all of it."""
        self.give_up()
        self.scene.choose(())
        self.fit()

    def show_checked(self, checked: Checked) -> None:
        """Show shapes, costs and problems."""
        self.scene.show_checked(checked)
        self.view.forget_plates()
        self._minimap.content_changed()
        self._show_card()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        ink = Ink(tokens)
        self.scene.look.set_ink(ink)
        self._card.set_ink(ink)
        self._search.set_ink(ink)
        self._name_field.set_ink(ink)
        self._crumbs.setStyleSheet(f"color: {tokens.secondary}; font-size: 12px; background: transparent;")
        self._hint.setStyleSheet(f"color: {tokens.secondary}; background: transparent;")
        self._hint.setText(
            "<p style='font-size: 15px'>{}</p><p style='font-size: 12px'>{}</p>".format(
                self.tr("Drag a layer here…"), self.tr("or press Space and type its name")
            )
        )
        self._show_crumbs(self.editor.project.name)
        self._minimap.content_changed()
        self.view.forget_plates()
        self.view.viewport().update()

    def select(self, names: Iterable[str]) -> None:
        """Select these nodes alone."""
        self.scene.choose(names)

    def reveal(self, name: str) -> None:
        """Select a node and bring it into sight."""
        if name in self.scene.nodes:
            self.scene.choose([name])
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
        self.view.fit(self.scene.bounds(self.selection))

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
        """Select every node."""
        self.scene.choose(self.scene.nodes)

    def copy(self) -> None:
        """Copy the selected nodes to the clipboard."""
        if self.selection:
            QGuiApplication.clipboard().setText(self.editor.copied(self.selection))

    def cut(self) -> None:
        """Move the selected nodes to the clipboard."""
        self.copy()
        self.editor.delete(self.selection)

    def paste(self) -> None:
        """Add what was copied, at the pointer or in the middle of what is seen."""
        text = QGuiApplication.clipboard().text()
        if text:
            self.scene.choose(self.editor.paste(text, snapped(self._pointed())) or self.selection)

    def duplicate(self) -> None:
        """Copy the selected nodes next to themselves."""
        if self.selection:
            self.scene.choose(self.editor.duplicate(self.selection))

    def delete_selected(self) -> None:
        """Remove what is selected."""
        self.editor.delete(self.selection, self.scene.chosen_edges)

    def toggle_muted(self) -> None:
        """Mute the selected nodes, or let them take part again where all are muted."""
        nodes = self.editor.project.graph.nodes
        if self.selection:
            self.editor.set_muted(self.selection, not all(nodes[name].muted for name in self.selection))

    def rename_selected(self) -> None:
        """Edit the selected node's name in place."""
        if self.selection:
            self._rename(self.selection[-1])

    def place(self, type: str) -> None:
        """Place a layer wired after the selected node, or in the middle of what is seen."""
        after = self.selection[-1] if self.selection else None
        if after is None:
            at = free_place(self.scene, self.view.seen().center() - HALF)
            name = self.editor.place(type, at)
        else:
            node = self.editor.project.graph.nodes[after]
            port = self.editor.exit(self._registry.layer(node.type))
            at = place_after(self.scene, after)
            name = self.editor.place(type, at, wire=Endpoint(after, port) if port else None)
        self._search.used(type)
        self.reveal(name)

    def give_up(self) -> None:
        """Escape: put away what is open, give up the gesture, else select nothing."""
        self._name_field.close_field()
        self._search.close_box()
        if not self.view.cancel_gesture():
            self.scene.choose(())

    def open_search(self) -> None:
        """Offer layers to add at the pointer."""
        self._search_here(self.view.mapFromScene(self._pointed()))

    def open_menu(self, at: QPoint | None = None) -> None:
        """Open the menu for what is selected."""
        where = at if at is not None else self.view.mapFromScene(self._pointed())
        self.view.pointer = where
        menu_for(self).popup(self.view.viewport().mapToGlobal(where))

    # From the pieces

    def _selection_moved(self) -> None:
        if self.scene.chosen != self._selection:
            self._selection = self.scene.chosen
            self._show_card()
            self.selection_changed.emit(self._selection)

    def _renamed(self, old: str, new: str) -> None:
        self.scene.choose([new])
        self.view.setFocus()

    def _rename(self, name: str) -> None:
        self.bring_into_sight(name)
        body = self.scene.nodes[name].body
        header = QRectF(body.x(), body.y(), body.width(), HEADER)
        self._name_field.open(name, self._to_pixels(header))

    def _search_here(self, at: QPoint) -> None:
        self._wire = None
        self._search_at = at
        self._search.open(at)

    def _offer_for_wire(self, fixed: Endpoint, side: str, at: QPoint) -> None:
        self._search_at = at

        def fits(layer: Layer) -> bool:
            return bool(layer.inputs if side == "out" else layer.outputs)

        self._search.open(at, fits)
        self._wire = (fixed, side)

    def _place_found(self, type: str) -> None:
        at = self.view.mapToScene(self._search_at)
        wire, self._wire = self._wire, None
        if wire is None:
            name = self.editor.place(type, snapped(at - HALF))
        else:
            corner = at - QPointF(0 if wire[1] == "out" else 2 * HALF.x(), 16)
            name = self.editor.place(type, snapped(corner), wire=wire[0], end=wire[1])
        self.scene.choose([name])
        self.view.setFocus()

    def _drop_layer(self, type: str, at: QPointF, edge: Edge | None) -> None:
        name = self.editor.place(type, snapped(at - HALF), into=edge)
        self._search.used(type)
        self.scene.choose([name])
        self.view.setFocus()

    def _pointed(self) -> QPointF:
        """Where the pointer is on the canvas, or the middle of what is seen."""
        at = self.view.pointer
        inside = self.view.viewport().rect().contains(at)
        return self.view.mapToScene(at) if inside else self.view.seen().center()

    # Overlays

    def _show_crumbs(self, name: str) -> None:
        text = self.scene.look.ink.tokens.text
        title = name.replace("&", "&amp;").replace("<", "&lt;")
        self._crumbs.setText(f"{title} &nbsp;›&nbsp; <span style='color: {text}'>{self.tr('main')}</span>")
        self._crumbs.adjustSize()

    def _show_card(self) -> None:
        alone = self.selection[0] if len(self.selection) == 1 else None
        self._card.show_problem(alone or "", self.scene.problems(alone) if alone else ())
        self._place_card()

    def _place_card(self) -> None:
        if not self._card.isHidden() and len(self.selection) == 1:
            self._card.put_below(self._to_pixels(self.scene.nodes[self.selection[0]].body), self.rect())

    def _to_pixels(self, rect: QRectF) -> QRect:
        return self.view.mapFromScene(rect).boundingRect()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._crumbs.move(16, 12)
        self._hint.setGeometry(self.rect())
        self._minimap.move(
            self.width() - self._minimap.width() - 14, self.height() - self._minimap.height() - 14
        )
        self._place_card()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._unfitted:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self.view.hold_space(True)
        elif not keyboard.pressed(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.view.hold_space(False)
        else:
            super().keyReleaseEvent(event)
