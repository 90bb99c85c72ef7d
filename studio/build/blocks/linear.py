"""Linear layers that torch lacks."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LoRALinear(nn.Linear):
    """A linear layer whose weight and bias stay as they are; a change of low rank is learned.

    Hu et al. 2021, https://arxiv.org/abs/2106.09685. weight and bias have the names and shapes of nn.Linear.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        rank: int = 8,
        alpha: float = 16.0,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__(in_features, out_features, bias)
        self.requires_grad_(False)
        self.lora_a = nn.Parameter(torch.empty(rank, in_features))
        self.lora_b = nn.Parameter(torch.zeros(out_features, rank))
        nn.init.kaiming_uniform_(self.lora_a, math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
        self.scale = alpha / rank

    def forward(self, input: Tensor) -> Tensor:
        """…×in_features to …×out_features."""
        change = self.dropout(input) @ self.lora_a.T @ self.lora_b.T
        return super().forward(input) + self.scale * change
