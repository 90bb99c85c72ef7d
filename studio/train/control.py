"""How a host steers a run from another thread: stop, pause, resume, save now."""

from __future__ import annotations

import threading
from collections.abc import Callable

ORDERS = ("stop", "pause", "resume", "save_now")


class Control:
    """Flags that the engine looks at between steps; every method may be called from any thread.

    Where the engine is in another process, `tell` brings it the name of each method that is called.
    """

    def __init__(self, tell: Callable[[str], object] | None = None) -> None:
        self._tell = tell
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._save = threading.Event()
        self.stops = 0
        """How often the run was told to end."""

    def stop(self) -> None:
        """End the run after the current step, with a checkpoint; a paused run ends too. Said while
        that waits for room on a full disk, the run ends without.
        """
        self.stops += 1
        self._stop.set()
        self._go.set()
        self._pass_on("stop")

    def pause(self) -> None:
        """Wait after the current step."""
        self._go.clear()
        self._pass_on("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()
        self._pass_on("resume")

    def save_now(self) -> None:
        """Write a checkpoint after the current step."""
        self._save.set()
        self._pass_on("save_now")

    @property
    def stopping(self) -> bool:
        """Whether the run was told to end."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the run is to wait."""
        return not self._go.is_set()

    @property
    def called(self) -> bool:
        """Whether there is anything to do at all: the one question asked at every step."""
        return self._stop.is_set() or not self._go.is_set() or self._save.is_set()

    def wait(self) -> None:
        """Block until the run may go on."""
        self._go.wait()

    def take_save(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        asked = self._save.is_set()
        self._save.clear()
        return asked

    def obey(self, name: str) -> None:
        """Do what another Control told by its `tell`; anything else is left."""
        if name in ORDERS:
            getattr(self, name)()

    def _pass_on(self, name: str) -> None:
        if self._tell is not None:
            self._tell(name)
