"""Statistics of tensors: reduced on their device, read all at once, and put together in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Statistics = dict[str, float]
"""Of one node: mean, std, zeros and largest of what it gives; the norms gradient and weights, and update, of
its weights; bad is 1 where a value was no finite number. What is not there, or not finite, has no key."""
DIGITS = 5
_norms: Any = torch._foreach_norm  # pyright: ignore


@dataclass(frozen=True, slots=True)
class Reduced:
    """So many values as one small tensor on their device: mean, variance, how many are zero, largest."""

    count: int
    moments: Tensor


@torch.no_grad()
def reduced(values: Tensor) -> Reduced:
    """Reduce a tensor of floating point numbers; waits for nothing."""
    found = values.detach()
    found = found.float() if found.element_size() < 4 else found
    variance, mean = torch.var_mean(found, correction=0)
    zeros = (found.numel() - torch.count_nonzero(found)).to(mean.dtype)
    least, most = torch.aminmax(found)
    moments = torch.stack((mean, variance, zeros, torch.maximum(-least, most)))
    return Reduced(found.numel(), moments.float())


@torch.no_grad()
def norms(tensors: Sequence[Tensor]) -> Tensor:
    """The norm of each tensor, on their device."""
    return torch.stack(_norms([one.detach() for one in tensors])).float()


def activation(parts: Iterable[tuple[int, Sequence[float]]]) -> Statistics:
    """The statistics of several parts together, each with its count and its moments.

    Means and squares are put together by the formula of Chan, Golub and LeVeque (1979).
    """
    count, mean, squares, zeros, largest, bad = 0, 0.0, 0.0, 0.0, 0.0, False
    for size, (own, variance, dead, most) in parts:
        if not math.isfinite(own) or not math.isfinite(variance):
            bad = True
            continue
        whole = count + size
        squares += variance * size + (own - mean) ** 2 * count * size / whole
        mean += (own - mean) * size / whole
        count, zeros, largest = whole, zeros + dead, max(largest, most)
    found = {"bad": 1.0} if bad else {}
    if count:
        found |= {"mean": mean, "std": math.sqrt(squares / count), "zeros": zeros / count, "largest": largest}
    return short(found)


def weights(before: Sequence[float], gradients: Sequence[float], updates: Sequence[float]) -> Statistics:
    """The statistics of a node's weights from the norms of each: as they were, of the gradients of those that
    have any, and of how far a step has moved them.
    """
    found: Statistics = {}
    if before:
        found["weights"] = math.hypot(*before)
    if gradients:
        found["gradient"] = math.hypot(*gradients)
    if updates and found["weights"]:
        found["update"] = math.hypot(*updates) / found["weights"]
    kept = {key: one for key, one in found.items() if math.isfinite(one)}
    return short(kept if len(kept) == len(found) else {**kept, "bad": 1.0})


def short(found: Statistics) -> Statistics:
    """The numbers with as many digits as say something: they are written many times."""
    return {key: float(f"{one:.{DIGITS}g}") for key, one in found.items()}
