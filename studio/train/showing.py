"""What a run shows: the losses since the last reading, and how good the network is on a part of the data."""

from __future__ import annotations

import time

import torch

from studio.build.network import Network
from studio.train.events import Metrics, Progress, Warned
from studio.train.failures import TrainingError, diverged, first_bad_node
from studio.train.objective import NotFiniteError, Objective
from studio.train.report import Report
from studio.train.samples import Samples
from studio.train.team import Steering
from studio.train.updates import usual_rate
from studio.train.work import Work

EVALUATED = 4
"""Batches without gradients are so many times as large."""


def show(work: Work, report: Report) -> None:
    """Read the new losses, and tell them if it is time. Raises TrainingError for a bad one."""
    try:
        work.unshown += work.ledger.read()
    except NotFiniteError as error:
        step = work.place.step - error.waiting + 1 + error.index
        work.unshown += error.before
        last = work.latest_loss
        flush(work, report, step - 1)
        raise _diverged(work, error.value, step, last) from None
    if work.team.agreed(time.perf_counter() >= report.due):
        flush(work, report)


def flush(work: Work, report: Report, step: int | None = None) -> None:
    """Report the losses that were read and not yet told; they end at `step`, the last one if not said."""
    report.looked()
    for message, hint in work.parts["train"].take_warnings():
        report(Warned(report.clock(), message, hint))
    if not work.unshown:
        return
    place, count = work.place, work.parts["train"].seen
    losses, work.unshown = work.unshown, []
    work.last_loss = losses[-1]
    trained = place.epoch * count + sum(work.sizes[: place.batch])
    speed = report.speed.reading(report.clock(), trained)
    report(
        Progress(
            time=report.clock(),
            epoch=place.epoch + (place.batch > 0),
            step=place.step if step is None else step,
            losses=tuple(float(f"{loss:.8g}") for loss in losses),
            metrics=work.ledger.metrics(all=False) or work.metrics.get("train", {}),
            learning_rate=work.last_rate,
            samples_per_second=speed,
            left=_left(work, report, work.epochs * count - trained),
        )
    )


def _left(work: Work, report: Report, samples: int) -> float:
    """Seconds to go for so many samples more, fewer where steps or minutes are limited."""
    per_step = work.parts["train"].seen / len(work.sizes)
    left = report.speed.left(min(samples, round((work.total_steps - work.place.step) * per_step)))
    most = work.options["max_minutes"]
    return left if most is None else max(0.0, min(left, 60.0 * most - report.clock()))


def measure(work: Work, samples: Samples, control: Steering) -> Metrics | None:
    """Losses and metrics of a part in eval mode; {} where it is empty, None where told to stop meanwhile."""
    ledger, size = work.new_ledger(), EVALUATED * work.batch_size
    work.network.eval()
    with torch.no_grad():
        for start in range(0, len(samples), size):
            work.team.look()
            if control.stopping:
                return None
            outcome = work.outcome(work.team.between(samples, start, start + size))
            ledger.add(outcome, min(size, len(samples) - start))
    try:
        ledger.read()
    except NotFiniteError as error:
        raise _diverged(work, error.value, work.place.step, work.latest_loss) from None
    return ledger.metrics() if len(samples) else {}


def _diverged(work: Work, value: float, step: int, last: float | None) -> TrainingError:
    node = _bad_from_the_first(work) if last is None else None
    usual = usual_rate(work.job.project.training.optimizer)
    return diverged(value, work.place.epoch + 1, step, last, work.learning_rate(), node, usual)


def _bad_from_the_first(work: Work) -> str | None:
    """The first node without numbers in the very first step, which is done again with fresh weights."""
    seed = int(work.options["seed"])
    torch.manual_seed(seed)
    network = Network(work.plan).to(work.device)
    samples = work.parts["train"]
    chosen = samples.order(seed, 1)[: work.sizes[0]]
    return first_bad_node(network, samples.take(chosen), Objective(work.plan, network))
