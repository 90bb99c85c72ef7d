"""Training: a plain loop over epochs and steps that reports as it goes and does as it is told within a step.

Nothing waits for the device at a step: losses and metrics stay there and are read some ten times a second.
The last checkpoint is written from time to time, between steps, and holds everything: a run that was stopped
or killed goes on to the same digits. Whatever goes wrong ends as a Failed event.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Literal

from studio.data.augment.running import batch_seed
from studio.train.beginning import begin
from studio.train.control import Control
from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Limit,
    Metrics,
    Paused,
    Resumed,
    Started,
    Validated,
)
from studio.train.failures import LostError, RefusedError, failed
from studio.train.heap import kept
from studio.train.job import Job as Job
from studio.train.job import Result as Result
from studio.train.place import reached, stretches
from studio.train.record import fingerprint, git_state
from studio.train.report import Report
from studio.train.saving import Saver, standing
from studio.train.seeds import run_seeds, seeds_of
from studio.train.shortage import of_work
from studio.train.showing import flush, measure, show
from studio.train.team import ALONE, Steering, Team
from studio.train.ways.deciding import begin_way, look_for_way
from studio.train.ways.reasons import tell_unmeasured
from studio.train.work import Work, make_ready

BETWEEN_EPOCHS = 2.0
WITHIN_EPOCH = 20.0
"""Seconds at least since the last checkpoint for the next one, at the end of an epoch and within one."""
End = Literal["completed", "early", "stopped"]


@dataclass(frozen=True)
class Host:
    """Whom a run listens and talks to."""

    control: Steering
    report: Report
    saver: Saver


def run(job: Job, emit: Callable[[Event], None], control: Control, team: Team = ALONE) -> Result:
    """Train. Emits events as they come, the last of them Finished or Failed; raises nothing.

    Of a team of several processes the first alone emits, and writes the run's folder. A run of several seeds
    trains once with each.
    """
    if seeds_of(job) > 1:
        return run_seeds(job, emit, control, partial(run, team=team), alone=team is ALONE)
    report: Report | None = None
    work: Work | None = None
    try:
        report = Report(job.run_dir, emit, silent=team.rank > 0)
        report.began()
        work = make_ready(job, team)
        with kept():
            saver = Saver(work, report, lambda: control.stops)
            finished = _train(work, Host(team.steering(control), report, saver))
        how = {"status": finished.reason, "limit": finished.limit, "test": dict(finished.test)}
        report.note(**how, **standing(work, finished.time))
        report(finished)
        return Result(finished, None, report.run_dir)
    except Exception as error:
        error = team.blame(error)
        lost, refused = isinstance(error, LostError), isinstance(error, RefusedError)
        where = report.run_dir if report else job.run_dir
        return Result(None, _fail(error, work, report, emit), where, lost, refused)
    finally:
        team.leave()
        if work is not None:
            work.close()
        if report is not None:
            report.close()


def _train(work: Work, host: Host) -> Finished:
    """From the beginning, or from the last checkpoint, to the end."""
    _begin(work, host.report)
    end = _epochs(work, host)
    limit = _limit(work, host, end)
    host.saver.save(final=True)
    test: Metrics = {}
    if end != "stopped" and len(work.parts["test"]) and work.best_weights:
        work.network.load_state_dict(work.best_weights)
        test = measure(work, work.parts["test"], host.control) or {}
    place = work.place
    return Finished(host.report.clock(), end, place.epoch, place.step, place.best_epoch, test, limit=limit)


def _limit(work: Work, host: Host, end: End) -> Limit:
    """What ended a run that is completed though not all its epochs were done."""
    step, most = work.place.step, work.options["max_steps"]
    if end != "completed" or step >= work.epochs * len(work.sizes):
        return ""
    if most is not None and step >= most:
        return "steps"
    return "minutes" if _out_of_time(work, host) else ""


def _begin(work: Work, report: Report) -> None:
    begin(work, report)
    until = work.team.shared(lambda: report.noted("until"))
    work.until = None if reached(work.place, until) else until
    begin_way(work, report)
    data, folder = fingerprint(work.prepared, work.job.project.data, work.job.folder), work.job.folder
    record = {"data": data, "git": git_state(folder)}
    report.describe(int(work.options["seed"]), str(work.device), work.epochs, **record)
    report(
        Started(
            time=report.clock(),
            run=report.run_dir.name,
            device=str(work.device),
            epochs=work.epochs,
            steps_per_epoch=len(work.sizes),
            batch_size=work.batch_size,
            samples={name: len(part) for name, part in work.parts.items()},
            parameters=sum(one.numel() for one in work.network.parameters()),
            epoch=work.place.epoch,
            step=work.place.step,
            total=work.total_steps if work.options["max_steps"] else 0,
        )
    )
    tell_unmeasured(work, report)


def _epochs(work: Work, host: Host) -> End:
    place = work.place
    while not (work.done or (place.step and _out_of_time(work, host))):  # one step at least
        if work.impatient and not place.batch:
            return "early"
        if _ends_here(work, host):
            return "stopped"
        if not _steps(work, host) or _ends_here(work, host) or not _close_epoch(work, host):
            return "stopped"
    return "completed"


def _steps(work: Work, host: Host) -> bool:
    """Train what is left of the epoch, or less where that ends the training; False where told to stop."""
    samples, place, step = work.parts["train"], work.place, work.stepper(host.control)
    due = work.team.looker(host.control, host.report)
    work.network.train()
    indices = samples.order(int(work.options["seed"]), place.epoch + 1)
    left = indices[sum(work.sizes[: place.batch]) :]
    steps = work.total_steps if work.until is None else min(work.total_steps, work.until[1])
    sizes = work.sizes[place.batch :][: steps - place.step]
    parts = work.team.batches(samples, left[: sum(sizes)], sizes, _seeds(work))
    batches = zip(sizes, parts, strict=True)
    for stretch in stretches(place, len(sizes), work.validate_steps):
        for size, batch in islice(batches, stretch):
            step(batch, size)
            if due():
                if not _attend(work, host):
                    return False
                step = work.stepper(host.control)
                if _out_of_time(work, host):
                    return True
        if stretch is not None and not _validate_within(work, host):
            return False
        if stretch is not None and work.impatient:
            return True
    return True


def _ends_here(work: Work, host: Host) -> bool:
    """Whether the run that this one repeats was ended here; then all that waits is told."""
    if not reached(work.place, work.until):
        return False
    _show(work, host.report)
    return True


def _out_of_time(work: Work, host: Host) -> bool:
    most = work.options["max_minutes"]
    return most is not None and work.team.agreed(host.report.clock() >= 60.0 * most)


def _seeds(work: Work) -> Iterator[int]:
    """The seed of each batch's random changes, from the next batch on."""
    seed, epoch = int(work.options["seed"]), work.place.epoch + 1
    return (batch_seed(seed, epoch, batch) for batch in count(work.place.batch))


def _attend(work: Work, host: Host) -> bool:
    """Between two steps: show how it goes, and do as told. False where told to stop."""
    _show(work, host.report)
    if host.control.called:
        flush(work, host.report)
    if host.control.take_save():
        host.saver.save()
    else:
        host.saver.save_if_due(WITHIN_EPOCH)
    if host.control.paused:
        _pause(work, host)
    if not host.control.called:
        look_for_way(work, host.report)
    return not host.control.stopping


def _show(work: Work, report: Report) -> None:
    """Tell of the layers first: they say why the losses are none where these end the run."""
    if work.watch is not None:
        work.watch.attend(report)
    show(work, report)


def _pause(work: Work, host: Host) -> None:
    report, place, began = host.report, work.place, time.perf_counter()
    report(Paused(report.clock(), place.epoch + 1, place.step))
    host.control.wait()
    report.clock.skip(time.perf_counter() - began)
    if not host.control.stopping:
        report(Resumed(report.clock(), place.epoch + 1, place.step))


def _validate_within(work: Work, host: Host) -> bool:
    """Validate in the middle of an epoch; False where told to stop meanwhile."""
    show(work, host.report)
    place = work.place
    if (judged := _judge(work, host, {})) is None:
        return False
    validation, better = judged
    work.metrics = {**work.metrics, "validation": dict(validation)}
    now, epoch = host.report.clock(), place.epoch + 1
    host.report(Validated(now, epoch, place.step, validation, better, place.best_epoch))
    work.network.train()
    return True


def _judge(work: Work, host: Host, train: Metrics) -> tuple[Metrics, bool] | None:
    """Validate, and keep the weights if they are the best; by `train` where there is nothing to validate.

    None where told to stop meanwhile.
    """
    with work.averaged(host.control):
        validation = measure(work, work.parts["validation"], host.control)
        if validation is None:
            return None
        better = work.judged(validation or train, work.place.epoch + 1)
        if better:
            host.saver.keep_best({"train": dict(train), "validation": dict(validation)})
    return validation, better


def _close_epoch(work: Work, host: Host) -> bool:
    """Validate if it is time, note how the epoch went, and save; False where told to stop meanwhile."""
    _show(work, host.report)
    place, rate, train = work.place, work.last_rate, work.ledger.metrics()
    if work.average is not None:
        work.average.epoch_ended(place.step, work.total_steps)
    due = work.validation_due(_out_of_time(work, host))
    judged = _judge(work, host, train) if due else ({}, False)
    if judged is None:
        return False
    validation, better = judged
    place.epoch, place.batch = place.epoch + 1, 0
    before = work.metrics.get("validation", {})
    work.ledger = work.new_ledger()
    work.metrics = {"train": dict(train), "validation": dict(validation) if due else before}
    host.report(
        EpochEnded(
            time=host.report.clock(),
            epoch=place.epoch,
            step=place.step,
            train=train,
            validation=validation,
            learning_rate=rate,
            best=better,
            best_epoch=place.best_epoch,
        )
    )
    host.saver.keep_epoch(work.judge.score(validation or train) if due else None)
    host.saver.save_if_due(BETWEEN_EPOCHS)
    return True


def _fail(
    error: Exception, work: Work | None, report: Report | None, emit: Callable[[Event], None]
) -> Failed:
    """Tell how a run failed; its last good checkpoint stays as it is."""
    seconds = report.clock() if report else 0.0
    epoch, step = (work.place.epoch + 1, work.place.step) if work else (0, 0)
    event = failed(error, seconds, epoch, step, partial(of_work, work) if work else None)
    if isinstance(error, LostError):  # whoever started the processes goes on, or tells
        return event
    if report is None:
        emit(event)
        return event
    if work is not None:
        flush(work, report)
    report.failed(event, isinstance(error, RefusedError))
    return event
