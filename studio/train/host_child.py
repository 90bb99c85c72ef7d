"""The worker process as the window has it: started, given orders, listened to, and ended for sure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

from studio.train.host_lost import out_of_memory_kills

TOLD = 60
"""Lines of what the process printed last that are kept."""
BEGIN = """import sys, json
sys.path[:] = json.loads(sys.argv.pop(1))
from importlib import import_module
import_module(sys.argv.pop(1)).main()"""
WORKER = "studio.train.host_worker"
LOW_PRIORITY_IN_A_GROUP = 0x4000 | 0x200
"""BELOW_NORMAL_PRIORITY_CLASS and CREATE_NEW_PROCESS_GROUP, which only Windows knows."""
Order = Callable[[], Mapping[str, Any]]
"""Makes an order in the thread that sends it: a large project takes a while to write down."""


@dataclass(frozen=True, slots=True)
class End:
    """How the process ended: its exit code (None where it could not be started), what it printed last, and
    whether the system has ended a process for want of memory meanwhile.
    """

    code: int | None
    printed: str
    memory: bool = False


class Child:
    """One worker process, from its start to its end. Nothing here waits but `join`."""

    def __init__(
        self,
        heard: Callable[[Mapping[str, Any]], None],
        ended: Callable[[End], None],
        environment: Mapping[str, str] | None = None,
        program: str = WORKER,
    ) -> None:
        """`environment` is what it has beside this process's own; `program` the module whose `main` runs."""
        self._environment, self._program = environment or {}, program
        self._heard, self._ended = heard, ended
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._printed: deque[str] = deque(maxlen=TOLD)
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._thread = Thread(target=self._live, name="worker")
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The number of the process, once it is started."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether it takes orders."""
        return self._thread.is_alive()

    def order(self, order: Order) -> None:
        """Send an order as soon as possible."""
        self._orders.put(order)

    def leave(self) -> None:
        """Let it end: at once where it does nothing, else after the current step with a checkpoint."""
        self._orders.put(None)

    def kill(self) -> None:
        """End it, and what it has started, at once."""
        self._killed = True
        if self._process is not None:
            _kill(self._process)

    def join(self, timeout: float | None) -> bool:
        """Wait for its end, at most so many seconds; whether it is gone."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _live(self) -> None:
        kills = out_of_memory_kills()
        try:
            process = self._process = _started(self._environment, self._program)
        except OSError as error:
            self._ended(End(None, str(error)))
            return
        if self._killed:
            self.kill()
        others = [Thread(target=one, args=(process,), name="worker") for one in (self._send, self._collect)]
        for thread in others:
            thread.start()
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with suppress(ValueError):  # cut off in the middle
                    self._heard(json.loads(line))
        code = process.wait()
        _kill(process)
        self._orders.put(None)
        for thread in others:
            thread.join()
        self._ended(End(code, "".join(self._printed), out_of_memory_kills() > kills))

    def _send(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        with suppress(OSError), process.stdin:
            for order in iter(self._orders.get, None):
                process.stdin.write(json.dumps(order()).encode() + b"\n")
                process.stdin.flush()

    def _collect(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in iter(lambda: process.stderr.readline(4096), b""):  # pyright: ignore
                self._printed.append(line.decode(errors="replace"))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, and what it has started and may have left behind."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _started(environment: Mapping[str, str], program: str) -> subprocess.Popen[bytes]:
    """A process that finds the same modules as this one; keys pressed in a terminal do not reach it."""
    windows = sys.platform == "win32"
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN, json.dumps(sys.path), program],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        env={**os.environ, **environment} if environment else None,
        creationflags=LOW_PRIORITY_IN_A_GROUP if windows else 0,
        process_group=None if windows else 0,
    )
