"""What the mouse does on the canvas, and the keys that stay as they are: one table, for the lists of keys."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

_translate = QCoreApplication.translate
Key, Modifier = Qt.Key, Qt.KeyboardModifier
ARROWS = (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down)
CTRL, SHIFT = Modifier.ControlModifier, Modifier.ShiftModifier


def fixed_keys() -> tuple[tuple[str, str], ...]:
    """Keys that nothing else can have, and what they do."""
    ctrl = _ctrl()
    return (
        (_translate("Gestures", "Arrow keys"), _translate("Gestures", "Walk along wires and to neighbours")),
        (_translate("Gestures", "Shift + arrow keys"), _translate("Gestures", "Walk and select on the way")),
        (
            _translate("Gestures", "{ctrl} + arrow keys").format(ctrl=ctrl),
            _translate("Gestures", "Move the selected nodes; with Shift, further"),
        ),
        (
            _translate("Gestures", "Escape"),
            _translate("Gestures", "Give up what is going on, select nothing, leave the block"),
        ),
        (
            _translate("Gestures", "Space, Tab"),
            _translate("Gestures", "Search for a layer to add; Space held: drag to pan"),
        ),
        (_translate("Gestures", "Shift+Tab"), _translate("Gestures", "Leave the canvas")),
    )


def is_fixed(keys: QKeySequence) -> bool:
    """Whether keys begin with one that stays as it is."""
    return any(_is_fixed(keys[at]) for at in range(keys.count()))


def mouse_table() -> tuple[tuple[str, str], ...]:
    """How a gesture is made, and what it does."""
    ctrl = _ctrl()
    rows = (*_looking(), *_wiring(), *_editing())
    return tuple((how.format(ctrl=ctrl), what.format(ctrl=ctrl)) for how, what in rows)


def _looking() -> tuple[tuple[str, str], ...]:
    """How one looks around and selects."""
    return (
        (
            _translate("Gestures", "Drag on empty canvas"),
            _translate("Gestures", "Select with a rectangle; Shift adds, {ctrl} toggles"),
        ),
        (_translate("Gestures", "Alt+drag on empty canvas"), _translate("Gestures", "Select with a lasso")),
        (
            _translate("Gestures", "Middle-drag, Space+drag, wheel"),
            _translate("Gestures", "Look elsewhere; with Shift the wheel goes sideways"),
        ),
        (_translate("Gestures", "{ctrl}+wheel, pinch"), _translate("Gestures", "Zoom at the pointer")),
    )


def _wiring() -> tuple[tuple[str, str], ...]:
    """How nodes are placed, wired and taken out."""
    return (
        (_translate("Gestures", "Double-click on empty canvas"), _translate("Gestures", "Add a layer there")),
        (
            _translate("Gestures", "Drag from a port"),
            _translate("Gestures", "Wire it to a port that lights up; on empty canvas: add a layer"),
        ),
        (
            _translate("Gestures", "Drag a wire's end off its input"),
            _translate("Gestures", "Wire it elsewhere, or disconnect it"),
        ),
        (
            _translate("Gestures", "{ctrl}+drag from a port"),
            _translate("Gestures", "Move all wires of the port elsewhere"),
        ),
        (_translate("Gestures", "Drag a node onto a wire"), _translate("Gestures", "Insert it there")),
        (
            _translate("Gestures", "Alt+drag a node, or shake it while dragging"),
            _translate("Gestures", "Pull it out of its wires; its neighbours are joined"),
        ),
        (_translate("Gestures", "Alt+right-drag"), _translate("Gestures", "Cut wires with a knife")),
        (
            _translate("Gestures", "Double-click on a wire"),
            _translate("Gestures", "Bend it there; drag the dot, double-click removes it"),
        ),
    )


def _editing() -> tuple[tuple[str, str], ...]:
    """How values, frames and notes are changed."""
    return (
        (
            _translate("Gestures", "Double-click on a value"),
            _translate("Gestures", "Change it in place; on a block elsewhere: enter it"),
        ),
        (
            _translate("Gestures", "Drag a number sideways on a selected node, Alt+wheel"),
            _translate(
                "Gestures", "Make it larger or smaller; short steps with Shift, long ones with {ctrl}"
            ),
        ),
        (
            _translate("Gestures", "Drag a frame's title"),
            _translate("Gestures", "Move the frame and what lies in it"),
        ),
        (
            _translate("Gestures", "Drag an edge or corner of a frame or note"),
            _translate("Gestures", "Make it larger or smaller"),
        ),
        (
            _translate("Gestures", "Double-click on a frame's title or a note"),
            _translate("Gestures", "Write it; {ctrl}+click opens a link in a note"),
        ),
    )


def _is_fixed(pressed: QKeyCombination) -> bool:
    key, held = pressed.key(), pressed.keyboardModifiers()
    if key in ARROWS:
        return not held & ~(CTRL | SHIFT | Modifier.KeypadModifier)
    if key in (Key.Key_Tab, Key.Key_Backtab, Key.Key_Space):
        return not held & ~SHIFT
    return key == Key.Key_Escape


def _ctrl() -> str:
    """The key that is Ctrl, or Cmd on a Mac, as the system writes it."""
    written = QKeySequence("Ctrl+A").toString(QKeySequence.SequenceFormat.NativeText)
    return written.removesuffix("A").rstrip("+")
