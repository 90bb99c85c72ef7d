"""The order in which the samples of an epoch are seen."""

from __future__ import annotations

import torch

STRIDE = 1_000_003


def order(count: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of an epoch (counted from 1) as int64: a pure function, easy to repeat by hand:

    torch.randperm(count, generator=torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63))
    """
    generator = torch.Generator().manual_seed((seed * STRIDE + epoch) % 2**63)
    return torch.randperm(count, generator=generator)
