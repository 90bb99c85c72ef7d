"""The host that is several processes of this machine: started together, started anew where one is lost.

Each is a worker process as the window's own, with the same order; the first one's events are the run's. They
find each other by a file and talk over the loopback: nothing listens for other machines.
"""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.project.project import Project
from studio.train.control import Control
from studio.train.devices import available_cores
from studio.train.distributed.place import rank_environment
from studio.train.events import Event, Failed, Finished, Saved, Started, Warned, from_dict
from studio.train.host_child import Child, End
from studio.train.host_lost import advice, keep_word, last_checkpoint, note, words
from studio.train.host_process import PREPARING_S, order_of
from studio.train.job import Job, Result
from studio.train.under_way import Told, UnderWay

MOST_RESTARTS = 3
"""How often processes are started anew without a checkpoint in between."""
GRACE_S = 10.0
"""Seconds that the others have to tell how it ended once one of them did."""
LEAVE_S = 10.0
"""Seconds that processes have to end by themselves."""


def processes_of(project: Project) -> int:
    """How many processes of this machine the settings of a training ask for."""
    return int(str(checked_values(TRAINING, project.training.options)[0]["processes"]))


class ProcessesRunner:
    """Runs a job by several processes; `number` of them, or as many as its project says."""

    def __init__(self, number: int | None = None) -> None:
        self.control = Control()
        self.result: Result | None = None
        self._number = number
        self._told, self._way = Told(), UnderWay()
        self._attempt: _Attempt | None = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._way.running

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes, the first one's first."""
        attempt = self._attempt
        return [one.pid for one in attempt.children if one.pid] if attempt else []

    def start(self, job: Job) -> None:
        """Begin; the run before must be over."""
        assert not self.running
        self.control = Control(self._pass_on)
        self.result, self._told = None, Told()
        self._way.start(partial(self._through, job), "processes")

    def poll(self) -> list[Event]:
        """The events since the last call, oldest first; never waits."""
        return self._told.take()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run, at most `timeout` seconds; whether it is over."""
        return self._way.join(timeout)

    def close(self, timeout: float) -> bool:
        """End the run with a checkpoint, and the processes; what does not end in time is cut off."""
        self.control.stop()
        if not self.join(timeout):
            if self._attempt is not None:
                self._attempt.cut()
            self.join(None)
        return True

    def _pass_on(self, name: str) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        attempt.children[0].order(partial(_word, name))
        if name == "stop" and not attempt.begun:
            cut = threading.Timer(PREPARING_S, lambda: attempt.begun or attempt.cut())
            cut.daemon = True
            cut.start()

    def _through(self, job: Job) -> None:
        """The thread: from the first start to the end of the run."""
        number = self._number or processes_of(job.project)
        left, restarts = MOST_RESTARTS, 0
        while True:
            attempt = self._attempt = _Attempt(job, number, self._told)
            last = attempt.run(restarts, lambda: self.control.stopping)
            where = attempt.where or job.run_dir
            left = MOST_RESTARTS if attempt.saved else left
            if last is not None or self.control.stopping or not left:
                break
            restarts, left = restarts + 1, left - 1
            kept = last_checkpoint(job.run_dir) is not None
            where = "goes on by new processes from the last checkpoint"
            again = where if kept else "begins anew by new processes, as there was no checkpoint yet"
            message = f"{attempt.lost()} Training {again}."
            warned = Warned(attempt.time, message, f"So it may {left} times more in a row.")
            keep_word(job.run_dir, warned)
            self._told(warned)
            job = replace(job, resume=True)
        if last is None:
            last = Finished(attempt.time, "stopped", 0, 0, 0) if self.control.stopping else attempt.failure()
            note(job.run_dir, last)
            self._told(last)
        finished = last if isinstance(last, Finished) else None
        self.result = Result(finished, last if isinstance(last, Failed) else None, where)


def _word(name: str) -> dict[str, str]:
    return {"order": name}


@dataclass
class _Attempt:
    """All processes from their start to their end, as one thread sees them through `heard`."""

    job: Job
    number: int
    emit: Callable[[Event], None]
    children: list[Child] = field(default_factory=list[Child])
    begun: bool = False
    saved: bool = False
    time: float = 0.0
    heard: queue.SimpleQueue[tuple[int, Mapping[str, Any] | End]] = field(default_factory=queue.SimpleQueue)
    last: Finished | Failed | None = None
    told: dict[int, Failed] = field(default_factory=dict[int, Failed])
    ended: dict[int, End] = field(default_factory=dict[int, End])
    over: set[int] = field(default_factory=set[int])
    where: Path | None = None
    """Where the first process has left the run."""

    def run(self, restarts: int, stopping: Callable[[], bool]) -> Finished | Failed | None:
        """See them through to the end; the last word of the run, None where processes were lost."""
        with tempfile.TemporaryDirectory(prefix="neuroloom-") as folder:
            store, cores = str(Path(folder) / "store"), available_cores()
            for rank in range(self.number):
                environment = rank_environment(rank, self.number, store, cores, restarts)
                hear = partial(self._put, rank)
                self.children.append(Child(hear, hear, environment))
            for child in self.children:
                child.order(self._order)
            if stopping():
                self.children[0].order(partial(_word, "stop"))
            try:
                self._listen()
            finally:
                self._end()
        return self.last

    def _end(self) -> None:
        """Let them leave if the run is over; else, and where that takes long, end them."""
        for child in self.children:
            child.leave()
        until = time.monotonic() + (LEAVE_S if self.last is not None else 0.0)
        for child in self.children:
            if not child.join(max(0.0, until - time.monotonic())):
                child.kill()
                child.join(None)

    def cut(self) -> None:
        """End all of them at once."""
        for child in self.children:
            child.kill()

    def lost(self) -> str:
        """How the first process that was lost ended."""
        if not self.ended:
            return "The processes lost each other."
        rank, end = next(iter(self.ended.items()))
        return f"Process {rank + 1} of {self.number}: {words(end.code, end.memory)}"

    def failure(self) -> Failed:
        """What to tell where the processes cannot go on."""
        if self.told:
            return next(iter(self.told.values()))
        printed = "\n".join(end.printed for end in self.ended.values() if end.printed)
        return Failed(self.time, self.lost(), advice(self.job.run_dir), details=printed)

    def _order(self) -> dict[str, Any]:
        return order_of(self.job)

    def _put(self, rank: int, what: Mapping[str, Any] | End) -> None:
        self.heard.put((rank, what))

    def _listen(self) -> None:
        """Until all are over, or one is lost; then the others have some time to say why."""
        deadline: float | None = None
        while len(self.over) < self.number:
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                rank, what = self.heard.get(timeout=wait)
            except queue.Empty:
                break
            self._take(rank, what)
            if deadline is None and (self.over or self.ended):
                deadline = time.monotonic() + GRACE_S
            if self.ended and (self.last is None or len(self.over | self.ended.keys()) == self.number):
                break
        if self.last is None and self.told:
            self.last = next(iter(self.told.values()))
            note(self.job.run_dir, self.last)
            self.emit(self.last)

    def _take(self, rank: int, what: Mapping[str, Any] | End) -> None:
        if isinstance(what, End):
            if rank not in self.over:
                self.ended[rank] = what
        elif "over" in what:
            self.over.add(rank)
            self.where = self.where if rank else Path(what["over"])
        else:
            self._take_event(rank, from_dict(what))

    def _take_event(self, rank: int, event: Event) -> None:
        if rank:  # the others tell only why they failed
            if isinstance(event, Failed):
                self.told[rank] = event
            return
        self.time = event.time
        self.begun = self.begun or isinstance(event, Started)
        self.saved = self.saved or isinstance(event, Saved)
        if isinstance(event, Finished | Failed):
            self.last = event
        self.emit(event)
