"""Losses that torch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ClassesAsNumbers(nn.Module):
    """A loss that compares numbers, given class indices: they become numbers in the prediction's shape."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of a prediction of N×1 (or N) and indices of N, which count as 0 and 1."""
        return torch.as_tensor(self.loss(prediction, target.to(prediction.dtype).reshape(prediction.shape)))
