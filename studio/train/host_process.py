"""The host that is a process of its own: the window outlives whatever happens to it.

It stays when a run is over, with torch loaded, so that the next one starts at once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.catalog.trust import trust
from studio.project import storage
from studio.train.control import Control
from studio.train.events import Event, Failed, Finished, Started, from_dict
from studio.train.host_child import Child, End
from studio.train.host_lost import advice, note, words
from studio.train.job import Job, Result
from studio.train.shortage import of_run
from studio.train.under_way import Told

PREPARING_S = 1.0
"""Seconds after which a stop cuts off a run that has not begun to train: reading data asks nobody."""


class ProcessRunner:
    """Runs in a worker process, which is started with the first run or by `warm`."""

    def __init__(self) -> None:
        self.control = Control()
        self.result: Result | None = None
        self._told = Told()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._run: _Run | None = None
        self._over = threading.Event()
        self._over.set()

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return not self._over.is_set()

    @property
    def pid(self) -> int | None:
        """The number of the worker process, once it is started."""
        child = self._child
        return child.pid if child else None

    def warm(self) -> None:
        """Start the process, so that torch is loaded there when a run comes."""
        with self._lock:
            self._living()

    def start(self, job: Job) -> None:
        """Begin; the run before must be over."""
        assert not self.running
        run = self._run = _Run(job)
        self.result, self._told = None, Told()
        with self._lock:
            child = self._living()
            self._over.clear()
        self.control = Control(lambda name: self._pass_on(child, run, name))
        child.order(lambda: order_of(job))

    def poll(self) -> list[Event]:
        """The events since the last call, oldest first; never waits."""
        return self._told.take()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run, at most `timeout` seconds; whether it is over."""
        return self._over.wait(timeout)

    def close(self, timeout: float) -> bool:
        """End the run with a checkpoint, and the process; what does not end in time is cut off."""
        child = self._child
        if child is None:
            return True
        if self._run is not None:
            self._run.left = True
            if self.running and not self._run.begun:
                timeout = min(timeout, PREPARING_S)
        child.leave()
        if not child.join(timeout):
            child.kill()
            child.join(None)
        return True

    def _living(self) -> Child:
        if self._child is None:
            self._child = Child(self._hear, self._lose)
        return self._child

    def _pass_on(self, child: Child, run: _Run, name: str) -> None:
        child.order(lambda: {"order": name})
        if name == "stop" and not run.begun:
            cut = threading.Timer(PREPARING_S, self._cut_off, (child, run))
            cut.daemon = True
            cut.start()

    def _cut_off(self, child: Child, run: _Run) -> None:
        """Preparing takes no orders."""
        if self._run is run and self.running and not run.begun:
            run.cut = True
            child.kill()

    def _hear(self, values: Mapping[str, Any]) -> None:
        """In the thread of the child: take in what it says."""
        run = self._run
        assert run is not None
        if "over" in values:
            self._conclude(run, Path(values["over"]))
            return
        event = from_dict(values)
        if isinstance(event, Started):
            run.begun, run.samples = True, event.samples
        run.last = event
        self._told(event)

    def _conclude(self, run: _Run, where: Path) -> None:
        last = run.last
        finished = last if isinstance(last, Finished) else None
        self.result = Result(finished, last if isinstance(last, Failed) else None, where)
        self._over.set()

    def _lose(self, end: End) -> None:
        """In the thread of the child: it is gone. If it left a run behind, say how that ended."""
        with self._lock:
            self._child = None
            if self._over.is_set():
                return
        run = self._run
        assert run is not None
        if not isinstance(run.last, Finished | Failed):
            run.last = Finished(0.0, "stopped", 0, 0, 0) if run.cut else _lost(run, end)
            if not run.left:
                note(run.job.run_dir, run.last)
            self._told(run.last)
        self._conclude(run, run.job.run_dir)


@dataclass
class _Run:
    """What the window knows of a run in the other process: whether it trains already, whether it was cut off
    before that, whether the window has left it, and what it said last.
    """

    job: Job
    begun: bool = False
    cut: bool = False
    left: bool = False
    last: Event | None = None
    samples: Mapping[str, int] = field(default_factory=dict[str, int])


def _lost(run: _Run, end: End) -> Failed:
    job, short, hint = run.job, None, advice(run.job.run_dir)
    if end.code == -9 and not run.left:
        found = of_run(job.run_dir, job.project, run.samples)
        short = found if found is not None and (end.memory or found.likely) else None
    if short is not None:
        hint = f"{hint} {short.hint if end.memory else short.guess}"
    return Failed(
        time=run.last.time if run.last else 0.0,
        message=words(end.code, end.memory, short is not None) + (short.told if short else ""),
        hint=hint,
        epoch=getattr(run.last, "epoch", 0),
        step=getattr(run.last, "step", 0),
        details=end.printed,
        fitting=short.size if short else None,
        guessed=short is not None and not end.memory,
        lost=True,
    )


def order_of(job: Job) -> dict[str, Any]:
    """The order to do a job, for a worker process."""
    return {
        "order": "run",
        "project": storage.dumps(job.project),
        "folder": str(job.folder.absolute()),
        "run_dir": str(job.run_dir.absolute()),
        "resume": job.resume,
        "trusted": trust().digests(),
    }
