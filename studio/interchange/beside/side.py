"""What runs in the process of one framework: takes orders line by line, trains an epoch at a time, and tells.

Nothing of it is kept, so that it may end at any moment: it does as soon as its input ends.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Protocol

from studio.errors import StudioError
from studio.train.host_worker import lower_priority, pipes
from studio.train.process_memory import forget_peak, peak, resident

SHOWN = 0.1
"""Seconds between two tellings of losses."""
Order = Mapping[str, Any]
Tell = Callable[[Mapping[str, Any]], None]


class Side(Protocol):
    """One framework: made ready once, then trained epoch by epoch."""

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Read what the order names; what the other side, or the user, must know. Raises StudioError."""
        ...

    def epoch(self, order: Order, tell: Tell) -> Mapping[str, Any]:
        """Train an epoch and validate: `train`, `validation`, `seconds` and `samples` of it."""
        ...


def serve(load: Callable[[], Side]) -> None:
    """Load a framework, do what is ordered, and end with the input."""
    lower_priority()
    orders, events = pipes()
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting: SimpleQueue[Order] = SimpleQueue()
    folder: list[str] = []
    threading.Thread(target=_listen, args=(orders, waiting, folder), daemon=True).start()

    def tell(values: Mapping[str, Any]) -> None:
        with suppress(OSError):  # whoever asked is gone, and so is this process soon
            events.write(json.dumps(values, separators=(",", ":")).encode() + b"\n")
            events.flush()

    try:
        _work(load, waiting, tell)
    except BaseException as error:
        tell(_failure(error))
    threading.Event().wait()  # the end of the input ends this process


def _work(load: Callable[[], Side], waiting: SimpleQueue[Order], tell: Tell) -> None:
    side = load()
    ready: int | None = None
    while True:
        order = waiting.get()
        if order["order"] == "prepare":
            tell({"told": "ready", **side.prepare(order)})
            ready = resident()
            forget_peak()
        else:
            found = side.epoch(order, tell)
            tell(
                {
                    "told": "epoch",
                    "epoch": order["epoch"],
                    **found,
                    "memory": {"ready": ready, "peak": peak()},
                }
            )


def _listen(orders: BinaryIO, waiting: SimpleQueue[Order], folder: list[str]) -> None:
    for line in orders:
        order = json.loads(line)
        if order.get("order") == "prepare":
            folder.append(order["handover"])
        waiting.put(order)
    for one in folder:  # whoever would clear it away may have been killed
        shutil.rmtree(Path(one), ignore_errors=True)
    os._exit(0)


def _failure(error: BaseException) -> dict[str, Any]:
    """How it failed, in words; a library's own words come after ours."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, StudioError):
        message, hint = error.message, error.hint
    else:
        first = str(error).strip().partition("\n")[0]
        message = f"Training failed: {type(error).__name__}{f': {first}' if first else ''}"
        hint = "The details say where; please report them if they make no sense to you."
    return {"told": "failed", "message": message, "hint": hint, "details": details}
