"""Functions that torch lacks."""

from __future__ import annotations

from functools import reduce
from operator import add as _add
from operator import mul as _mul

from torch import Tensor


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
