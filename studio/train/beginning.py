"""Where a run begins: from nothing, where it stopped, or where the run that it was forked from stood."""

from __future__ import annotations

from studio.build.given_weights import MOST_NAMED, fitting, given_weights, idle_nodes
from studio.errors import StudioError
from studio.train import state
from studio.train.checkpoint import has_checkpoint, load_checkpoint
from studio.train.events import Warned
from studio.train.failures import TrainingError
from studio.train.fork import read_fork
from studio.train.kept import START, resume_point
from studio.train.report import Clock, Report
from studio.train.rescue import rescue_folder
from studio.train.runs import keep_project
from studio.train.same_data import refuse_other_data
from studio.train.work import Work


def begin(work: Work, report: Report) -> None:
    """Bring a run made ready to where it begins, and set its clock. Raises StudioError."""
    shared, run_dir = work.team.shared, work.job.run_dir
    shared(lambda: _refuse_rescued(report))
    trained = work.job.resume and shared(lambda: _has_trained(work))
    shared(lambda: refuse_other_data(work, trained))
    if trained:
        report.clock = Clock(_resumed(work, report))
    else:
        _begin_anew(work, report)
    if work.job.resume:
        shared(lambda: keep_project(run_dir, work.job.project))


def _begin_anew(work: Work, report: Report) -> None:
    """From nothing, or from where the run that this one was forked from stood."""
    shared, run_dir = work.team.shared, work.job.run_dir
    shared(lambda: state.keep_data(work, run_dir))
    forked = shared(lambda: has_checkpoint(run_dir, START))
    report.clock = Clock(_forked(work) if forked else 0.0)
    if not forked:
        _take_given(work, report)


def _refuse_rescued(report: Report) -> None:
    """Weights that could not be brought back: there is still no room. Raises TrainingError."""
    folder = rescue_folder(report.values)
    if (folder / "checkpoints" / "last.json").is_file():
        message = f"There is no room in the run's folder for its trained weights, which are kept in {folder}."
        raise TrainingError(message, "Make room on the disk that holds the runs, then resume the run.")


def _take_given(work: Work, report: Report) -> None:
    """Begin with the weights that the settings name. Raises TrainingError where they do not fit."""
    try:
        given = work.team.shared(lambda: given_weights(work.job.project, work.job.folder))
        if given is None:
            return
        whole, idle = bool(work.options["weights_whole"]), idle_nodes(work.job.project, work.plan)
        found, fresh = fitting(given, work.team.whole(work.network.state_dict()), whole, idle)
    except StudioError as error:
        raise TrainingError(error.message, error.hint) from error
    work.network.load_state_dict(work.team.parted_like(found), strict=False)
    if fresh:
        told = "; ".join(fresh[:MOST_NAMED]) + (" …" if len(fresh) > MOST_NAMED else "")
        report(Warned(report.clock(), f"{len(fresh)} of the weights begin afresh: {told}."))


def _has_trained(work: Work) -> bool:
    return has_checkpoint(work.job.run_dir, "last") or resume_point(work.job.run_dir) is not None


def _resumed(work: Work, report: Report) -> float:
    """Go on from the last checkpoint; from an earlier one where that is damaged, which is told."""
    run_dir = work.job.run_dir
    point = work.team.shared(lambda: resume_point(run_dir))
    if point is None:
        load_checkpoint(run_dir, "last")  # says what is wrong with it
        return state.restore(work)
    if point.name != "last":
        message = f"The last checkpoint is damaged; training goes on from that of epoch {point.epoch}."
        report(Warned(report.clock(), message, "What came after is trained again, to the same digits."))
    return state.restore(work, point.name)


def _forked(work: Work) -> float:
    """Begin where the run that this one was forked from stood: exactly, or with the weights that fit."""
    fork = work.team.shared(lambda: read_fork(work.job.run_dir))
    if fork is not None and fork.whole:
        return state.restore(work, START, own=False)
    _, content = work.team.shared(lambda: load_checkpoint(work.job.run_dir, START))
    work.place.epoch = state.carry_weights(work, START)
    work.place.step = work.place.epoch * len(work.sizes)
    if work.done:  # with batches of another size it is at another step
        place = work.place
        message = f"Nothing is left to train: this run begins at epoch {place.epoch}, step {place.step}."
        raise TrainingError(
            message, "Set max_steps or epochs to more in the training settings, then fork again."
        )
    return float(content.get("seconds", 0.0))
