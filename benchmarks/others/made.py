"""What a model of somebody else comes with: the module, and inputs of any batch size for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

WIDTH, TOKENS, LENGTH = 32, 100, 16
"""How wide small models are, how many words they know, and how many they read."""
Inputs = Mapping[str, Tensor]
"""The tensors of one call, by the names of forward's arguments."""


@dataclass(frozen=True, slots=True)
class Made:
    """A module in eval mode, and `inputs(batch, seed)`: random inputs for it."""

    module: nn.Module
    inputs: Callable[[int, int], Inputs]


def images(module: nn.Module, *shape: int, name: str = "x") -> Made:
    """A module that takes one tensor of floats of this shape, batch aside."""

    def inputs(batch: int, seed: int) -> Inputs:
        return {name: torch.randn(batch, *shape, generator=torch.Generator().manual_seed(seed))}

    return Made(module.eval(), inputs)


def tokens(module: nn.Module, length: int, high: int, name: str = "x") -> Made:
    """A module that takes one row of whole numbers below `high`."""

    def inputs(batch: int, seed: int) -> Inputs:
        draw = torch.Generator().manual_seed(seed)
        return {name: torch.randint(1, high, (batch, length), generator=draw)}

    return Made(module.eval(), inputs)
