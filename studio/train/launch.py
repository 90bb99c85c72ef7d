"""Hosts of a run behind one interface, and the one that is a thread of this process (the other is in
host_process.py). No torch until a run starts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from studio.errors import StudioError
from studio.train.control import Control
from studio.train.distributed.place import RankPlace
from studio.train.events import Event, Failed
from studio.train.job import Job, Result
from studio.train.under_way import Told, UnderWay


class Runner(Protocol):
    """Runs one job at a time, out of the way of whoever started it."""

    @property
    def control(self) -> Control:
        """Steers the run that was started last."""
        ...

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        ...

    @property
    def result(self) -> Result | None:
        """How the run ended, and where it lies; None before that."""
        ...

    def start(self, job: Job) -> None:
        """Begin; the run before must be over."""
        ...

    def poll(self) -> list[Event]:
        """The events since the last call, oldest first; never waits."""
        ...

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run, at most `timeout` seconds; whether it is over."""
        ...

    def close(self, timeout: float) -> bool:
        """End the run with a checkpoint and give everything back; whether that was possible in time."""
        ...


class ThreadRunner:
    """Runs in a thread of this process: it starts at once, and torch frees the interpreter while it computes.

    The thread is no daemon: one that is cut off in the middle of torch takes the process down. Tell it
    to stop and join it before the process ends.
    """

    def __init__(self) -> None:
        self.control = Control()
        self.result: Result | None = None
        self._told, self._way = Told(), UnderWay()

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._way.running

    def start(self, job: Job) -> None:
        """Begin; the run before must be over."""
        assert not self.running
        self.control = Control()
        self.result, self._told = None, Told()
        self._way.start(partial(self._run, job, self.control, self._told), "training")

    def poll(self) -> list[Event]:
        """The events since the last call, oldest first; never waits."""
        return self._told.take()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run, at most `timeout` seconds; whether it is over."""
        return self._way.join(timeout)

    def close(self, timeout: float) -> bool:
        """End the run with a checkpoint; a thread cannot be cut off, so it may take longer than allowed."""
        self.control.stop()
        return self.join(timeout)

    def _run(self, job: Job, control: Control, told: Told) -> None:
        self.result = run_guarded(job, told, control)


def run_guarded(
    job: Job, emit: Callable[[Event], None], control: Control, place: RankPlace | None = None
) -> Result:
    """Run a job; what the engine does not catch (a failed import, exit() in a layer) is an event too.

    `place` says which process this is, where several train together.
    """
    try:
        from studio.train.engine import run

        if place is None:
            return run(job, emit, control)
        from studio.train.distributed.joining import join

        return run(job, emit, control, join(place))
    except BaseException as error:
        import traceback

        message = f"Training could not start: {error or type(error).__name__}"
        hint = "Run `neuroloom doctor` to see what is missing."
        if isinstance(error, StudioError):
            message, hint = error.message, error.hint
        if isinstance(error, SystemExit):
            message = f"Something in a layer or in the data's Python called exit ({error})."
            hint = "Take the call of exit out: an exception is told with the node that it comes from."
        failed = Failed(
            time=0.0,
            message=message,
            hint=hint,
            details=traceback.format_exc(),
        )
        emit(failed)
        return Result(None, failed, job.run_dir)
