"""How weights lie in memory. Networks of 2-d convolutions compute up to twice as fast with channels last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import nn

from studio.train.kernels.pool_calls import pool_quickly

Layout = Literal["contiguous", "channels_last"]
FORMATS: Mapping[str, torch.memory_format] = {
    "contiguous": torch.contiguous_format,
    "channels_last": torch.channels_last,
}
AS_ONE_ROW = frozenset({"LBFGS", "Muon", "Adafactor"})
"""Optimizers that take a weight for rows of numbers: theirs stay as they are."""


def lay_out(network: nn.Module, options: Mapping[str, Any], optimizer: str) -> Layout:
    """Put the weights of a network as they are to lie by the training settings; says how they do now.

    The choice follows from the drawing and the settings alone, so that the same seed gives the same digits.
    Results differ from those with channels first by rounding only.
    """
    apt = optimizer not in AS_ONE_ROW and options["sharding"] == "none"
    pictures = any(isinstance(one, nn.Conv2d | nn.ConvTranspose2d) for one in network.modules())
    if options["memory_format"] == "contiguous" or not apt or not pictures:
        return "contiguous"
    lay(network, "channels_last")
    return "channels_last"


def lay(network: nn.Module, layout: Layout) -> None:
    """Put the weights of a network so."""
    network.to(memory_format=FORMATS[layout])  # pyright: ignore[reportCallIssue]
    if layout == "channels_last":
        pool_quickly(network)
    for one in network.modules():
        if isinstance(one, nn.Flatten) and layout == "channels_last":
            one.register_forward_pre_hook(_return_with_channels_last)


def _return_with_channels_last(_: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
    """The gradient that comes back through a Flatten lies with channels first: it is laid as its input once.

    Else ReLU and max-pool, which hold what they gave with channels last, go through both value by value: five
    times as slow.
    """
    x = given[0]
    if x.requires_grad and x.dim() == 4 and not x.is_contiguous() and not torch.compiler.is_compiling():
        x.register_hook(_with_channels_last)


def _with_channels_last(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
