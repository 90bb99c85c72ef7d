"""Rows that are read many together: their blocks, of which few stay in memory, and which rows are of one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import RLock
from typing import Any

import numpy as np

from studio.data.raw import Array

TOGETHER = 4
"""Blocks whose rows are mixed with each other in an epoch, and that stay in memory meanwhile."""
MOST = 2 * TOGETHER + 2
"""Blocks that are in memory: those that are used, and those that come next."""
MOST_BATCHES = 4096
"""Batches whose rows are known ahead of their use."""
RUNS = 20
"""Stretches of rows that stand for all of them."""


Fill = Callable[[int, int, Array], None]
"""Writes the rows from a first up to another into an array, the parts side by side."""


class Blocks:
    """Rows in memory, few blocks of them: those that were foreseen first go first. A thread makes those that
    are foreseen. Another process begins with none.

    A block has `size` rows, the last of all `count` rows fewer; `widths` are how many numbers a row has in
    each part that is taken by itself.
    """

    def __init__(
        self,
        count: int,
        size: int,
        widths: tuple[int, ...],
        dtype: np.dtype[Any],
        fill: Fill,
        most: int = MOST,
    ) -> None:
        self._given = (count, size, widths, dtype, fill, most)
        self.size = size
        self._count, self._fill, self._most = count, fill, min(most, -(-count // size))
        self._held: Array | None = None
        self._ends = np.cumsum([0, *widths]).tolist()
        self._slots = np.full(-(-count // size), -1)
        self._free, self._line = list(range(self._most)), deque[int]()
        self._coming: dict[int, tuple[int, Future[None]]] = {}
        self._lock = RLock()
        self._taken: tuple[Array | None, Array] = None, np.zeros(0)
        """The rows that were taken last, and what they are."""
        self._thread: ThreadPoolExecutor | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """As one without blocks."""
        return Blocks, self._given

    def take(self, rows: Array, part: int = 0) -> Array:
        """The values at some rows. Raises what `fill` raises."""
        with self._lock:
            if rows is self._taken[0]:  # another part of the same rows
                return self._part(self._taken[1], part)
            of = rows // self.size
            slots = self._slots[of]
            if slots.min(initial=0) >= 0:
                return self._gathered(rows, rows - (of - slots) * self.size, part)
            numbers = _numbers(of)
            if len(numbers) <= self._most:
                self._bring(numbers.tolist())
                return self._gathered(rows, rows - (of - self._slots[of]) * self.size, part)
        found = np.empty((len(rows), self._ends[part + 1] - self._ends[part]), self._given[3])
        for start in range(0, len(numbers), self._most):
            places = np.flatnonzero(np.isin(of, numbers[start : start + self._most]))
            found[places] = self.take(rows[places], part)
        return found

    @property
    def known(self) -> set[int]:
        """The blocks that are there or coming."""
        return set(self._line)

    def foresee(self, rows: Array) -> list[int]:
        """The blocks of these rows, which are made where they are not there, and stay longer than others."""
        numbers: list[int] = _numbers(rows // self.size).tolist()
        with self._lock:
            self._keep(numbers)
            for number in numbers:
                if self._slots[number] < 0 and number not in self._coming:
                    self._begin(number)
        return numbers

    def _gathered(self, rows: Array, places: Array, part: int) -> Array:
        self._taken = rows, self._rows().take(places, axis=0)
        return self._part(self._taken[1], part)

    def _part(self, values: Array, part: int) -> Array:
        return values[:, self._ends[part] : self._ends[part + 1]]

    def _rows(self) -> Array:
        """All blocks that there is room for, one after the other."""
        if self._held is None:
            self._held = np.empty((self._most * self.size, self._ends[-1]), self._given[3])
        return self._held

    def _bring(self, numbers: Sequence[int]) -> None:
        """Have these blocks there; none of them makes room for another."""
        lacking = [one for one in numbers if self._slots[one] < 0 and one not in self._coming]
        if len(lacking) > len(self._free):
            self._keep(numbers)
        for number in lacking:
            self._begin(number)
        for number in numbers:
            if number in self._coming:
                self._finish(number)

    def _keep(self, numbers: Sequence[int]) -> None:
        """Let others make room before these."""
        here = [one for one in self._line if one in numbers]
        self._line = deque([one for one in self._line if one not in numbers] + here)

    def _begin(self, number: int) -> None:
        if not self._free:
            self._drop(self._line.popleft())
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1)
        slot, first = self._free.pop(), number * self.size
        last = min(first + self.size, self._count)
        into = self._rows()[slot * self.size :][: last - first]
        made = self._thread.submit(self._fill, first, last, into)
        self._coming[number] = (slot, made)
        self._line.append(number)

    def _finish(self, number: int) -> None:
        slot, made = self._coming.pop(number)
        try:
            made.result()
        except BaseException:
            self._line.remove(number)
            self._free.append(slot)
            raise
        self._slots[number] = slot

    def _drop(self, number: int) -> None:
        """Give its place to another; the one thread that makes blocks does not write to it any more."""
        if number in self._coming:
            slot, made = self._coming.pop(number)
            made.exception()
        else:
            slot = int(self._slots[number])
        self._slots[number] = -1
        self._free.append(slot)


def _numbers(of: Array) -> Array:
    """The blocks that rows are of, each once."""
    return np.bincount(of).nonzero()[0]


def foreseen(batches: Iterable[Array], blocks: Sequence[Blocks]) -> Iterator[Array]:
    """The same batches of rows; when one is used, the blocks that come after its own are being made."""
    if not blocks:
        yield from batches
        return
    waiting: deque[tuple[Array, int]] = deque()
    seen: list[set[int]] = [set() for _ in blocks]
    ahead = 0
    for rows in batches:
        new = 0
        for one, known in zip(blocks, seen, strict=True):
            begun = set(one.foresee(rows)) - known
            new += len(begun)
            known |= begun
        waiting.append((rows, new))
        ahead += new
        while ahead >= TOGETHER * len(blocks) or len(waiting) > MOST_BATCHES:
            first, new = waiting.popleft()
            ahead -= new
            yield first
    yield from (rows for rows, _ in waiting)


def edges(rows: Array, size: int) -> Array:
    """Where in ascending row numbers each block begins that holds any, and their end."""
    starts = np.flatnonzero(np.diff(rows // size, prepend=-1))
    return np.append(starts, len(rows))


def in_runs(rows: Array, size: int, most: int) -> Array:
    """At most so many of the rows, from few blocks."""
    spread = rows[np.linspace(0, len(rows) - 1, RUNS).astype(np.int64)]
    chosen = np.unique(np.searchsorted(rows, spread // size * size))
    run = np.arange(max(most // len(chosen), 1))
    places = (chosen[:, None] + run).ravel()
    return rows[np.unique(places[places < len(rows)])]
