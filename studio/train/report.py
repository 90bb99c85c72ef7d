"""What a run tells: its events, to the host and to the run's folder, the clock they carry, and run.json."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from errno import ENOENT
from functools import partial
from pathlib import Path
from typing import Any

from studio.train.events import Event, Failed, Finished, Saved, Warned
from studio.train.history import History
from studio.train.hold import Hold
from studio.train.processes import this_process
from studio.train.record import environment
from studio.train.rescue import rescue_events, rescue_run
from studio.train.runs import hold_run, placed, read_json, write_run
from studio.train.statistics.kept import Thinned

SHOWN = 0.1
"""Seconds between two readings of the losses."""
WINDOW = 20
"""Readings over which the speed is told."""
ROOM = "Make room on the disk that holds the runs."


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
    """Passes events on and keeps the run's folder up to date. A full disk is told once and never stops it:
    what finds no room waits in memory, and goes to the program's own folder where there is none at the end.
    A folder that is moved is followed; for one that is gone another is made.

    Of several processes of a run only the first tells and writes anything: the others are `silent`.
    """

    def __init__(self, run_dir: Path, emit: Callable[[Event], None], silent: bool = False) -> None:
        """Takes hold of the run's folder. Raises StudioError where it is no run, or is being trained."""
        self.run_dir = run_dir
        self.clock = Clock()
        self.speed = Speed()
        self.due = 0.0
        self._emit = emit
        self._silent = silent
        self._hold = None if silent else hold_run(run_dir)
        self._values: dict[str, Any] = {} if silent else read_json(run_dir)
        self._before = self._values.get("status"), self._values.get("message", "")
        self._history = History(run_dir)
        self._thinned = Thinned()
        self._told = self._behind = self._gone = False
        self.refuge: Callable[[], Path] | None = None
        """Makes the folder of a run that goes on there where its own is gone; may raise OSError."""

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        if self._silent:
            return
        match event:
            case Saved(name="last"):
                self._told = False
            case Warned(about="disk"):
                self._told = True
            case _:
                pass
        self._write(self._thinned.take(event))
        if isinstance(event, Finished | Failed):
            self._settle()
        self._emit(event)

    def note(self, **values: Any) -> None:  # noqa: ANN401
        """Change what run.json says."""
        if self._silent:
            return
        self._values |= values | {"written": time.time()}
        self._behind = True
        self._attempt(self._write_values)

    def noted(self, name: str) -> Any:  # noqa: ANN401
        """What run.json says under a name; None where it says nothing."""
        return self._values.get(name)

    @property
    def values(self) -> Mapping[str, Any]:
        """All that run.json says, or should say."""
        return self._values

    def began(self) -> None:
        """Say who trains."""
        held = self._hold is not None and self._hold.real
        self.note(status="running", message="", process={**this_process(), "held": held})

    def follow(self) -> None:
        """Go on where the run's folder lies now, in a new one where it is gone, and tell it. Raises OSError
        where there is none.
        """
        before = self.run_dir
        here = before if self._hold is None else self._hold.whereabouts(before)
        if here == before:
            return
        self._gone = here is None and self.refuge is None
        if here is not None:
            told = Warned(
                self.clock(), f"The run's folder was moved: training goes on in {here}.", about="moved"
            )
            self._history.follow(here)
        elif self.refuge is not None:
            here = self.refuge()
            self._hold_new(here)
            message = f"The run's folder {before} is gone: training goes on in {here}."
            told = Warned(self.clock(), message, "It was deleted, or moved to another disk.")
            self._history.begin_in(here)
        else:
            raise FileNotFoundError(ENOENT, "it is gone")
        self.run_dir, self._behind = here, True
        self._values = placed(self._values, before, here)
        self._warn(told)

    def _hold_new(self, folder: Path) -> None:
        if self._hold is not None:
            self._hold.let_go()
        self._hold = Hold(folder)

    def failed(self, event: Failed, refused: bool) -> None:
        """Say how it failed; where it was only `refused` to go on, the run stays as it was."""
        if not refused:
            self.note(status="failed", message=event.message)
            self(event)
        elif not self._silent:
            status, message = self._before
            self.note(status="interrupted" if status in ("created", "running") else status, message=message)
            self._emit(event)

    def describe(self, seed: int, device: str, epochs: int, **record: Any) -> None:  # noqa: ANN401
        """Say where and with what; `record` is what else its numbers depend on."""
        self.note(seed=seed, device=device, epochs=epochs, environment=environment(device), **record)

    def looked(self) -> None:
        """Set when to look at the losses next."""
        self.due = time.perf_counter() + SHOWN

    def close(self) -> None:
        """Write what waits, and let go of the run; one that says nothing of its end was interrupted."""
        if self._silent:
            return
        self._write(self._thinned.rest())
        if self._values.get("status") == "running":
            self.note(status="interrupted")
        self._settle()
        self._history.close()
        if self._hold is not None:
            self._hold.let_go()

    def _settle(self) -> None:
        """Write what waits, in the program's own folder where there is no room for it."""
        self._attempt(self._history.write)
        self._attempt(self._write_values)
        if self._gone:
            return
        try:
            if self._history.waiting:
                rescue_events(self._values, self._history.waiting)
                self._history.waiting.clear()
            if self._behind:
                rescue_run(self._values)
                self._behind = False
        except OSError as error:
            if self._history.waiting:
                message = f"The end of the run's curves could not be kept ({error.strerror or error})."
                self._emit(Warned(self.clock(), message, ROOM))
                self._history.waiting.clear()

    def _write(self, events: Iterable[Event]) -> None:
        for event in events:
            self._attempt(partial(self._history.add, event))

    def _write_values(self) -> None:
        if self._behind:
            self.follow()
            write_run(self.run_dir, self._values)
            self._behind = False

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
            if self._history.waiting:
                return
            self._write_values()
        except OSError as error:
            if not self._told and not self._gone:
                self._told = True
                reason = error.strerror or str(error)
                message = f"The run's folder cannot be written ({reason}); training goes on."
                hint = f"{ROOM} Till then the curves are kept in memory."
                self._warn(Warned(self.clock(), message, hint, "disk"))
            return
        if self._history.dropped:
            message = (
                f"{self._history.dropped} pieces of the curves were too much for the memory and are lost."
            )
            self._history.dropped = 0
            self._warn(Warned(self.clock(), message))

    def _warn(self, warned: Warned) -> None:
        """Tell it; in the run's folder it is written when something can be."""
        with suppress(OSError):
            self._history.add(warned)
        self._emit(warned)


def _rate(first: tuple[float, int], last: tuple[float, int]) -> float:
    seconds, samples = last[0] - first[0], last[1] - first[1]
    return samples / seconds if seconds > 0 else 0.0
