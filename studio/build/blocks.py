"""The few functions and modules that torch lacks; readable source copies those it uses."""

from __future__ import annotations

from functools import reduce
from operator import add as _add
from operator import mul as _mul

import torch
from torch import Tensor, nn


def add(*inputs: Tensor) -> Tensor:
    """The sum of all tensors, from left to right."""
    return reduce(_add, inputs)


def multiply(*inputs: Tensor) -> Tensor:
    """The product of all tensors, from left to right."""
    return reduce(_mul, inputs)


def reshape(input: Tensor, shape: int | tuple[int, ...]) -> Tensor:
    """Give each sample a new shape; the batch stays."""
    sizes = (shape,) if isinstance(shape, int) else shape
    return input.reshape(input.shape[0], *sizes)


class ClassesAsNumbers(nn.Module):
    """A loss that compares numbers, given class indices: they become numbers in the prediction's shape."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of a prediction of N×1 (or N) and indices of N, which count as 0 and 1."""
        return torch.as_tensor(self.loss(prediction, target.to(prediction.dtype).reshape(prediction.shape)))
