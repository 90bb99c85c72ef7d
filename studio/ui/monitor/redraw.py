"""When plots that have changed are drawn again: soon, one after the other, the rarer the more the window has
to compute, so that a training keeps its time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, QTimer

REDRAW_MS, SLOWEST_MS, NEXT_MS = 200, 1000, 20
"""How long after a change its plot is drawn, at least and at most, and how long after that the next one."""
SHARE = 50
"""How many times as long as the window computes it waits till it draws again: the rest is the training's."""


class Redraw(QObject):
    """Has plots drawn by their names."""

    def __init__(
        self, parent: QObject, seen: Callable[[], Sequence[str] | None], draw: Callable[[str], None]
    ) -> None:
        """`seen` are the plots that can be seen; None where nothing is shown at all."""
        super().__init__(parent)
        self._seen, self._draw_one = seen, draw
        self._changed: set[str] = set()
        self._waiting: list[str] = []
        self._drawn: float | None = None
        self._timer = QTimer(self, interval=REDRAW_MS, singleShot=True)
        self._next = QTimer(self, interval=NEXT_MS, singleShot=True)
        self._timer.timeout.connect(self._draw)
        self._next.timeout.connect(self._draw_next)

    @property
    def interval(self) -> int:
        """Milliseconds from a change to its drawing."""
        return self._timer.interval()

    def begin(self) -> None:
        """What the window has computed until now does not count."""
        self._drawn = None

    def add(self, names: Iterable[str]) -> None:
        """These have changed."""
        self._changed.update(names)
        if self._changed and not self._waiting and not self._timer.isActive():
            self._timer.start()

    def soon(self) -> None:
        """Others may be seen than before."""
        self._timer.start()

    def done(self) -> None:
        """All is as it is to be."""
        self._changed.clear()

    def flush(self) -> None:
        """Draw now what has changed and can be seen."""
        self._timer.stop()
        self._draw()
        while self._waiting:
            self._draw_next()

    def _draw(self) -> None:
        """Draw what has changed, one plot after the other: the window can do other things between them."""
        if (seen := self._seen()) is None:
            return
        self._pace()
        self._waiting = [name for name in seen if name in self._changed]
        self._changed.difference_update(seen)
        self._draw_next()

    def _pace(self) -> None:
        """Wait the longer for the next drawing the more this thread has computed since the last one."""
        before, self._drawn = self._drawn, time.thread_time()
        spent = 0.0 if before is None else self._drawn - before
        self._timer.setInterval(min(SLOWEST_MS, max(REDRAW_MS, round(1000 * SHARE * spent))))

    def _draw_next(self) -> None:
        self._next.stop()
        if self._waiting:
            self._draw_one(self._waiting.pop(0))
        if self._waiting:
            self._next.start()
        elif self._changed:
            self._timer.start()
