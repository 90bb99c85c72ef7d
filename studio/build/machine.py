"""What the checks of the settings know of the place where a training is to run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """`cores` that may be used, whether PyTorch finds a CUDA device (None while it is not asked), and in how
    many processes that were started together from outside, `world`.
    """

    cores: int
    cuda: bool | None = None
    world: int = 1
