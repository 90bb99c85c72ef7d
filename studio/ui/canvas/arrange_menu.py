"""The menu Arrange, in the menu bar and on the canvas: one table of what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from studio.ui.actions import Actions
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry: `kind` says how many nodes it takes."""

    name: str
    text: str
    tip: str
    keys: str
    kind: str
    run: Callable[[], None]


def deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that brings nodes into order."""
    arranger = canvas.arranger
    text = _translate("Canvas", "&Arrange")
    tip = _translate("Canvas", "Lay out the selected nodes, or all, in columns from left to right")
    yield Deed("across", text, tip, "Ctrl+Shift+L", "arrange", arranger.arrange)
    text = _translate("Canvas", "Arrange top &down")
    tip = _translate("Canvas", "Lay out the selected nodes, or all, in rows from the top down")
    yield Deed("down", text, tip, "Ctrl+Alt+L", "arrange", partial(arranger.arrange, downwards=True))
    yield from _aligning(canvas)
    text = _translate("Canvas", "Distribute &horizontally")
    tip = _translate("Canvas", "Give the selected nodes the same gaps from left to right")
    yield Deed(
        "distribute_across", text, tip, "Shift+H", "distribute", partial(arranger.distribute, "across")
    )
    text = _translate("Canvas", "Distribute &vertically")
    tip = _translate("Canvas", "Give the selected nodes the same gaps from top to bottom")
    yield Deed("distribute_down", text, tip, "Shift+V", "distribute", partial(arranger.distribute, "down"))


def _aligning(canvas: Canvas) -> Iterator[Deed]:
    align = canvas.arranger.align
    text = _translate("Canvas", "Align &left")
    tip = _translate("Canvas", "Bring the left edges of the selected nodes into line")
    yield Deed("left", text, tip, "Shift+A", "align", partial(align, "left"))
    text = _translate("Canvas", "Align &centres")
    tip = _translate("Canvas", "Bring the centres of the selected nodes below each other")
    yield Deed("centre", text, tip, "Alt+Shift+S", "align", partial(align, "centre"))
    text = _translate("Canvas", "Align &right")
    tip = _translate("Canvas", "Bring the right edges of the selected nodes into line")
    yield Deed("right", text, tip, "Shift+D", "align", partial(align, "right"))
    text = _translate("Canvas", "Align &top")
    tip = _translate("Canvas", "Bring the upper edges of the selected nodes into line")
    yield Deed("top", text, tip, "Shift+W", "align", partial(align, "top"))
    text = _translate("Canvas", "Align &middles")
    tip = _translate("Canvas", "Bring the centres of the selected nodes beside each other")
    yield Deed("middle", text, tip, "Alt+Shift+W", "align", partial(align, "middle"))
    text = _translate("Canvas", "Align &bottom")
    tip = _translate("Canvas", "Bring the lower edges of the selected nodes into line")
    yield Deed("bottom", text, tip, "Shift+S", "align", partial(align, "bottom"))


def add_arrange_actions(menu: QMenu, canvas: Canvas, actions: Actions) -> None:
    """The window's own actions, which can be used as far as enough nodes are selected."""
    menu.setToolTipsVisible(True)
    made: list[tuple[QAction, Deed, str]] = []
    kind = "arrange"
    for deed in deeds(canvas):
        if deed.kind != kind:
            menu.addSeparator()
            kind = deed.kind
        name = f"arrange.{deed.name}"
        action = actions.make(name, deed.text, deed.run, tip=deed.tip, shortcut=deed.keys, only=canvas)
        menu.addAction(action)
        made.append((action, deed, action.toolTip()))

    def follow() -> None:
        for action, deed, tip in made:
            lacking = canvas.arranger.lacking(deed.kind)
            action.setEnabled(not lacking)
            action.setStatusTip(lacking or deed.tip)
            action.setToolTip(lacking or tip)

    canvas.selection_changed.connect(follow)
    canvas.scene.content_changed.connect(follow)
    follow()


def add_arranging(menu: QMenu, canvas: Canvas) -> None:
    """The same as a part of the canvas's menu."""
    inner = menu.addMenu(_translate("Canvas", "Arrange"))
    inner.setToolTipsVisible(True)
    kind = "arrange"
    for deed in deeds(canvas):
        if deed.kind != kind:
            inner.addSeparator()
            kind = deed.kind
        # The keys are shown only: as a shortcut of its own the action would clash with the window's.
        keys = QKeySequence(deed.keys).toString(QKeySequence.SequenceFormat.NativeText)
        action = inner.addAction(f"{deed.text}\t{keys}")
        lacking = canvas.arranger.lacking(deed.kind)
        action.setEnabled(not lacking)
        action.setToolTip(lacking or deed.tip)
        action.triggered.connect(lambda _checked=False, run=deed.run: run())
