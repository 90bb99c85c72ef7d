"""How far a run has come and how far it is to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Place:
    """How far a run has come: whole epochs, steps within the next and in all, and the best epoch so far.

    `best` is what the best epoch was judged by and `best_loss` its loss; `mark` is the value that patience
    counts from, `validated` the step of the last validation. `ranked` are how good the best epochs
    were (less is better) and their numbers, the best first, where several are kept.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    ranked: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    best_step: int = 0
    best_loss: float | None = None
    mark: float | None = None
    validated: int = 0


def stretches(place: Place, steps: int, every: int | None) -> list[int | None]:
    """The steps that are left of an epoch, cut where it is to be validated within; None is what is left then.

    A validation in which a run was stopped comes first: after no steps.
    """
    if every is None:
        return [None]
    late = place.batch > 0 and place.step % every == 0 and place.validated != place.step
    first = every - place.step % every
    cuts = range(first, steps, every)
    lengths = [at - before for before, at in zip((0, *cuts), cuts, strict=False)]
    return [*([0] if late and steps else []), *lengths, None]


def reached(place: Place, until: Sequence[int] | None) -> bool:
    """Whether so many whole epochs and steps are done, where a run is to end after them."""
    return until is not None and place.epoch >= until[0] and place.step >= until[1]


def total_steps(options: Mapping[str, Any], per_epoch: int) -> int:
    """Steps in all, as the settings limit them."""
    steps, most = int(options["epochs"]) * per_epoch, options["max_steps"]
    return steps if most is None else min(steps, int(most))
