"""What runs inside the worker process: takes orders from the window line by line, trains, and tells events.

Orders come in by the standard input, events go out by what was the standard output; what anything prints goes
to the standard error, whose end the window tells where this process breaks down. The input ends when the
window does, however it ends: then a run is stopped with a checkpoint, and this process is gone soon after.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from studio.catalog.trust import trust
from studio.project import storage
from studio.train.control import Control
from studio.train.devices import prepare_environment
from studio.train.distributed.place import rank_place
from studio.train.events import Event, to_dict
from studio.train.heap import give_back
from studio.train.job import Job
from studio.train.launch import run_guarded

NICENESS = 5
"""The window and whatever else the user does goes first."""
LAST_STEP_S = 10.0
"""Seconds that a run may take for its last step and its checkpoint once the window is gone."""


class Desk:
    """What orders ask for: jobs to do, and the control of the one that is being done."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()
        self.control = Control()
        self.busy = False

    def take(self, order: Mapping[str, Any]) -> None:
        """Take an order: a job, or a word to the run that was ordered last."""
        if order["order"] != "run":
            self.control.obey(str(order["order"]))
            return
        self.control, self.busy = Control(), True
        self.jobs.put({**order, "control": self.control})

    def end(self) -> None:
        """The window is gone: stop, or leave at once where nothing is being done."""
        if not self.busy:
            os._exit(0)
        self.control.stop()
        self.jobs.put(None)
        late = threading.Timer(LAST_STEP_S, os._exit, (0,))
        late.daemon = True
        late.start()


def main() -> None:
    """Work until the window closes the input, or is gone."""
    prepare_environment()
    lower_priority()
    orders, events = pipes()
    faulthandler.enable()
    desk = Desk()
    _obey_signals(desk)
    threading.Thread(target=_listen, args=(orders, desk), daemon=True).start()
    _load()
    while (order := desk.jobs.get()) is not None:
        _work(order, events)
        desk.busy = not desk.jobs.empty()
        _give_back_memory()
    os._exit(0)  # a thread that waits for input must not keep it


def _listen(orders: BinaryIO, desk: Desk) -> None:
    for line in orders:
        desk.take(json.loads(line))
    desk.end()


def _work(order: Mapping[str, Any], events: BinaryIO) -> None:
    def tell(values: Mapping[str, Any]) -> None:
        try:
            events.write(json.dumps(values, separators=(",", ":")).encode() + b"\n")
            events.flush()
        except OSError:  # the window is gone; the run is being stopped
            pass

    def emit(event: Event) -> None:
        tell(to_dict(event))

    place = rank_place()
    result = run_guarded(_job(order, emit), emit, order["control"], place)
    if place is not None and place.rank and result.failed is not None and not result.lost:
        emit(replace(result.failed, message=f"{place.told}: {result.failed.message}"))
    tell({"over": str(result.run_dir)})
    if place is not None and result.failed is not None:
        os._exit(0)  # the others, which may wait for this process, notice at once


def _job(order: Mapping[str, Any], emit: Callable[[Event], None]) -> Job:
    trust().take(order["trusted"])
    project = storage.loads(order["project"])
    return Job(project, Path(order["folder"]), Path(order["run_dir"]), order["resume"])


def _load() -> None:
    """Load what a run needs ahead of it. What cannot be loaded is told by the run that needs it."""
    try:
        import studio.train.engine
    except Exception:
        return
    assert studio.train.engine


def _give_back_memory() -> None:
    """Between runs this process is to be as small as it can."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    give_back()


def lower_priority() -> None:
    """On Windows the process is started with a lower priority."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def pipes() -> tuple[BinaryIO, BinaryIO]:
    """The ways for orders and events, which nothing that a layer prints or reads gets into."""
    orders, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, events


def _obey_signals(desk: Desk) -> None:
    """Ctrl-C in a terminal is for the window, which tells what to do. SIGTERM stops with a checkpoint."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: desk.end())


if __name__ == "__main__":
    main()
