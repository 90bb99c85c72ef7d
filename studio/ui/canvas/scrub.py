"""Dragging a number sideways changes it where it stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from studio.project.params import Float, Floats, Value
from studio.ui.canvas.gestures import Gesture, InPlace, Modifiers
from studio.ui.canvas.value_places import Place
from studio.ui.number_steps import Pace, stepped_value

if TYPE_CHECKING:
    from studio.ui.canvas.values import Values

PIXELS, PIXELS_OF_FRACTION = 5, 10
"""So far the pointer goes for each step."""
NEARLY = 1e-6
FINE = 4
"""In short steps it goes so many times as far."""


class Scrub(InPlace):
    """Sideways it moves the number, with Shift in short steps and with Ctrl in long ones; else it is
    `instead`, what a press there is without it. Every step shows at once; all of them are one undo step.
    """

    def __init__(self, values: Values, place: Place, part: int | None, at: QPointF, instead: Gesture) -> None:
        self._values, self._place, self._part, self._instead = values, place, part, instead
        self._press = self._last = at
        self._sideways: bool | None = None
        self._rest = 0.0
        self._start: dict[str, Value] = {}
        self._without: frozenset[str] = frozenset()
        self._key = ""

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """Move the number by what the pointer went since."""
        if self._sideways is None and not self._decide(at):
            return
        if not self._sideways:
            self._instead.move(at, modifiers)
            return
        pace = _pace(modifiers)
        fraction = isinstance(self._place.param, Float | Floats)
        pixels = (PIXELS_OF_FRACTION if fraction else PIXELS) * (FINE if pace is Pace.FINE else 1)
        if pace is Pace.COARSE:
            pixels *= FINE
        self._rest += (at.x() - self._last.x()) / pixels
        self._last = at
        steps = int(self._rest + math.copysign(NEARLY, self._rest))
        self._rest -= steps
        if steps:
            self._step(steps, pace)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """It stays as it is; without a drag it was a press like any other."""
        if not self._sideways:
            self._instead.release(at, modifiers)

    def cancel(self) -> None:
        """Take back every step."""
        if self._sideways:
            self._set(self._start, self._without)
        elif self._sideways is not None:
            self._instead.cancel()

    def trace(self) -> QPainterPath | None:
        """What it is instead may show something."""
        return None if self._sideways else self._instead.trace()

    def _decide(self, at: QPointF) -> bool:
        """Sideways or not: known once the pointer has gone far enough."""
        by = at - self._press
        if by.manhattanLength() < QApplication.startDragDistance() / 2:
            return False
        self._sideways = abs(by.x()) >= abs(by.y())
        if self._sideways:
            self._start = self._values.own(self._place)
            self._without = self._values.left_out(self._place)
            self._key = self._values.new_burst()
            self._values.show_scrubbing()
        return True

    def _step(self, steps: int, pace: Pace) -> None:
        now, param = self._values.own(self._place), self._place.param
        self._set({name: stepped_value(now[name], param, steps, pace, self._part) for name in now})

    def _set(self, values: dict[str, Value], without: frozenset[str] = frozenset()) -> None:
        self.editing = True
        try:
            self._values.set(self._place.param.name, values, self._key, without)
        finally:
            self.editing = False


def _pace(modifiers: Modifiers) -> Pace:
    if modifiers & Modifiers.ShiftModifier:
        return Pace.FINE
    return Pace.COARSE if modifiers & Modifiers.ControlModifier else Pace.PLAIN
