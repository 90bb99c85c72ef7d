"""The canvas's context menus: on nodes and wires, and on the empty canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from studio.errors import Fix
from studio.ui.canvas.arrange_menu import ARRANGING
from studio.ui.canvas.dots import DOTS
from studio.ui.canvas.mark_menu import chosen_frame, colour_menu, link_menu
from studio.ui.canvas.select_deeds import SELECTING
from studio.ui.canvas.structure_menu import STRUCTURE
from studio.ui.canvas.wire_keys import WIRES

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate


def menu_for(canvas: Canvas) -> QMenu:
    """The menu for what is selected."""
    menu = QMenu(canvas)
    menu.setAccessibleName(_translate("Canvas", "Canvas menu"))
    menu.setToolTipsVisible(True)
    if canvas.selection:
        _nodes(menu, canvas)
    elif canvas.scene.chosen_marks:
        _marks(menu, canvas)
    elif canvas.scene.chosen_edges:
        add_deeds(menu, canvas, *DOTS, "", "edit.delete")
    else:
        _empty(menu, canvas)
    return menu


def add_deeds(menu: QMenu, canvas: Canvas, *names: str) -> None:
    """Deeds by name; an empty name is a line between them."""
    for name in names:
        if name:
            menu.addAction(canvas.deeds.actions[name])
        else:
            menu.addSeparator()


def _nodes(menu: QMenu, canvas: Canvas) -> None:
    single = len(canvas.selection) == 1
    fixes = (
        [fix for problem in canvas.scene.problems(canvas.selection[0]) for fix in problem.fixes]
        if single
        else []
    )
    offered: dict[QAction, Fix] = {}
    for fix in fixes:
        label = _translate("Canvas", "Fix: {what}").format(what=fix.label)
        offered[_add(menu, label, partial(canvas.fix_requested.emit, fix))] = fix
    if fixes:
        menu.hovered.connect(lambda action: canvas.ghost.show(offered.get(action)))
        menu.aboutToHide.connect(canvas.ghost.clear)
        menu.addSeparator()
    own = ("edit.rename", "node.edit") if single else ()
    add_deeds(menu, canvas, *own, "structure.replace", "edit.mute")
    add_deeds(menu, canvas, "edit.duplicate", "")
    _structure(menu, canvas)
    _block(menu, canvas)
    menu.addSeparator()
    _arrange(menu, canvas)
    _select(menu, canvas)
    add_deeds(menu, canvas, "mark.frame", "node.note")
    colour_menu(menu, canvas)
    add_deeds(menu, canvas, "", "edit.cut", "edit.copy", "edit.delete", "", "canvas.export")


def _marks(menu: QMenu, canvas: Canvas) -> None:
    link_menu(menu, canvas)
    add_deeds(menu, canvas, "edit.rename", "edit.duplicate")
    colour_menu(menu, canvas)
    if not chosen_frame(canvas.scene)():
        add_deeds(menu, canvas, "mark.inside", "mark.fit")
    add_deeds(menu, canvas, "", "edit.cut", "edit.copy", "edit.delete")


def _structure(menu: QMenu, canvas: Canvas) -> None:
    inner = menu.addMenu(_translate("Canvas", "Wires"))
    inner.setToolTipsVisible(True)
    add_deeds(inner, canvas, *STRUCTURE, "", *WIRES)


def _arrange(menu: QMenu, canvas: Canvas) -> None:
    inner = menu.addMenu(_translate("Canvas", "Arrange"))
    inner.setToolTipsVisible(True)
    add_deeds(inner, canvas, *ARRANGING)


def _select(menu: QMenu, canvas: Canvas) -> None:
    inner = menu.addMenu(_translate("Canvas", "Select"))
    inner.setToolTipsVisible(True)
    add_deeds(inner, canvas, *SELECTING)


def _block(menu: QMenu, canvas: Canvas) -> None:
    """What makes a block of the nodes, or is done with the block that they place."""
    if not canvas.blocks.arguments.lacks_param():
        menu.addMenu(canvas.blocks.arguments.params(canvas.selection[0]))
    add_deeds(menu, canvas, "block.make")
    if canvas.blocks.selected:
        if len(canvas.selection) == 1:
            add_deeds(menu, canvas, "block.enter", "block.rename", "block.save")
        add_deeds(menu, canvas, "block.unpack")


def _empty(menu: QMenu, canvas: Canvas) -> None:
    # The space bar is held to pan as well, so the canvas reads it itself: its key is shown only.
    _add(menu, _translate("Canvas", "Add layer…") + "\tSpace", canvas.open_search)
    add_deeds(menu, canvas, "mark.frame", "mark.note", "edit.paste", "block.new")
    if canvas.session.focus:
        add_deeds(menu, canvas, "block.leave")
    menu.addSeparator()
    _arrange(menu, canvas)
    add_deeds(menu, canvas, "edit.all", "canvas.fit")
    export = _add(menu, _translate("Canvas", "Export drawing…"), canvas.export_wanted.emit)
    export.setEnabled(bool(canvas.scene.nodes))


def _add(menu: QMenu, text: str, deed: Callable[[], object]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: deed())
    return action
