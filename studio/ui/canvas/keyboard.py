"""The canvas's keys that are no actions: the arrow keys walk and nudge, Escape gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.ui.canvas.walking import DIRECTIONS, nearest, neighbour
from studio.ui.theme import GRID

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

Key, Modifier = Qt.Key, Qt.KeyboardModifier
FAR_STEPS = 8


def pressed(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key stands for that is no action's; says whether it stands for anything."""
    if event.key() in DIRECTIONS and not event.modifiers() & Modifier.AltModifier:
        _arrow(canvas, event)
        return True
    if event.key() == Key.Key_Escape:
        canvas.give_up()
        return True
    reason = canvas.deeds.why_not(QKeySequence(event.keyCombination()))
    if reason:
        canvas.status.emit(reason)
    return bool(reason)


def _arrow(canvas: Canvas, event: QKeyEvent) -> None:
    """Arrow keys walk from node to node; with Ctrl they nudge what is selected, with Shift too, further.

    A selected dot of a wire is nudged without Ctrl as well.
    """
    direction = DIRECTIONS[Key(event.key())]
    steps = FAR_STEPS if event.modifiers() & Modifier.ShiftModifier else 1
    if canvas.dots.nudge(direction * GRID * steps):
        return
    if event.modifiers() & Modifier.ControlModifier:
        _nudge(canvas, direction * GRID * steps)
        return
    scene = canvas.scene
    if not scene.chosen and scene.chosen_edges:
        wire, on = scene.chosen_edges[-1], direction.x() + direction.y() > 0
        to = wire.target.node if on else wire.source.node
    elif not scene.chosen and scene.chosen_marks:
        to = nearest(scene, scene.marks.items[scene.chosen_marks[-1]].body.center(), direction)
    elif not scene.chosen:
        first = min(scene.nodes.values(), key=lambda item: (item.body.x(), item.body.y()), default=None)
        to = first.name if first else None
    else:
        to = neighbour(scene, scene.chosen[-1], direction)
    if to is not None:
        keeps = event.modifiers() & Modifier.ShiftModifier
        canvas.select((*scene.chosen, to) if keeps else (to,))
        canvas.bring_into_sight(to)


def _nudge(canvas: Canvas, by: QPointF) -> None:
    if canvas.selection or canvas.scene.chosen_marks:
        canvas.marks.nudge(by)
