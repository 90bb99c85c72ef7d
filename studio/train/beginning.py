"""Where a run begins: from nothing, where it stopped, or where the run that it was forked from stood."""

from __future__ import annotations

from studio.train import state
from studio.train.checkpoint import has_checkpoint, load_checkpoint
from studio.train.events import Warned
from studio.train.kept import resume_point
from studio.train.report import Clock, Report
from studio.train.work import Work


def begin(work: Work, report: Report) -> None:
    """Bring a run made ready to where it begins, and set its clock. Raises StudioError."""
    if work.job.resume and _has_trained(work):
        report.clock = Clock(_resumed(work, report))
        return
    state.keep_data(work)
    report.clock = Clock()


def _has_trained(work: Work) -> bool:
    return has_checkpoint(work.job.run_dir, "last") or resume_point(work.job.run_dir) is not None


def _resumed(work: Work, report: Report) -> float:
    """Go on from the last checkpoint; from an earlier one where that is damaged, which is told."""
    run_dir = work.job.run_dir
    point = resume_point(run_dir)
    if point is None:
        load_checkpoint(run_dir, "last")  # says what is wrong with it
        return state.restore(work)
    if point.name != "last":
        message = f"The last checkpoint is damaged; training goes on from that of epoch {point.epoch}."
        report(Warned(report.clock(), message, "What came after is trained again, to the same digits."))
    return state.restore(work, point.name)
