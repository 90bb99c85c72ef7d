"""Which processes belong together, where some of them were started anew.

torchrun keeps one store for as long as it lives. What the processes of before have left there (at which
addresses they listen, why one failed) would mislead those of after a restart, and no number that torchrun
gives says which restart it is: an agent counts only those that its own processes caused. So each process says
that it is there by a word of its own, and all begin once the first one has seen that all are there.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from studio.train.distributed.place import RankPlace

START = "neuroloom"
LOOK = 0.02
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Round:
    """Processes that begin together: where in the store they talk, and how many rounds there were before."""

    prefix: str
    before: int


def gather(store: Any, place: RankPlace, patience: float) -> Round:  # noqa: ANN401
    """Wait for the other processes. Raises RuntimeError where that takes longer than `patience` seconds."""
    word, deadline = uuid4().hex, time.monotonic() + patience
    store.set(f"{START}/here/{place.rank}", word)
    call = _Call(store, place) if place.rank == 0 else None
    while time.monotonic() < deadline:
        if call is not None:
            call.look()
        if (found := _answer(store, place, word)) is not None:
            return found
        time.sleep(LOOK)
    raise RuntimeError(f"not all of the {place.world} processes came within {patience:.0f} s")


def _answer(store: Any, place: RankPlace, word: str) -> Round | None:  # noqa: ANN401
    """The round that this process is of, once that begins; says that it is there where it is called."""
    if not store.check([f"{START}/call"]):
        return None
    call = json.loads(store.get(f"{START}/call"))
    words: list[str] = call["words"]
    if len(words) != place.world or words[place.rank] != word:
        return None
    prefix = f"{START}/{call['name']}"
    store.set(f"{prefix}/there/{place.rank}", "")
    return Round(prefix, int(call["before"])) if store.check([f"{prefix}/begin"]) else None


class _Call:
    """The first process calls those that it sees, and calls anew where one is another than before: those
    that are gone leave their words behind, but answer no call.
    """

    def __init__(self, store: Any, place: RankPlace) -> None:  # noqa: ANN401
        self._store, self._world = store, place.world
        self._before = int(store.add(f"{START}/rounds", 1)) - 1
        self._here = [f"{START}/here/{rank}" for rank in range(place.world)]
        self._words: list[str] = []
        self._name = ""

    def look(self) -> None:
        """Call those who are there; let them begin once all have answered."""
        store = self._store
        if not store.check(self._here):
            return
        words = [one.decode() for one in store.multi_get(self._here)]
        if words != self._words:
            self._words, self._name = words, uuid4().hex
            call = {"name": self._name, "words": words, "before": self._before}
            store.set(f"{START}/call", json.dumps(call))
        there = [f"{START}/{self._name}/there/{rank}" for rank in range(self._world)]
        if store.check(there):
            store.set(f"{START}/{self._name}/begin", "")
