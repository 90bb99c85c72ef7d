"""The order in which the samples of an epoch are seen."""

from __future__ import annotations

import numpy as np
import torch

from studio.data.in_blocks import TOGETHER
from studio.data.raw import Array

STRIDE = 1_000_003


def order(
    count: int, seed: int, epoch: int, weights: Array | None = None, edges: Array | None = None
) -> torch.Tensor:
    """The order of an epoch (counted from 1) as int64: a pure function, easy to repeat by hand:

    torch.randperm(count, generator=torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63))

    With `weights`, a sample of weight w comes up floor(w) times, and once more with the chance of what is
    left of w; there are `seen` samples in every epoch. `edges` are where the samples of each block begin,
    where they are read in blocks from files larger than memory: those of a few blocks at a time are mixed.
    """
    generator = torch.Generator().manual_seed((seed * STRIDE + epoch) % 2**63)
    if weights is None:
        return torch.randperm(count, generator=generator) if edges is None else _mixed(edges, generator)
    times = _times(weights, generator)
    rows = torch.from_numpy(np.repeat(np.arange(count), times))
    if edges is None:
        return rows[torch.randperm(len(rows), generator=generator)]
    return rows[_mixed(np.append(0, np.cumsum(times))[edges], generator)]


def seen(count: int, weights: Array | None = None) -> int:
    """How many samples an epoch has, those that come up several times counted as often."""
    return count if weights is None else int(np.floor(weights).sum()) + _extra(weights)


def _mixed(edges: Array, generator: torch.Generator) -> torch.Tensor:
    """All places between the first and the last edge: a few blocks at a time, and their places at random."""
    order = torch.randperm(len(edges) - 1, generator=generator).tolist()
    found, filled = torch.empty(int(edges[-1] - edges[0]), dtype=torch.int64), 0
    for start in range(0, len(order), TOGETHER):
        few = order[start : start + TOGETHER]
        rows = torch.cat([torch.arange(int(edges[one]), int(edges[one + 1])) for one in few])
        found[filled : filled + len(rows)] = rows[torch.randperm(len(rows), generator=generator)]
        filled += len(rows)
    return found


def _extra(weights: Array) -> int:
    """How many samples come up once more."""
    return round(float((weights - np.floor(weights)).sum()))


def _times(weights: Array, generator: torch.Generator) -> Array:
    """How often each sample comes up: systematic sampling, which takes as many in every epoch."""
    times = np.floor(weights).astype(np.int64)
    extra = _extra(weights)
    if not extra:
        return times
    rest = weights - np.floor(weights)
    shuffled = torch.randperm(len(rest), generator=generator).numpy()
    begin = float(torch.rand((), generator=generator, dtype=torch.float64))
    ends = np.floor(np.cumsum(rest[shuffled]) * (extra / rest.sum()) + begin + 1e-9)
    ends[-1] = extra  # as it is but for rounding
    times[shuffled] += np.diff(ends, prepend=0.0).astype(np.int64)
    return times
