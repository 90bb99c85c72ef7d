"""Leads a comparison: starts a process for each framework, lets them train in turns, and passes on what they
tell. Nothing here computes or waits; no torch, no TensorFlow, no Qt.

They take turns, an epoch each: neither takes the processor from the other, so that speeds can be compared.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.catalog.trust import trust
from studio.interchange.beside.told import (
    FRAMEWORKS,
    TITLES,
    Begun,
    Ended,
    EpochOver,
    Framework,
    Losses,
    Memory,
    Stage,
    Told,
)
from studio.interchange.extras import needed
from studio.project import storage
from studio.project.project import Project
from studio.train.host_child import Child, End
from studio.train.host_lost import words

PROGRAMS: Mapping[Framework, str] = {
    "pytorch": "studio.interchange.beside.torch_side",
    "tensorflow": "studio.interchange.beside.tensorflow_side",
}
LEAVE_S = 3.0
"""Seconds that a process may take to end; then it is cut off."""
FOLDER = "neuroloom-beside-"


@dataclass(frozen=True)
class Compared:
    """A project to compare on, its files relative to `folder`, over so many epochs (None: its own)."""

    project: Project
    folder: Path
    epochs: int | None = None


class Comparison:
    """One comparison, from `start` to its end; both processes and the temporary folder are gone after it.

    Every method may be called from any thread; only `join` and `close` wait.
    """

    def __init__(self, compared: Compared) -> None:
        self._compared = compared
        self._told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._children: dict[Framework, Child] = {}
        self._living: set[Framework] = set()
        self._begun: Begun | None = None
        self._epoch = 0
        self._ended: Ended | None = None
        self._folder = Path()
        self._cut: threading.Timer | None = None
        self._over = threading.Event()

    def start(self) -> None:
        """Begin. Raises StudioError where TensorFlow is not installed."""
        needed("tensorflow", "tensorflow", "keras")
        with self._lock:
            self._folder = Path(tempfile.mkdtemp(prefix=FOLDER))
            self._living = set(FRAMEWORKS)
            self._told.put(Stage("reading", "pytorch"))
            for one in FRAMEWORKS:
                heard, lost = partial(self._hear, one), partial(self._lose, one)
                self._children[one] = Child(heard, lost, program=PROGRAMS[one])
            self._children["pytorch"].order(self._first_order)

    def poll(self) -> list[Told]:
        """What was told since the last call, oldest first; never waits."""
        found: list[Told] = []
        with suppress(queue.Empty):
            while True:
                found.append(self._told.get_nowait())
        return found

    def stop(self) -> None:
        """End it now; what was told so far stays true."""
        self._end(Ended("stopped"))

    @property
    def over(self) -> bool:
        """Whether both processes are gone."""
        return self._over.is_set()

    @property
    def pids(self) -> dict[Framework, int | None]:
        """The numbers of the processes, once they are started."""
        return {name: child.pid for name, child in self._children.items()}

    def join(self, timeout: float | None = None) -> bool:
        """Wait until both processes are gone, at most so many seconds; whether they are."""
        return self._over.wait(timeout)

    def close(self) -> None:
        """Stop, and wait until both processes are gone."""
        if self._children:
            self.stop()
            self.join(2 * LEAVE_S)

    def _first_order(self) -> Mapping[str, Any]:
        """Made in the thread that sends it: a large project takes a while to write down."""
        return {
            "order": "prepare",
            "project": storage.dumps(self._compared.project),
            "folder": str(self._compared.folder.absolute()),
            "handover": str(self._folder),
            "epochs": self._compared.epochs,
            "trusted": trust().digests(),
        }

    def _hear(self, framework: Framework, values: Mapping[str, Any]) -> None:
        """In the thread of a process: take in what it says."""
        told, rest = values["told"], {name: one for name, one in values.items() if name != "told"}
        with self._lock:
            if self._ended is not None:
                return
            if told == "ready":
                self._take_ready(framework, rest)
            elif told == "losses":
                self._told.put(Losses(framework, rest["step"], tuple(rest["losses"])))
            elif told == "epoch":
                memory = Memory(**rest.pop("memory"))
                self._told.put(EpochOver(framework, memory=memory, **rest))
                self._follow(framework)
            elif told == "failed":
                self._end(Ended("failed", framework, **rest))

    def _take_ready(self, framework: Framework, values: Mapping[str, Any]) -> None:
        if framework == "pytorch":
            rest = {name: one for name, one in values.items() if name != "notes"}
            self._begun = Begun(**rest, notes=tuple(values["notes"]))
            self._told.put(Stage("loading", "tensorflow"))
            self._children["tensorflow"].order(lambda: {"order": "prepare", "handover": str(self._folder)})
            return
        assert self._begun is not None
        self._begun = replace(self._begun, versions={**self._begun.versions, **values["versions"]})
        self._told.put(self._begun)
        self._train("pytorch", 1)

    def _follow(self, framework: Framework) -> None:
        """After an epoch of one of them it is the other's turn."""
        assert self._begun is not None
        if framework == "pytorch":
            self._train("tensorflow", self._epoch)
        elif self._epoch < self._begun.epochs:
            self._train("pytorch", self._epoch + 1)
        else:
            self._end(Ended("completed"))

    def _train(self, framework: Framework, epoch: int) -> None:
        self._epoch = epoch
        self._told.put(Stage("training", framework, epoch))
        self._children[framework].order(lambda: {"order": "epoch", "epoch": epoch})

    def _end(self, ended: Ended) -> None:
        """Say how it ends, once, and let both processes go; those that stay are cut off."""
        with self._lock:
            if self._ended is not None:
                return
            self._ended = ended
            for child in self._children.values():
                child.leave()
            if self._living:
                self._cut = threading.Timer(LEAVE_S, self._cut_off)
                self._cut.daemon = True
                self._cut.start()

    def _cut_off(self) -> None:
        for child in self._children.values():
            if child.alive:
                child.kill()

    def _lose(self, framework: Framework, end: End) -> None:
        """In the thread of a process: it is gone. The last one clears up, and then tells how it ended."""
        with self._lock:
            self._living.discard(framework)
            if self._ended is None:
                self._end(_lost(framework, end))
            if self._living:
                return
            if self._cut is not None:
                self._cut.cancel()
            shutil.rmtree(self._folder, ignore_errors=True)
            assert self._ended is not None
            self._told.put(self._ended)
            self._over.set()


def _lost(framework: Framework, end: End) -> Ended:
    """Words for a process that ended by itself."""
    hint = "The other one was ended too; the rest of the program is not affected. Start the comparison again."
    return Ended("failed", framework, words(end.code, end.memory), hint, end.printed)


def told_of(ended: Ended) -> str:
    """In which of the two something went wrong, and what."""
    return f"{TITLES[ended.framework]}: {ended.message}" if ended.framework else ended.message
