"""What an augmentation works on: a batch of one field, and the targets that move with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """Values of a batch, samples first; those of pictures lie between 0 and 1.

    `masks` (n, height, width) and `pictures` (n, channels, height, width) are targets of the same samples
    that lie over the picture, and move with it.
    """

    values: Tensor
    masks: tuple[Tensor, ...] = ()
    pictures: tuple[Tensor, ...] = ()

    def moved(self, picture: Callable[[Tensor], Tensor], mask: Callable[[Tensor], Tensor]) -> Seen:
        """All of it moved alike."""
        return Seen(
            picture(self.values),
            tuple(mask(one) for one in self.masks),
            tuple(picture(one) for one in self.pictures),
        )


def between(like: Tensor, low: float, high: float, generator: torch.Generator) -> Tensor:
    """A random number for each sample, evenly between two."""
    drawn = torch.rand(len(like), generator=generator, device=like.device)
    return low + (high - low) * drawn


def chosen(like: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Which samples are changed: each with this chance."""
    return torch.rand(len(like), generator=generator, device=like.device) < share


def wide(one: Tensor, dims: int) -> Tensor:
    """A number for each sample, to be used with values of so many dimensions."""
    return one.reshape(-1, *[1] * (dims - 1))


def boxes(size: tuple[int, int], center: tuple[Tensor, Tensor], half: tuple[Tensor, Tensor]) -> Tensor:
    """For each sample which points lie within a box, (n, height, width); centre and half size in points."""
    rows, columns = (torch.arange(count, device=center[0].device) + 0.5 for count in size)
    down = (rows - center[0][:, None]).abs() < half[0][:, None]
    across = (columns - center[1][:, None]).abs() < half[1][:, None]
    return down[:, :, None] & across[:, None, :]
