"""The canvas's keys: one table from key to deed, and the arrow keys that walk and nudge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.ui.canvas.arrange_menu import deeds
from studio.ui.canvas.walking import DIRECTIONS, neighbour
from studio.ui.theme import GRID

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

Key, Modifier, Standard = Qt.Key, Qt.KeyboardModifier, QKeySequence.StandardKey
FAR_STEPS = 8


def pressed(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key stands for; says whether it stands for anything."""
    deed = _deed(canvas, event)
    if deed is None and event.key() in DIRECTIONS:
        _arrow(canvas, event)
        return True
    if deed is None:
        return False
    deed()
    return True


def _deed(canvas: Canvas, event: QKeyEvent) -> Callable[[], object] | None:
    standard = {
        Standard.Copy: canvas.nodes.copy,
        Standard.Cut: canvas.nodes.cut,
        Standard.Paste: canvas.nodes.paste,
        Standard.SelectAll: canvas.select_all,
        Standard.Delete: canvas.nodes.delete_selected,
        Standard.Find: canvas.finder.open,
    }
    for sequence, deed in standard.items():
        if event.matches(sequence):
            return deed
    if (event.modifiers(), event.key()) in (held := _held(canvas)):
        return held[(event.modifiers(), Key(event.key()))]
    keys = QKeySequence(event.keyCombination())
    for arranging in deeds(canvas):
        if keys == QKeySequence(arranging.keys):
            return arranging.run
    if event.modifiers() & ~Modifier.KeypadModifier:
        return None
    plain = {
        Key.Key_Backspace: canvas.nodes.delete_selected,
        Key.Key_M: canvas.nodes.toggle_muted,
        Key.Key_F2: canvas.rename_selected,
        Key.Key_F3: lambda: canvas.finder.step(1),
        Key.Key_Return: canvas.entrance.enter_selected,
        Key.Key_Enter: canvas.entrance.enter_selected,
        Key.Key_Home: canvas.fit,
        Key.Key_Period: canvas.fit_selection,
        Key.Key_1: lambda: canvas.zoom_to(1.0),
        Key.Key_Plus: lambda: canvas.zoom_to(canvas.zoom * 1.2),
        Key.Key_Minus: lambda: canvas.zoom_to(canvas.zoom / 1.2),
        Key.Key_Escape: canvas.give_up,
        Key.Key_Menu: canvas.open_menu,
    }
    return plain.get(Key(event.key()))


def _held(canvas: Canvas) -> dict[tuple[Modifier, Key], Callable[[], object]]:
    """Keys that count with others held."""
    control, shift, alt = Modifier.ControlModifier, Modifier.ShiftModifier, Modifier.AltModifier
    return {
        (control, Key.Key_D): canvas.nodes.duplicate,
        (control, Key.Key_G): canvas.blocks.make,
        (control | shift, Key.Key_G): canvas.blocks.unpack_selected,
        (shift, Key.Key_F3): lambda: canvas.finder.step(-1),
        (alt, Key.Key_Down): canvas.entrance.enter_selected,
        (alt, Key.Key_Up): canvas.entrance.leave,
    }


def _arrow(canvas: Canvas, event: QKeyEvent) -> None:
    """Arrow keys walk from node to node; with Ctrl they nudge what is selected, with Shift too, further."""
    direction = DIRECTIONS[Key(event.key())]
    if event.modifiers() & Modifier.ControlModifier:
        steps = FAR_STEPS if event.modifiers() & Modifier.ShiftModifier else 1
        _nudge(canvas, direction * GRID * steps)
        return
    scene = canvas.scene
    if not scene.chosen:
        first = min(scene.nodes.values(), key=lambda item: (item.body.x(), item.body.y()), default=None)
        to = first.name if first else None
    else:
        to = neighbour(scene, scene.chosen[-1], direction)
    if to is not None:
        keeps = event.modifiers() & Modifier.ShiftModifier
        canvas.select((*scene.chosen, to) if keeps else (to,))
        canvas.bring_into_sight(to)


def _nudge(canvas: Canvas, by: QPointF) -> None:
    nodes = canvas.scene.project.graph.nodes
    positions = {
        name: (nodes[name].position[0] + by.x(), nodes[name].position[1] + by.y())
        for name in canvas.selection
    }
    if positions:
        canvas.editor.move(positions, burst=True)
