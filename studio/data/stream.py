"""Samples that are decoded when needed: kept where there is room, and made ahead by other processes."""

from __future__ import annotations

import atexit
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import numpy as np

from studio.data.in_blocks import Blocks, foreseen
from studio.data.lazy import Lazy
from studio.data.raw import Array, DataError
from studio.data.store import Store, attach, close_store, digest, open_store

AHEAD = 3
"""Batches that each process may be ahead of their use."""
MOST_ENDED = 3
"""How often in an epoch processes may be ended from outside before it is given up."""
ADVICE = "Close other programs, choose fewer processes (workers in the data settings), or smaller batches."


@dataclass(frozen=True)
class Kept:
    """A field whose decoded rows are kept in a store."""

    lazy: Lazy
    folder: Path
    name: str
    store: Store = field(compare=False)

    def take(self, rows: Array) -> Array:
        """Rows; those that are not there yet are decoded here and now."""
        lacking = self.store.lacking(rows)
        if len(lacking) == len(rows) > 0:
            found = self.lazy[rows]
            self.store.put(rows, found)
            return found
        if len(lacking):
            self.store.put(lacking, self.lazy[lacking])
        return np.asarray(self.store.values[rows])

    def close(self) -> None:
        """Bring what was decoded to the disk."""
        close_store(self.folder, self.name, self.store)


def kept(lazy: Lazy, folder: Path) -> Kept | None:
    """A lazy field with a store below a folder; None where there is no room, or nothing tells what it is made
    of.
    """
    made_of = getattr(lazy.cells, "identity", None)
    if made_of is None or lazy.together > 1:
        return None
    chain = tuple((step.type, sorted(step.params.items()), sorted(step.state.items())) for step in lazy.chain)
    rows = None if lazy.rows is None else digest(lazy.rows.tobytes())
    name = digest(made_of(), chain, rows, lazy.shape, lazy.dtype.str)
    store = open_store(folder, name, lazy.shape, lazy.dtype)
    return Kept(lazy, folder, name, store) if store is not None else None


Source = Kept | Lazy | Array
Batch = Mapping[str, Array]


def taken(source: Source, rows: Array) -> Array:
    """Rows of a field, decoded here and now where they are not there."""
    return source.take(rows) if isinstance(source, Kept | Lazy) else np.asarray(source[rows])


class Ordered(NamedTuple):
    """Rows that are being decoded, by which of the pools of processes that there were."""

    future: Future[Array | None]
    pools: int
    rows: Array


class Feeder:
    """Decodes the batches of an epoch ahead of their use, in processes of its own.

    The processes write straight into the stores, and send back what has none. They start with the first batch
    that lacks a row, and import neither torch nor Qt. Where one of them is ended from outside (it takes too
    much memory, say), fewer go on with what it left; `take_warnings` tells of it.
    """

    def __init__(self, fields: Mapping[str, Source], workers: int) -> None:
        self._fields, self._workers = fields, workers
        self._pool: ProcessPoolExecutor | None = None
        self._pools, self._ended = 0, 0
        self._warnings: list[tuple[str, str]] = []
        atexit.register(self.close)

    def take_warnings(self) -> list[tuple[str, str]]:
        """What went wrong since the last asking, though it goes on, and what can be done about it."""
        told, self._warnings = self._warnings, []
        return told

    def through(self, batches: Iterable[Array]) -> Iterator[Batch]:
        """The values of each batch of rows in turn. Raises DataError."""
        self._ended = 0
        waiting: deque[tuple[Array, dict[str, Ordered]]] = deque()
        depth = AHEAD * self._workers
        for rows in foreseen(batches, self._blocks()):
            waiting.append((rows, self._order(rows)))
            if len(waiting) > depth:
                yield self._first(waiting)
        while waiting:
            yield self._first(waiting)

    def close(self) -> None:
        """End the processes, and bring what was decoded to the disk."""
        atexit.unregister(self.close)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        for one in self._fields.values():
            if isinstance(one, Kept):
                one.close()

    def _blocks(self) -> list[Blocks]:
        """Those that fields are read in, each once."""
        cells = (one.cells for one in self._fields.values() if isinstance(one, Lazy) and one.rows is None)
        found = (getattr(one, "blocks", None) for one in cells)
        return list({id(one): one for one in found if isinstance(one, Blocks)}.values())

    def _order(self, rows: Array) -> dict[str, Ordered]:
        """Have the rows decoded that are not there."""
        ordered: dict[str, Ordered] = {}
        for name, one in self._fields.items() if self._workers else ():
            lacking = rows if isinstance(one, Lazy) and one.together <= 1 else None
            if isinstance(one, Kept):
                lacking = one.store.lacking(rows)
            if lacking is not None and len(lacking):
                ordered[name] = self._ordered(name, lacking)
        return ordered

    def _ordered(self, name: str, rows: Array) -> Ordered:
        """Have rows of a field decoded. Raises DataError."""
        while True:
            pools = self._pools
            try:
                return Ordered(self._processes().submit(_decode, name, rows), pools, rows)
            except (BrokenProcessPool, OSError):
                self._go_on_with_fewer(pools)

    def _sent(self, name: str, ordered: Ordered) -> Array | None:
        """What the processes make of an order; it is given anew where they were ended. Raises DataError."""
        while True:
            try:
                return ordered.future.result()
            except (BrokenProcessPool, CancelledError):
                self._go_on_with_fewer(ordered.pools)
                ordered = self._ordered(name, ordered.rows)

    def _go_on_with_fewer(self, pools: int) -> None:
        """Begin anew with half as many processes, unless that was done already. Raises DataError."""
        if pools != self._pools:
            return
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool, self._pools, self._ended = None, self._pools + 1, self._ended + 1
        if self._ended > MOST_ENDED:
            raise DataError(
                f"The processes that decode {' and '.join(self._lazy())} were ended from outside "
                f"{self._ended} times.",
                f"Probably the memory does not suffice. {ADVICE} The run can go on from its last checkpoint.",
                "workers",
            )
        before, self._workers = self._workers, max(1, self._workers // 2)
        self._warnings.append(
            (
                "A process that decodes samples was ended from outside: probably memory does not suffice. "
                f"Training goes on with {self._workers} in place of {before}.",
                ADVICE,
            )
        )

    def _lazy(self) -> list[str]:
        return [name for name, one in self._fields.items() if isinstance(one, Kept | Lazy)]

    def _first(self, waiting: deque[tuple[Array, dict[str, Ordered]]]) -> Batch:
        rows, ordered = waiting.popleft()
        sent = {name: self._sent(name, order) for name, order in ordered.items()}
        found: dict[str, Array] = {}
        for name, one in self._fields.items():
            values = sent.get(name)
            found[name] = taken(one, rows) if values is None else values
        return found

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            fields = {
                name: (one.lazy, one.folder, one.name) if isinstance(one, Kept) else one
                for name, one in self._fields.items()
                if isinstance(one, Kept) or (isinstance(one, Lazy) and one.together <= 1)
            }
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"), _begin, (fields,))
        return self._pool


Sent = Lazy | tuple[Lazy, Path, str]
_here: dict[str, Kept | Lazy] = {}
"""In a decoding process: its fields."""


def _begin(fields: Mapping[str, Sent]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    for name, one in fields.items():
        if isinstance(one, Lazy):
            _here[name] = one
        else:
            lazy, folder, stored = one
            _here[name] = Kept(lazy, folder, stored, attach(folder, stored, lazy.shape, lazy.dtype))


def _end_with_parent() -> None:
    """A process that trains and is killed ends nothing itself; this one would wait for orders for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _decode(name: str, rows: Array) -> Array | None:
    """Decode rows into the store; send them back where there is none."""
    one = _here[name]
    if isinstance(one, Lazy):
        return one[rows]
    lacking = one.store.lacking(rows)
    if len(lacking):
        one.store.put(lacking, one.lazy[lacking])
    return None
