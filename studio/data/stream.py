"""Samples that are decoded when needed: kept where there is room, and made ahead by other processes."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from studio.data.lazy import Lazy
from studio.data.raw import Array
from studio.data.store import Store, attach, close_store, digest, open_store

AHEAD = 3
"""Batches that each process may be ahead of their use."""


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
    if made_of is None:
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
    return source.take(rows) if isinstance(source, Kept) else np.asarray(source[rows])


class Feeder:
    """Decodes the batches of an epoch ahead of their use, in processes of its own.

    The processes write straight into the stores, and send back what has none. They start with the first batch
    that lacks a row, and import neither torch nor Qt.
    """

    def __init__(self, fields: Mapping[str, Source], workers: int) -> None:
        self._fields, self._workers = fields, workers
        self._pool: ProcessPoolExecutor | None = None
        atexit.register(self.close)

    def through(self, batches: Iterable[Array]) -> Iterator[Batch]:
        """The values of each batch of rows in turn. Raises DataError."""
        waiting: deque[tuple[Array, dict[str, Future[Array | None]]]] = deque()
        depth = AHEAD * self._workers
        for rows in batches:
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

    def _order(self, rows: Array) -> dict[str, Future[Array | None]]:
        """Have the rows decoded that are not there."""
        ordered: dict[str, Future[Array | None]] = {}
        for name, one in self._fields.items() if self._workers else ():
            lacking = rows if isinstance(one, Lazy) else None
            if isinstance(one, Kept):
                lacking = one.store.lacking(rows)
            if lacking is not None and len(lacking):
                ordered[name] = self._processes().submit(_decode, name, lacking)
        return ordered

    def _first(self, waiting: deque[tuple[Array, dict[str, Future[Array | None]]]]) -> Batch:
        rows, ordered = waiting.popleft()
        sent = {name: future.result() for name, future in ordered.items()}
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
                if isinstance(one, Kept | Lazy)
            }
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"), _begin, (fields,))
        return self._pool


Sent = Lazy | tuple[Lazy, Path, str]
_here: dict[str, Kept | Lazy] = {}
"""In a decoding process: its fields."""


def _begin(fields: Mapping[str, Sent]) -> None:
    for name, one in fields.items():
        if isinstance(one, Lazy):
            _here[name] = one
        else:
            lazy, folder, stored = one
            _here[name] = Kept(lazy, folder, stored, attach(folder, stored, lazy.shape, lazy.dtype))


def _decode(name: str, rows: Array) -> Array | None:
    """Decode rows into the store; send them back where there is none."""
    one = _here[name]
    if isinstance(one, Lazy):
        return one[rows]
    lacking = one.store.lacking(rows)
    if len(lacking):
        one.store.put(lacking, one.lazy[lacking])
    return None
