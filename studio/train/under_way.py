"""A run that another thread sees to its end: what it has told so far, and waiting for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from studio.train.events import Event


class Told:
    """Events from one thread to another, in their order."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def __call__(self, event: Event) -> None:
        """Take one in."""
        self._events.put(event)

    def take(self) -> list[Event]:
        """Those since the last call, oldest first; never waits."""
        found: list[Event] = []
        with suppress(queue.Empty):
            while True:
                found.append(self._events.get_nowait())
        return found


class UnderWay:
    """At most one thread at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], None], name: str) -> None:
        """Begin; the one before must have ended."""
        assert not self.running
        self._thread = threading.Thread(target=work, name=name)
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for its end, at most `timeout` seconds; whether it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.running
