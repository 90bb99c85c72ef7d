"""What keys and menus do with frames, notes and colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from studio.project.graph import COLOURS, Frame, Sticky
from studio.ui.canvas import hues
from studio.ui.canvas.deed import Deed, chosen
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate
SWATCH = 16
MARKS = (
    "mark.frame",
    "mark.note",
    "node.note",
    "",
    "mark.next",
    "mark.inside",
    "mark.fit",
    "",
    "mark.wider",
    "mark.narrower",
    "mark.taller",
    "mark.lower",
)
COLOURING = (*(f"colour.{colour}" for colour in COLOURS), "", "colour.none")
"""The menus, by name; an empty name is a line."""


def mark_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that is done with frames and notes."""
    marks, scene = canvas.marks, canvas.scene
    text = _translate("Canvas", "Add &frame")
    tip = _translate(
        "Canvas", "Lay a frame around the selection, or an empty one; it carries what lies in it"
    )
    yield Deed("mark.frame", text, tip, ("Shift+F",), marks.add_frame)
    text = _translate("Canvas", "Add &note")
    tip = _translate("Canvas", "Lay a note at the pointer and write it, in Markdown")
    yield Deed("mark.note", text, tip, ("N",), marks.add_note)
    text = _translate("Canvas", "&Write about the node")
    tip = _translate(
        "Canvas", "Write a note about the selected nodes; a turned-down corner shows that it is there"
    )
    yield Deed("node.note", text, tip, ("Ctrl+Shift+N",), marks.write_about, chosen(scene))
    text = _translate("Canvas", "Next frame or n&ote")
    tip = _translate(
        "Canvas", "Select one frame or note after the other; F2 writes it, Ctrl and arrows move it"
    )
    yield Deed("mark.next", text, tip, ("Shift+N",), partial(_next, canvas), some_marks(scene))
    text = _translate("Canvas", "Select what lies &inside")
    tip = _translate("Canvas", "Select the nodes, frames and notes in the selected frame in place of it")
    yield Deed("mark.inside", text, tip, (), marks.choose_inside, chosen_frame(scene))
    text = _translate("Canvas", "Fit frame &to what lies inside")
    tip = _translate("Canvas", "Draw the selected frame closely around what lies in it")
    yield Deed("mark.fit", text, tip, (), marks.fit, chosen_frame(scene))
    yield from _sizes(canvas)
    yield from _colours(canvas)


def _sizes(canvas: Canvas) -> Iterator[Deed]:
    grow, lacking = canvas.marks.grow, chosen_mark(canvas.scene)
    text, tip = _translate("Canvas", "Wider"), _translate("Canvas", "Make the frame or note wider")
    yield Deed("mark.wider", text, tip, ("Alt+Shift+Right",), partial(grow, 1, 0), lacking)
    text, tip = _translate("Canvas", "Narrower"), _translate("Canvas", "Make the frame or note narrower")
    yield Deed("mark.narrower", text, tip, ("Alt+Shift+Left",), partial(grow, -1, 0), lacking)
    text, tip = _translate("Canvas", "Taller"), _translate("Canvas", "Make the frame or note taller")
    yield Deed("mark.taller", text, tip, ("Alt+Shift+Down",), partial(grow, 0, 1), lacking)
    text, tip = _translate("Canvas", "Lower"), _translate("Canvas", "Make the frame or note less high")
    yield Deed("mark.lower", text, tip, ("Alt+Shift+Up",), partial(grow, 0, -1), lacking)


def _colours(canvas: Canvas) -> Iterator[Deed]:
    paint, lacking = canvas.marks.paint, picked(canvas.scene)
    text = _translate("Canvas", "No colour")
    tip = _translate("Canvas", "Take the colour from what is selected")
    yield Deed("colour.none", text, tip, (), partial(paint, ""), lacking)
    for colour in COLOURS:
        text = hues.hue_name(colour)
        tip = _translate("Canvas", "Colour the selection: {colour}").format(colour=text.lower())
        yield Deed(f"colour.{colour}", text, tip, (), partial(paint, colour), lacking)


def picked(scene: GraphScene) -> Callable[[], str]:
    """That nodes, frames or notes are selected."""
    return lambda: (
        ""
        if scene.chosen or scene.chosen_marks
        else _translate("Canvas", "Select a node, frame or note first.")
    )


def anything_there(scene: GraphScene) -> Callable[[], str]:
    """That anything is drawn at all."""
    return lambda: "" if scene.nodes or scene.marks.items else _translate("Canvas", "There is nothing yet.")


def chosen_mark(scene: GraphScene) -> Callable[[], str]:
    """That a frame or note is selected."""
    return lambda: "" if scene.chosen_marks else _translate("Canvas", "Select a frame or note first.")


def chosen_frame(scene: GraphScene) -> Callable[[], str]:
    """That a frame is selected."""
    frames = scene.marks.items
    return lambda: (
        ""
        if any(isinstance(frames[name].mark, Frame) for name in scene.chosen_marks)
        else _translate("Canvas", "Select a frame first.")
    )


def some_marks(scene: GraphScene) -> Callable[[], str]:
    """That there are frames or notes at all."""
    return lambda: "" if scene.marks.items else _translate("Canvas", "There are no frames or notes yet.")


def colour_menu(menu: QMenu, canvas: Canvas) -> None:
    """The colours, each with a sample of it."""
    inner = menu.addMenu(_translate("Canvas", "Colour"))
    inner.setToolTipsVisible(True)
    tokens = canvas.scene.look.ink.tokens
    for colour in COLOURS:
        action = canvas.deeds.actions[f"colour.{colour}"]
        action.setIcon(_swatch(hues.line(tokens, colour), canvas.devicePixelRatioF()))
        action.setIconVisibleInMenu(True)
        inner.addAction(action)
    inner.addSeparator()
    inner.addAction(canvas.deeds.actions["colour.none"])


def link_menu(menu: QMenu, canvas: Canvas) -> None:
    """The links in the note that is selected alone."""
    chosen = canvas.scene.chosen_marks
    item = canvas.scene.marks.items[chosen[0]] if len(chosen) == 1 else None
    if item is None or not isinstance(item.mark, Sticky):
        return
    for link in item.document().links():
        action = menu.addAction(_translate("Canvas", "Open {link}").format(link=link))
        action.triggered.connect(partial(open_link, link))


def open_link(link: str, _checked: bool = False) -> None:
    """Open a link in the program that people have for it."""
    QDesktopServices.openUrl(QUrl(link))


def _next(canvas: Canvas) -> None:
    name = canvas.marks.next_one()
    if name is not None:
        canvas.view.reveal(canvas.scene.marks.items[name].body)


def _swatch(colour: QColor, ratio: float) -> QIcon:
    pixmap = QPixmap(round(SWATCH * ratio), round(SWATCH * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(2, 2, SWATCH - 4, SWATCH - 4), 3, 3)
    painter.end()
    return QIcon(pixmap)
