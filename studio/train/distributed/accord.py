"""What all processes of a run are told alike: to stop, to pause, to save, and to show how it goes.

Nobody asks at every step: whenever they talk, the first process also says after how many steps they talk
next, some twenty times a second. So all act on a word after the same step.
"""

from __future__ import annotations

import time

import torch
import torch.distributed as dist

from studio.train.report import Report
from studio.train.team import Steering

PERIOD = 0.05
"""Seconds between two talks."""
WAIT = 0.05
"""Seconds between two talks in a pause."""


class Accord:
    """Stands in for the Control of each process. What `control` is told counts in the first process; only
    to stop may be told to any of them.
    """

    def __init__(self, control: Steering, leads: bool) -> None:
        self._control, self._leads = control, leads
        self._report: Report | None = None
        self._stop = self._pause = self._save = self._show = False
        self._left = self._steps = 1
        self._since = time.perf_counter()

    @property
    def stopping(self) -> bool:
        """Whether the run was told to end."""
        return self._stop

    @property
    def paused(self) -> bool:
        """Whether the run is to wait."""
        return self._pause and not self._stop

    @property
    def called(self) -> bool:
        """Whether there is anything to do at all."""
        return self._stop or self._pause or self._save

    def take_save(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        asked, self._save = self._save, False
        return asked

    def wait(self) -> None:
        """Talk until the run may go on."""
        while self.paused:
            time.sleep(WAIT)
            self._talk()
        self._since = time.perf_counter()

    def follow(self, report: Report) -> None:
        """Talk about when it is time for this report, too."""
        self._report = report

    def after_step(self) -> bool:
        """Count a step, and talk when it is time; whether there is something to do or to show."""
        self._left -= 1
        if self._left > 0:
            return False
        self._talk()
        return self.called or self._show

    def _talk(self) -> None:
        due = self._report is not None and time.perf_counter() >= self._report.due
        words = torch.zeros(5, dtype=torch.int64)
        words[0] = self._control.stopping
        if self._leads:
            told = [self._control.paused, self._control.take_save(), due, self._next()]
            words[1:] = torch.tensor(told, dtype=torch.int64)
        dist.all_reduce(words)
        stop, pause, save, show, self._left = words.tolist()
        self._stop, self._pause, self._show = self._stop or stop > 0, pause > 0, show > 0
        self._save = self._save or save > 0
        self._steps, self._since = self._left, time.perf_counter()

    def _next(self) -> int:
        """After how many steps to talk again, by the pace of the last ones."""
        each = max(1e-9, (time.perf_counter() - self._since) / self._steps)
        return max(1, min(int(PERIOD / each), 2 * self._steps, 10_000))
