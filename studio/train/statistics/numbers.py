"""Statistics of tensors: reduced on their device, read all at once, and put together in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

Statistics = dict[str, float]
"""Of one node: mean, std, zeros and largest of what it gives; the norms gradient and weights, and update, of
its weights; bad is 1 where a value was no finite number. What is not there, or not finite, has no key."""
DIGITS = 5
_norms: Any = torch._foreach_norm  # pyright: ignore


@dataclass(frozen=True, slots=True)
class Reduced:
    """So many values as one small tensor: mean, sum of squares, how many are zero, largest magnitude."""

    count: int
    moments: Tensor


@torch.no_grad()
def reduced(values: Tensor) -> Reduced:
    """Reduce a tensor of floating point numbers; waits for no device.

    torch.var_mean and, on the CPU, torch.count_nonzero take ten times as long as these.
    """
    found = values.detach()
    found = found.float() if found.element_size() < 4 else found
    flat = _flat(found)
    zeros: Any = torch.count_nonzero(flat) if flat.is_cuda else np.count_nonzero(flat.numpy())
    least, most = torch.aminmax(flat)
    zeros = torch.as_tensor(flat.numel() - zeros, dtype=flat.dtype, device=flat.device)
    moments = torch.stack((flat.mean(), torch.dot(flat, flat), zeros, torch.maximum(-least, most)))
    return Reduced(flat.numel(), moments.float())


def _flat(values: Tensor) -> Tensor:
    """All values in one row, in the order in which they lie: without copying them where they lie together."""
    order = sorted(range(values.dim()), key=values.stride, reverse=True)
    return values.permute(order).reshape(-1)


@torch.no_grad()
def norms(tensors: Sequence[Tensor]) -> Tensor:
    """The norm of each tensor, on their device."""
    return torch.stack(_norms([one.detach() for one in tensors])).float()


def activation(parts: Iterable[tuple[int, Sequence[float]]]) -> Statistics:
    """The statistics of several parts together, each with its count and its moments."""
    count, total, squares, zeros, largest, bad = 0, 0.0, 0.0, 0.0, 0.0, False
    for size, (mean, square, dead, most) in parts:
        if not math.isfinite(mean) or not math.isfinite(most):
            bad = True
            continue
        count, total, squares = count + size, total + mean * size, squares + square
        zeros, largest = zeros + dead, max(largest, most)
    found = {"bad": 1.0} if bad else {}
    if count:
        mean = total / count
        found |= {"mean": mean, "zeros": zeros / count, "largest": largest}
        if math.isfinite(squares):  # too large to be squared, they may be finite themselves
            found["std"] = math.sqrt(max(0.0, squares / count - mean * mean))
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
