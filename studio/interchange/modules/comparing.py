"""How far a drawing is from its module on the same inputs, after the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from studio.build.network import Network
from studio.build.plan import Checked
from studio.interchange.imported import Trial

ACCURATE = 1e-5
SEED = 20_000


def seed() -> None:
    """Begin torch's and Python's random numbers anew."""
    torch.manual_seed(SEED)
    random.seed(SEED)


def largest_difference(checked: Checked, network: Network, trials: Sequence[Trial]) -> float:
    """The largest difference of a network's results from the original's on trials."""
    largest = 0.0
    for trial in trials:
        torch.manual_seed(SEED)
        with torch.no_grad():
            answer = network(*(trial.inputs[step.name] for step in checked.plan.model_inputs))
        answers = (answer,) if isinstance(answer, Tensor) else answer
        for name, mine in zip(checked.plan.results, answers, strict=True):
            largest = max(largest, difference(mine, trial.results[name]))
    return largest


def difference(one: Tensor, other: Tensor) -> float:
    """The largest difference of two tensors, as a share of the second's largest value."""
    if one.shape != other.shape:
        return float("inf")
    if not one.numel():
        return 0.0
    wide = torch.complex128 if one.is_complex() else torch.float64
    first, second = one.detach().to(wide), other.detach().to(wide)
    equal = (first == second) | (torch.isnan(first.abs()) & torch.isnan(second.abs()))
    apart = torch.where(equal, 0.0, (first - second).abs())
    finite = second.abs()[torch.isfinite(second.abs())]
    scale = float(finite.max()) if finite.numel() else 1.0
    found = float(apart.max())
    return found / max(scale, 1e-12) if found == found else float("inf")
