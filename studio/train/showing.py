"""What a run shows: the losses since the last reading, and how good the network is on a part of the data."""

from __future__ import annotations

import torch

from studio.build.network import Network
from studio.data.loader import order
from studio.train.control import Control
from studio.train.events import Metrics, Progress
from studio.train.failures import TrainingError, diverged, first_bad_node
from studio.train.objective import Ledger, NotFiniteError, Objective
from studio.train.report import Report
from studio.train.samples import Samples
from studio.train.work import Work

EVALUATED = 4
"""Batches without gradients are so many times as large."""


def show(work: Work, report: Report) -> None:
    """Read the losses since the last time and report them. Raises TrainingError where one is no number."""
    try:
        losses = work.ledger.read()
    except NotFiniteError as error:
        step = work.place.step - error.waiting + 1 + error.index
        if error.before:
            work.last_loss = error.before[-1]
            _progress(work, report, error.before, step - 1)
        raise _diverged(work, error.value, step) from None
    report.looked()
    if losses:
        work.last_loss = losses[-1]
        _progress(work, report, losses, work.place.step)


def measure(work: Work, samples: Samples, control: Control) -> Metrics | None:
    """Losses and metrics of a part in eval mode; {} where it is empty, None where told to stop meanwhile."""
    ledger, size = Ledger(work.plan), EVALUATED * work.batch_size
    work.network.eval()
    with torch.no_grad():
        for start in range(0, len(samples), size):
            if control.stopping:
                return None
            outcome = work.outcome(samples.between(start, start + size))
            ledger.add(outcome, min(size, len(samples) - start))
    try:
        ledger.read()
    except NotFiniteError as error:
        raise _diverged(work, error.value, work.place.step) from None
    return ledger.metrics() if len(samples) else {}


def _progress(work: Work, report: Report, losses: list[float], step: int) -> None:
    place, count = work.place, len(work.parts["train"])
    trained = place.epoch * count + sum(work.sizes[: place.batch])
    speed = report.speed.reading(report.clock(), trained)
    report(
        Progress(
            time=report.clock(),
            epoch=place.epoch + 1,
            step=step,
            losses=tuple(float(f"{loss:.8g}") for loss in losses),
            metrics=work.ledger.metrics(),
            learning_rate=work.last_rate,
            samples_per_second=speed,
            left=report.speed.left(work.epochs * count - trained),
        )
    )


def _diverged(work: Work, value: float, step: int) -> TrainingError:
    node = _bad_from_the_first(work) if work.last_loss is None else None
    return diverged(value, work.place.epoch + 1, step, work.last_loss, work.learning_rate(), node)


def _bad_from_the_first(work: Work) -> str | None:
    """The first node without numbers in the very first step, which is done again with fresh weights."""
    seed = int(work.options["seed"])
    torch.manual_seed(seed)
    network = Network(work.plan).to(work.device)
    samples = work.parts["train"]
    chosen = order(len(samples), seed, 1)[: work.sizes[0]].to(samples.home)
    return first_bad_node(network, samples.take(chosen), Objective(work.plan, network))
