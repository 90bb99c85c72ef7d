"""When checkpoints are written: often enough to lose little, seldom enough to cost little, never with NaN."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.errors import StudioError
from studio.train import state
from studio.train.checkpoint import save_checkpoint
from studio.train.events import Saved, Warned
from studio.train.failures import TrainingError, diverged
from studio.train.keeping import make_keeper
from studio.train.report import ROOM, Report
from studio.train.rescue import rescue_folder
from studio.train.runs import create_run, default_runs_dir
from studio.train.showing import flush
from studio.train.updates import usual_rate
from studio.train.work import Work

SHARE = 0.02
"""The share of the time that writing may take."""
WAIT_S = 120.0
RETRY_S = 0.5
"""Seconds to wait for room where what was trained can be kept nowhere, and between two attempts."""
Content = tuple[Mapping[str, Tensor], Mapping[str, Tensor], Mapping[str, Any]]
"""The best weights where they are to be written, and all that an exact resume needs."""


class Saver:
    """Writes the checkpoints of a run, "best" always before the "last" that speaks of it."""

    def __init__(self, work: Work, report: Report, stops: Callable[[], int]) -> None:
        self._work = work
        self._report = report
        self._stops = stops
        self._written = time.perf_counter()
        self._cost = 0.0
        self._best_waits = self._refused = False
        self._keeper = make_keeper(work)
        self._over: Mapping[str, Tensor] = {}
        """The best weights, once training is over."""
        report.refuge = self._make_refuge
        self._follow()

    def keep_best(self, metrics: dict[str, dict[str, float]]) -> None:
        """Remember the weights of the best epoch; they are written with the next checkpoint."""
        self._refuse_nan()
        self._work.best_metrics = metrics
        self._work.best_weights = state.snapshot(self._work, self._work.best_weights)
        self._best_waits = True

    def keep_epoch(self, score: float | None) -> None:
        """Keep the epoch that is over where the settings ask for it; the less its score, the better."""
        if self._keeper is not None and self._keeper.epoch_ended(score, self._report.clock()):
            self.save()

    def save_if_due(self, after: float) -> None:
        """Write if the last time is at least `after` seconds ago, more where writing takes long."""
        due = time.perf_counter() - self._written >= max(after, self._cost / SHARE)
        if self._work.team.agreed(due):
            self.save()

    def save(self, final: bool = False) -> None:
        """Write now. A disk that takes nothing is told once and training goes on; what is `final` is kept
        elsewhere then. Raises TrainingError where that is not possible either.
        """
        self._refuse_nan()
        flush(self._work, self._report)
        began = time.perf_counter()
        gone = self._without_folder()
        content = self._gathered(final)
        if content is not None:
            try:
                if gone is not None:
                    raise gone
                self._write(self._work.job.run_dir, content)
            except OSError as error:
                if final:
                    self._rescue(content, error)
                else:
                    self._tell_refused(error)
        self._written = time.perf_counter()
        self._cost = self._written - began

    def _follow(self) -> None:
        """Write where the run's folder lies now. Raises OSError."""
        self._report.follow()
        self._work.job = replace(self._work.job, run_dir=self._report.run_dir)

    def _without_folder(self) -> OSError | None:
        """Why there is no folder to write into; None where there is one."""
        try:
            self._follow()
        except OSError as error:
            return error
        return None

    def _make_refuge(self) -> Path:
        """A new run in the program's own folder, for one whose folder is gone. Raises OSError."""
        job = self._work.job
        try:
            folder = create_run(job.project, job.folder, default_runs_dir(None).absolute())
        except StudioError as error:
            raise OSError(error.message) from error
        try:
            state.keep_data(self._work, folder)
            if self._over:
                state.save_best(self._work, folder, self._over)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._best_waits = bool(self._work.best_weights)
        return folder

    def _gathered(self, final: bool) -> Content | None:
        """What is to be written; None where this is not the first process, which writes what all have."""
        work = self._work
        best = work.team.whole(work.best_weights) if work.team.agreed(self._best_waits or final) else {}
        self._over = best if final else {}
        last = state.whole_state(work, self._report.clock())
        return None if work.team.rank else (best, *last)

    def _write(self, folder: Path, content: Content) -> None:
        """Into the run's folder, or into one that takes its place. Raises OSError."""
        work, report, place = self._work, self._report, self._work.place
        own = folder == work.job.run_dir
        best, tensors, values = content
        if not own:
            folder.mkdir(parents=True, exist_ok=True)
        if self._best_waits:
            state.save_best(work, folder, best)
            self._best_waits = False
            report(Saved(report.clock(), "best", place.best_epoch, place.best_step))
        if self._keeper is not None:
            self._keeper.write(report, folder)
        save_checkpoint(folder, "last", tensors, values)
        self._refused = self._refused and not own
        if own:
            report(Saved(report.clock(), "last", place.epoch, place.step))
        if own and self._keeper is not None:
            self._keeper.tidy()
        report.note(**standing(work, report.clock()))

    def _tell_refused(self, error: OSError) -> None:
        if not self._refused:
            self._refused = True
            message = (
                f"No checkpoint could be written ({_reason(error)}); "
                "the one before is kept and training goes on."
            )
            self._report(Warned(self._report.clock(), message, ROOM, "disk"))

    def _rescue(self, content: Content, error: OSError) -> None:
        """Keep what was trained where there is room: in the program's own folder, or in the run's a while
        later. Raises TrainingError where there is none.
        """
        report, until = self._report, time.monotonic() + WAIT_S
        folder, stops, waits = rescue_folder(report.values), self._stops(), False
        while not self._tried(folder, content):
            if time.monotonic() > until or self._stops() > stops:
                raise TrainingError(
                    f"The trained weights could not be saved: {_reason(error)}.",
                    "Make room on the disk that holds the runs, then resume the run.",
                ) from error
            if not waits:
                message = (
                    f"The trained weights cannot be saved anywhere ({_reason(error)}); waiting for room."
                )
                hint = (
                    f"{ROOM} After {WAIT_S / 60:.0f} minutes they are given up; Stop gives them up at once."
                )
                report(Warned(report.clock(), message, hint, "disk"))
            waits = True
            time.sleep(RETRY_S)
            if self._without_folder() is None and self._tried(self._work.job.run_dir, content):
                return
        message = f"The run's folder has no room ({_reason(error)}): what was trained is kept in {folder}."
        report(
            Warned(
                report.clock(), message, f"{ROOM} It is moved back when the run is used or resumed.", "disk"
            )
        )

    def _tried(self, folder: Path, content: Content) -> bool:
        try:
            self._write(folder, content)
        except OSError:
            return False
        return True

    def _refuse_nan(self) -> None:
        if not state.is_finite(self._work):
            place = self._work.place
            before, rate = self._work.latest_loss, self._work.learning_rate()
            usual = usual_rate(self._work.job.project.training.optimizer)
            raise diverged(float("nan"), place.epoch + 1, place.step, before, rate, None, usual)


def standing(work: Work, seconds: float) -> dict[str, object]:
    """How far the run has come, as run.json says it."""
    place = work.place
    return {
        "epochs_done": place.epoch,
        "step": place.step,
        "best": place.best_loss,
        "best_by": work.judge.metric,
        "best_value": place.best,
        "best_epoch": place.best_epoch,
        "metrics": work.metrics,
        "seconds": round(seconds, 3),
    }


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
