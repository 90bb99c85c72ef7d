"""What a run tells: its events, to the host and to the run's folder, the clock they carry, and run.json."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from studio.train.events import Event, Warned
from studio.train.history import History
from studio.train.processes import this_process
from studio.train.record import environment
from studio.train.runs import read_json, write_run
from studio.train.statistics.kept import Thinned

SHOWN = 0.1
"""Seconds between two readings of the losses."""
WINDOW = 20
"""Readings over which the speed is told."""


class Clock:
    """Seconds trained: those before a resume count, pauses do not."""

    def __init__(self, before: float = 0.0) -> None:
        self._start = time.perf_counter() - before

    def __call__(self) -> float:
        return time.perf_counter() - self._start

    def skip(self, seconds: float) -> None:
        """Leave out time that just went by."""
        self._start += seconds


class Speed:
    """Samples per second over the last readings, and seconds to go by all of them."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, int]] = deque(maxlen=WINDOW)
        self._first: tuple[float, int] | None = None

    def reading(self, now: float, samples: int) -> float:
        """Note that so many samples were trained by now; samples per second."""
        self._readings.append((now, samples))
        if self._first is None:
            self._first = (now, samples)
        return _rate(self._readings[0], self._readings[-1])

    def left(self, samples: int) -> float:
        """Seconds for so many samples more, validation included."""
        if self._first is None:
            return 0.0
        rate = _rate(self._first, self._readings[-1])
        return samples / rate if rate else 0.0


class Report:
    """Passes events on and keeps the run's folder up to date. A full disk is told once and never stops it.

    Of several processes of a run only the first tells and writes anything: the others are `silent`.
    """

    def __init__(self, run_dir: Path, emit: Callable[[Event], None], silent: bool = False) -> None:
        self.run_dir = run_dir
        self.clock = Clock()
        self.speed = Speed()
        self.due = 0.0
        self._emit = emit
        self._silent = silent
        self._values: dict[str, Any] = {} if silent else read_json(run_dir)
        self._history: History | None = None
        self._thinned = Thinned()
        if not silent:
            self._attempt(self._open)

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        if self._silent:
            return
        if self._history is not None:
            self._write(self._history, self._thinned.take(event))
        self._emit(event)

    def note(self, **values: Any) -> None:  # noqa: ANN401
        """Change what run.json says."""
        if self._silent:
            return
        self._values |= values
        self._attempt(lambda: write_run(self.run_dir, self._values))

    def noted(self, name: str) -> Any:  # noqa: ANN401
        """What run.json says under a name; None where it says nothing."""
        return self._values.get(name)

    def began(self) -> None:
        """Say who trains."""
        self.note(status="running", message="", process=this_process())

    def describe(self, seed: int, device: str, epochs: int, **record: Any) -> None:  # noqa: ANN401
        """Say where and with what; `record` is what else its numbers depend on."""
        self.note(seed=seed, device=device, epochs=epochs, environment=environment(device), **record)

    def looked(self) -> None:
        """Set when to look at the losses next."""
        self.due = time.perf_counter() + SHOWN

    def close(self) -> None:
        """Close the file of events; a run that says nothing of its end was interrupted."""
        if self._history is not None:
            self._write(self._history, self._thinned.rest())
        if self._history is not None:
            self._history.close()
            self._history = None
        if self._values.get("status") == "running":
            self.note(status="interrupted")

    def _open(self) -> None:
        self._history = History(self.run_dir)

    def _write(self, history: History, events: Iterable[Event]) -> None:
        def add() -> None:
            for event in events:
                history.add(event)

        self._attempt(add)

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            if self._history is not None:
                self._history = None
                reason = error.strerror or str(error)
                message = f"The run's folder cannot be written ({reason}); training goes on."
                self._emit(Warned(self.clock(), message, "Make room on the disk that holds the runs."))


def _rate(first: tuple[float, int], last: tuple[float, int]) -> float:
    seconds, samples = last[0] - first[0], last[1] - first[1]
    return samples / seconds if seconds > 0 else 0.0
