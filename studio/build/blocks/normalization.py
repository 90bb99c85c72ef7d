"""Normalization and regularization that torch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelLayerNorm(nn.LayerNorm):
    """LayerNorm over the channels of N×C×…, at every place by itself, as in ConvNeXt."""

    def forward(self, input: Tensor) -> Tensor:
        """N×C×… to the same shape."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class StochasticDepth(nn.Module):
    """In training, zero whole samples (row) or the whole batch at random, and scale up the rest.

    Huang et al. 2016, https://arxiv.org/abs/1603.09382.
    """

    def __init__(self, p: float = 0.1, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, input: Tensor) -> Tensor:
        """N×… to the same shape."""
        if not self.training or self.p == 0:
            return input
        if self.p == 1:
            return torch.zeros_like(input)
        rows = input.shape[0] if self.mode == "row" else 1
        kept = input.new_empty((rows,) + (1,) * (input.dim() - 1)).bernoulli_(
            1 - self.p
        )
        return input * kept / (1 - self.p)
