"""A learning rate for a project, found by trying: the rate grows from step to step, and the loss tells.

The loss hardly moves while the rate is small, falls where it is right, and rises where it is too large (Smith
2015, https://arxiv.org/abs/1506.01186). Weights start anew for it; nothing is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from torch import Tensor

from studio.data.augment.running import batch_seed
from studio.errors import StudioError
from studio.project.project import Project
from studio.train.control import Control
from studio.train.job import Job
from studio.train.objective import NotFiniteError
from studio.train.samples import Batch
from studio.train.schedule import Schedule
from studio.train.work import Work, make_ready

STEPS = 200
FIRST, LAST = 1e-7, 10.0
"""The rates of the first and the last step."""
HOPELESS = 4.0
"""How many times the least loss a loss is from which on nothing is learned any more."""
SPREAD = 6.0
"""Steps over which the loss is smoothed, to both sides."""
SETTLING = 10
"""Steps at either end that tell nothing: the smoothed loss is one-sided there."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A step: its rate, and the loss of its batch before it."""

    rate: float
    loss: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was tried, the losses smoothed, the rate where they fall fastest, and the one to use.

    `steepest` and `rate` are None where the loss never fell, or too few steps were made.
    """

    tried: tuple[Tried, ...]
    smoothed: tuple[float, ...]
    steepest: float | None
    rate: float | None


def find_rate(
    project: Project,
    folder: Path,
    tell: Callable[[Tried], None] = lambda tried: None,
    stopping: Callable[[], bool] = lambda: False,
    steps: int = STEPS,
) -> Found:
    """Try rates until the loss is hopeless, all are tried, or it is told to stop. Raises StudioError.

    Seeds all random numbers: no run may train in this process meanwhile.
    """
    from studio.train.failures import failed
    from studio.train.shortage import of_work

    work: Work | None = None
    tried: list[Tried] = []
    try:
        work = make_ready(Job(project, folder, folder))
        for one in _tried(work, steps):
            tried.append(one)
            tell(one)
            if stopping():
                break
    except StudioError:
        raise
    except Exception as error:
        told = failed(error, 0.0, 1, len(tried), partial(of_work, work) if work else None)
        raise StudioError(told.message, told.hint) from error
    finally:
        if work is not None:
            work.close()
    return judged(tried)


def judged(tried: Sequence[Tried]) -> Found:
    """What the losses of growing rates say: the rate where they fall fastest, but at most a tenth of the one
    where they are least, to two digits.
    """
    smoothed = smooth([one.loss for one in tried])
    least = min(range(len(smoothed)), key=smoothed.__getitem__, default=0)
    slopes = {
        at: smoothed[at + 1] - smoothed[at - 1] for at in range(SETTLING, min(least, len(smoothed) - 1))
    }
    steep = min(slopes, key=slopes.__getitem__, default=None)
    if steep is None or slopes[steep] >= 0.0:
        return Found(tuple(tried), tuple(smoothed), None, None)
    rate = min(tried[steep].rate, tried[least].rate / 10.0)
    return Found(tuple(tried), tuple(smoothed), tried[steep].rate, float(f"{rate:.1e}"))


def smooth(losses: Sequence[float]) -> list[float]:
    """Each loss with those around it, weighted by a bell curve."""
    reach = round(3 * SPREAD)
    bell = [math.exp(-0.5 * (at / SPREAD) ** 2) for at in range(-reach, reach + 1)]
    found: list[float] = []
    for middle in range(len(losses)):
        first = max(0, middle - reach)
        near = losses[first : middle + reach + 1]
        weights = bell[first - middle + reach :][: len(near)]
        found.append(sum(map(float.__mul__, near, weights)) / sum(weights))
    return found


def rates(steps: int) -> list[float]:
    """Rates that grow evenly in their exponent."""
    return [FIRST * (LAST / FIRST) ** (at / max(1, steps - 1)) for at in range(steps)]


def _tried(work: Work, steps: int) -> Iterator[Tried]:
    """Train step by step with growing rates, until the loss is no number or far above the least."""
    growing = rates(steps)
    work.rate = 1.0
    work.schedule = Schedule(lambda epoch, step: growing[min(step, steps - 1)])
    step, least, mean = work.stepper(Control()), math.inf, 0.0
    work.network.train()
    for at, (batch, size) in zip(range(steps), _batches(work), strict=False):
        step(batch, size)
        try:
            loss = work.ledger.read()[-1]
        except NotFiniteError:
            return
        mean = 0.9 * mean + 0.1 * loss
        unbiased = mean / (1.0 - 0.9 ** (at + 1))
        least = min(least, unbiased)
        yield Tried(growing[at], loss)
        if at > SETTLING and unbiased > HOPELESS * abs(least) and least > 0.0:
            return


def _batches(work: Work) -> Iterator[tuple[Batch, int]]:
    """The batches of one epoch after the other, as training takes them."""
    samples, seed, epoch = work.parts["train"], int(work.options["seed"]), 0
    while True:
        epoch += 1
        indices: Tensor = samples.order(seed, epoch)
        seeds = (batch_seed(seed, epoch, batch) for batch in count())
        batches = work.team.batches(samples, indices, work.sizes, seeds)
        yield from zip(batches, work.sizes, strict=True)
