"""Samples by their place in the list, read a page at a time in the background as they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui.background import Background

if TYPE_CHECKING:
    from numpy import ndarray

    from studio.data.browsing.opened import Opened
    from studio.data.browsing.pages import Row

PAGE = 32
KEPT = 48
"""Pages that are kept in memory."""
AT_ONCE = 4
"""Pages that are read in one go: what was asked for before is out of sight."""


class Pages(QObject):
    """What is known of each sample of a list that may be a million long."""

    arrived = Signal(int, int)
    """The places from, and up to, which samples are known now."""
    changed = Signal()
    """Another list, or other samples in it."""
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opened: Opened | None = None
        self.rows: ndarray | None = None
        self._known: OrderedDict[int, list[Row]] = OrderedDict()
        self._wanted: list[int] = []
        self._turn = 0
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._read)
        self._background = Background(self)
        self._background.done.connect(self._take)
        self._background.failed.connect(self.failed)

    def __len__(self) -> int:
        return 0 if self.rows is None else len(self.rows)

    def show_rows(self, opened: Opened | None, rows: ndarray | None) -> None:
        """List these rows of the data."""
        self.opened, self.rows = opened, rows
        self._turn += 1
        self._known.clear()
        self._wanted.clear()
        self.changed.emit()

    def at(self, place: int) -> Row | None:
        """The sample at a place; None until it was read, which begins now."""
        number = place // PAGE
        page = self._known.get(number)
        if page is not None:
            self._known.move_to_end(number)
            return page[place % PAGE]
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted = [*self._wanted[-AT_ONCE + 1 :], number]
        self._soon.start()
        return None

    def row(self, place: int) -> int:
        """The row of the source at a place."""
        assert self.rows is not None
        return int(self.rows[place])

    def _read(self) -> None:
        if self._background.busy or not self._wanted or self.opened is None or self.rows is None:
            return
        wanted, self._wanted = self._wanted[::-1], []
        opened, turn = self.opened, self._turn
        parts = [(number, self.rows[number * PAGE : (number + 1) * PAGE]) for number in wanted]
        self._background.request(lambda: (turn, _pages(opened, parts)))

    def _take(self, answer: tuple[int, list[tuple[int, list[Row]]]]) -> None:
        turn, pages = answer
        if turn == self._turn:
            for number, rows in pages:
                self._known[number] = rows
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            for number, rows in pages:
                self.arrived.emit(number * PAGE, number * PAGE + len(rows) - 1)
        self._read()


def _pages(opened: Opened, parts: list[tuple[int, ndarray]]) -> list[tuple[int, list[Row]]]:
    from studio.data.browsing.pages import page

    return [(number, page(opened, rows)) for number, rows in parts]
