"""How far two forms of a network agree on the same samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from studio.build.network import Network
from studio.build.plan import Plan

CLOSE = 1e-4
"""What differs by more is told with what was written."""


def results_of(network: Network, plan: Plan, samples: Mapping[str, Tensor]) -> list[Tensor]:
    """The network's results, in the order of the plan's."""
    with torch.no_grad():
        found = network(*(samples[step.field] for step in plan.model_inputs))
    return [found] if isinstance(found, Tensor) else list(found)


def difference(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> float:
    """The largest difference of any value; of results with values above 1, in parts of their largest.

    It is infinite where shapes differ, or one is no number where the other is.
    """
    return max((_of_one(one, other) for one, other in zip(ours, theirs, strict=True)), default=0.0)


def told_of(largest: float) -> tuple[str, ...]:
    """What is told with a form of a network that differs by so much: nothing where rounding explains it."""
    if largest <= CLOSE:
        return ()
    return (f"It differs from the network by {largest:.1e}: more than rounding explains.",)


def _of_one(one: Tensor, other: Tensor) -> float:
    if one.shape != other.shape:
        return float("inf")
    if not one.numel():
        return 0.0
    a, b = one.double(), other.double()
    alike = (a == b) | (a.isnan() & b.isnan())
    off = torch.where(alike, 0.0, (a - b).abs()).nan_to_num(nan=float("inf"))
    finite = a[a.isfinite()].abs()
    largest = float(finite.max()) if finite.numel() else 1.0
    return float(off.max()) / max(1.0, largest)
