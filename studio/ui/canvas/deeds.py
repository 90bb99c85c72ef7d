"""Everything that keys and menus do on the canvas: one table, and the actions that are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from studio.ui.actions import Actions, with_keys
from studio.ui.canvas.arrange_menu import arrange_deeds
from studio.ui.canvas.block_menu import block_deeds
from studio.ui.canvas.deed import Deed, chosen
from studio.ui.canvas.dots import delete, dot_deeds
from studio.ui.canvas.look_deeds import look_deeds
from studio.ui.canvas.mark_menu import anything_there, mark_deeds, picked
from studio.ui.canvas.select_deeds import select_all, select_deeds
from studio.ui.canvas.structure_menu import structure_deeds
from studio.ui.canvas.wire_keys import wire_deeds

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

Key = QKeySequence.StandardKey
_translate = QCoreApplication.translate


class Deeds(QObject):
    """The canvas's actions. Their keys work while the canvas has the keyboard; a few, everywhere."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.actions = Actions(canvas)
        """By name, for whoever shows them in a menu."""
        self._made: list[tuple[QAction, Deed]] = []
        self._told: dict[str, str] = {}
        """What each lacks, as it was last told: to say it anew takes longer than to find out."""
        for deed in all_deeds(canvas):
            only = None if deed.everywhere else canvas
            action = self.actions.make(
                deed.name,
                deed.text,
                deed.run,
                tip=deed.tip,
                shortcut=deed.keys,
                only=only,
                checkable=deed.checked is not None,
            )
            if deed.checked is not None:
                action.setChecked(deed.checked())
            self._made.append((action, deed))
        self._view = canvas.view
        canvas.installEventFilter(self)
        canvas.scene.selection_moved.connect(self.follow)
        self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in a field over the drawing is that field's; no deed has it then."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enters and not self._view.hasFocus():
                event.accept()
                return True
        return False

    def follow(self) -> None:
        """Offer what can be done with what is there and selected now."""
        for action, deed in self._made:
            lacking = deed.lacking()
            if self._told.get(deed.name) == lacking:
                continue
            self._told[deed.name] = lacking
            action.setEnabled(not lacking)
            action.setStatusTip(lacking or deed.tip)
            action.setToolTip(lacking or with_keys(deed.tip, action))

    def why_not(self, keys: QKeySequence) -> str:
        """Why what has these keys cannot be done now; empty where nothing has them, or it can."""
        found = (action for action, *_ in self._made if not action.isEnabled() and keys in action.shortcuts())
        return next((action.statusTip() for action in found), "")


def all_deeds(canvas: Canvas) -> Iterator[Deed]:
    """The whole table."""
    yield from _nodes(canvas)
    yield from _finding(canvas)
    yield from block_deeds(canvas)
    yield from arrange_deeds(canvas)
    yield from wire_deeds(canvas)
    yield from dot_deeds(canvas)
    yield from mark_deeds(canvas)
    yield from select_deeds(canvas)
    yield from look_deeds(canvas)
    yield from structure_deeds(canvas)


def _nodes(canvas: Canvas) -> Iterator[Deed]:
    """What is done with what is selected."""
    nodes, scene = canvas.nodes, canvas.scene
    one = chosen(scene)

    some_of_it = picked(scene)

    def mendable() -> str:
        found = len(scene.chosen) == 1 and scene.problems(scene.chosen[0])
        return "" if found else _translate("Canvas", "Select a node that has a problem first.")

    def anything() -> str:
        return "" if scene.chosen_edges else some_of_it()

    text, tip = _translate("Canvas", "Cu&t"), _translate("Canvas", "Move what is selected to the clipboard")
    yield Deed("edit.cut", text, tip, (Key.Cut,), nodes.cut, some_of_it)
    text, tip = _translate("Canvas", "&Copy"), _translate("Canvas", "Copy what is selected")
    yield Deed("edit.copy", text, tip, (Key.Copy,), nodes.copy, some_of_it)
    text, tip = _translate("Canvas", "&Paste"), _translate("Canvas", "Put in what was copied")
    yield Deed("edit.paste", text, tip, (Key.Paste,), nodes.paste)
    text, tip = _translate("Canvas", "D&uplicate"), _translate("Canvas", "Double what is selected")
    yield Deed("edit.duplicate", text, tip, ("Ctrl+D",), nodes.duplicate, some_of_it)
    text = _translate("Canvas", "&Delete")
    tip = _translate("Canvas", "Delete what is selected; what lies in a frame stays")
    yield Deed("edit.delete", text, tip, (Key.Delete, "Backspace"), partial(delete, canvas), anything)
    text = _translate("Canvas", "Select &all")
    tip = _translate("Canvas", "Select all nodes, frames and notes")
    yield Deed("edit.all", text, tip, (Key.SelectAll,), partial(select_all, canvas), anything_there(scene))
    text = _translate("Canvas", "&Rename")
    tip = _translate("Canvas", "Rename the node or frame, or write the note")
    yield Deed("edit.rename", text, tip, ("F2",), canvas.opening.name, some_of_it)
    text = _translate("Canvas", "&Edit the values")
    tip = _translate("Canvas", "Edit the node's values in place, Tab goes on; of a block, enter it")
    yield Deed("node.edit", text, tip, ("Return", "Enter"), canvas.opening.selected, one)
    text = _translate("Canvas", "Go to the fi&xes")
    tip = _translate("Canvas", "Put the keyboard on what would mend the selected node; Escape leaves it")
    yield Deed("node.fix", text, tip, ("Alt+Return", "Alt+Enter"), canvas.ghost.card.take_keyboard, mendable)
    text = _translate("Canvas", "&Mute or unmute")
    tip = _translate("Canvas", "Let the selected nodes pass their input on unchanged, or work again")
    yield Deed("edit.mute", text, tip, ("M",), nodes.toggle_muted, one)


def _finding(canvas: Canvas) -> Iterator[Deed]:
    finder = canvas.finder
    text = _translate("Canvas", "&Find…")
    tip = _translate("Canvas", "Find nodes by name, type, parameter, shape or problem, inside blocks too")
    yield Deed("edit.find", text, tip, (Key.Find,), finder.open, everywhere=True)
    text, tip = _translate("Canvas", "Find &next"), _translate("Canvas", "Go to the next node that fits")
    yield Deed("edit.find_next", text, tip, ("F3",), partial(finder.step, 1))
    text = _translate("Canvas", "Find pre&vious")
    tip = _translate("Canvas", "Go back to the node before that fits")
    yield Deed("edit.find_previous", text, tip, ("Shift+F3",), partial(finder.step, -1))
