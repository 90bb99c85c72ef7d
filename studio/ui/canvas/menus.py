"""The canvas's context menus: on nodes and wires, and on the empty canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from studio.ui.canvas.arrange_menu import add_arranging

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
    elif canvas.scene.chosen_edges:
        _add(menu, _translate("Canvas", "Disconnect"), canvas.nodes.delete_selected, "Del")
    else:
        _empty(menu, canvas)
    return menu


def _nodes(menu: QMenu, canvas: Canvas) -> None:
    single = len(canvas.selection) == 1
    fixes = (
        [fix for problem in canvas.scene.problems(canvas.selection[0]) for fix in problem.fixes]
        if single
        else []
    )
    for fix in fixes:
        label = _translate("Canvas", "Fix: {what}").format(what=fix.label)
        _add(menu, label, partial(canvas.fix_requested.emit, fix))
    if fixes:
        menu.addSeparator()
    if single:
        _add(menu, _translate("Canvas", "Rename"), canvas.rename_selected, "F2")
    nodes = canvas.scene.project.graph.nodes
    muted = all(nodes[name].muted for name in canvas.selection)
    mute = _translate("Canvas", "Unmute") if muted else _translate("Canvas", "Mute")
    _add(menu, mute, canvas.nodes.toggle_muted, "M")
    _add(menu, _translate("Canvas", "Duplicate"), canvas.nodes.duplicate, "Ctrl+D")
    menu.addSeparator()
    _block(menu, canvas)
    menu.addSeparator()
    add_arranging(menu, canvas)
    _add(menu, _translate("Canvas", "Cut"), canvas.nodes.cut, "Ctrl+X")
    _add(menu, _translate("Canvas", "Copy"), canvas.nodes.copy, "Ctrl+C")
    _add(menu, _translate("Canvas", "Delete"), canvas.nodes.delete_selected, "Del")
    menu.addSeparator()
    _add(menu, _translate("Canvas", "Export selection…"), canvas.export_wanted.emit)


def _block(menu: QMenu, canvas: Canvas) -> None:
    """What makes a block of the nodes, or is done with the block that they place."""
    blocks = canvas.blocks
    if canvas.session.block is not None and len(canvas.selection) == 1:
        _promote(menu, canvas, canvas.selection[0])
    _add(menu, _translate("Canvas", "Make a block…"), blocks.make, "Ctrl+G")
    if blocks.selected:
        if len(canvas.selection) == 1:
            _add(menu, _translate("Canvas", "Enter the block"), canvas.entrance.enter_selected, "Enter")
            _add(menu, _translate("Canvas", "Rename the block…"), blocks.rename)
        _add(menu, _translate("Canvas", "Unpack"), blocks.unpack_selected, "Ctrl+Shift+G")


def _promote(menu: QMenu, canvas: Canvas, name: str) -> None:
    """Each parameter that the node shows can become an argument of the block that is looked at."""
    layer = canvas.scene.layer_of(name)
    params = layer.params if layer else ()
    inner = menu.addMenu(_translate("Canvas", "Make an argument of"))
    inner.setEnabled(bool(params))
    for param in params:
        _add(inner, param.name, partial(canvas.blocks.promote, name, param.name))


def _empty(menu: QMenu, canvas: Canvas) -> None:
    _add(menu, _translate("Canvas", "Add layer…"), canvas.open_search, "Space")
    can_paste = bool(QGuiApplication.clipboard().text())
    _add(menu, _translate("Canvas", "Paste"), canvas.nodes.paste, "Ctrl+V", enabled=can_paste)
    _add(menu, _translate("Canvas", "New block…"), canvas.blocks.begin)
    if canvas.session.focus:
        _add(menu, _translate("Canvas", "Leave the block"), canvas.entrance.leave, "Alt+Up")
    menu.addSeparator()
    some = bool(canvas.scene.nodes)
    add_arranging(menu, canvas)
    _add(menu, _translate("Canvas", "Select all"), canvas.select_all, "Ctrl+A", enabled=some)
    _add(menu, _translate("Canvas", "Fit"), canvas.fit, "Home", enabled=some)
    _add(menu, _translate("Canvas", "Export drawing…"), canvas.export_wanted.emit, enabled=some)


def _add(menu: QMenu, text: str, deed: Callable[[], object], keys: str = "", *, enabled: bool = True) -> None:
    # The keys are shown only: as a shortcut of its own the menu's action would clash with the window's.
    action = menu.addAction(f"{text}\t{keys}" if keys else text)
    action.setEnabled(enabled)
    action.triggered.connect(lambda _checked=False: deed())
