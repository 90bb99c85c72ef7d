"""Losses that torch lacks, and what brings a target to the form that torch's losses take."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ClassesAsNumbers(nn.Module):
    """A loss that compares numbers, given class indices: they become numbers in the prediction's shape."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor, *others: Tensor) -> Tensor:
        """The loss of a prediction of N×1 (or N) and indices of N, which count as 0 and 1."""
        numbers = target.to(prediction.dtype).reshape(prediction.shape)
        return torch.as_tensor(self.loss(prediction, numbers, *others))


class AsSigns(nn.Module):
    """A loss that takes −1 and 1, given anything: what is above 0 becomes 1, the rest −1."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss
        self.flat = isinstance(loss, nn.CosineEmbeddingLoss)

    def forward(self, *inputs: Tensor) -> Tensor:
        """The loss of one or two predictions and a target, which comes last."""
        *said, target = inputs
        signs = torch.where(target > 0, 1.0, -1.0).to(said[0].dtype)
        shape = (len(said[0]),) if self.flat else said[0].shape
        return torch.as_tensor(self.loss(*said, signs.reshape(shape)))


class AsIndices(nn.Module):
    """A loss that takes indices, given numbers: they lose what is behind the point."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor, *lengths: Tensor, **named: Tensor) -> Tensor:
        """The loss of a prediction and its indices."""
        return torch.as_tensor(self.loss(prediction, target.long(), *lengths, **named))
