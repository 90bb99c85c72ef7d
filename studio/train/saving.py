"""When checkpoints are written: often enough to lose little, seldom enough to cost little, never with NaN."""

from __future__ import annotations

import time

from studio.train import state
from studio.train.events import Saved, Warned
from studio.train.failures import TrainingError, diverged
from studio.train.keeping import make_keeper
from studio.train.report import Report
from studio.train.showing import flush
from studio.train.work import Work

SHARE = 0.02
"""The share of the time that writing may take."""


class Saver:
    """Writes the checkpoints of a run, "best" always before the "last" that speaks of it."""

    def __init__(self, work: Work, report: Report) -> None:
        self._work = work
        self._report = report
        self._written = time.perf_counter()
        self._cost = 0.0
        self._best_waits = False
        self._keeper = make_keeper(work)

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
        """Write now. A disk that takes nothing is told and training goes on, unless it is `final`."""
        self._refuse_nan()
        flush(self._work, self._report)
        began = time.perf_counter()
        try:
            self._write()
        except OSError as error:
            reason = error.strerror or str(error)
            if final:
                raise TrainingError(
                    f"The trained weights could not be saved: {reason}.",
                    "Make room on the disk that holds the runs, then resume the run.",
                ) from error
            message = (
                f"No checkpoint could be written ({reason}); the one before is kept and training goes on."
            )
            self._report(Warned(self._report.clock(), message, "Make room on the disk that holds the runs."))
        self._written = time.perf_counter()
        self._cost = self._written - began

    def _write(self) -> None:
        work, report, place = self._work, self._report, self._work.place
        best = work.team.whole(work.best_weights) if work.team.agreed(self._best_waits) else {}
        last = state.whole_state(work, report.clock())
        if work.team.rank:  # the first process writes what all have put together
            return
        if self._best_waits:
            state.save_best(work, best)
            self._best_waits = False
            report(Saved(report.clock(), "best", place.best_epoch, place.best_step))
        if self._keeper is not None:
            self._keeper.write(report)
        state.save_last(work, *last)
        report(Saved(report.clock(), "last", place.epoch, place.step))
        if self._keeper is not None:
            self._keeper.tidy()
        report.note(**standing(work, report.clock()))

    def _refuse_nan(self) -> None:
        if not state.is_finite(self._work):
            place = self._work.place
            before, rate = self._work.latest_loss, self._work.learning_rate()
            raise diverged(float("nan"), place.epoch + 1, place.step, before, rate, None)


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
