"""What is being made ready where that takes long: how far it is, for whoever looks, and how it is stopped."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread, current_thread


@dataclass(frozen=True, slots=True)
class Going:
    """What goes on, in a few words, and the share of it that is done."""

    what: str
    share: float


class Progress:
    """How far one thing after the other is; a thread does them, others look."""

    def __init__(self) -> None:
        self.going: Going | None = None
        self._stopped: set[Thread] = set()

    @contextmanager
    def of(self, what: str) -> Generator[None]:
        """While something is made ready."""
        self.going = Going(what, 0.0)
        try:
            yield
        finally:
            self.going = None

    def note(self, share: float) -> None:
        """So much of it is done. Raises DataError where it is not wanted any more."""
        self.check()
        if self.going is not None:
            self.going = Going(self.going.what, share)

    def check(self) -> None:
        """Raises DataError where what this thread does is not wanted any more."""
        if current_thread() in self._stopped:
            from studio.data.raw import DataError  # numpy comes with it; this module is the window's too

            raise DataError("Reading was stopped.", "Choose the data anew to go on.")

    def stop(self, thread: Thread) -> None:
        """Nothing that a thread makes ready is wanted any more."""
        if thread.is_alive():
            self._stopped = {one for one in self._stopped if one.is_alive()} | {thread}


progress = Progress()
"""Of this process."""
