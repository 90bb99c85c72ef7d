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


@dataclass(frozen=True, slots=True)
class Share:
    """The numbers drawn for a batch of `total` samples of which only some `rows` are here: those of the
    other processes are drawn too, so that each sample gets what it would get from one process alone.
    """

    generator: torch.Generator
    rows: Tensor
    total: int


Chance = torch.Generator | Share


def per_sample(like: Tensor, chance: Chance, draw: Callable[[int, torch.Generator], Tensor]) -> Tensor:
    """What is drawn for each sample, by how many there are."""
    if isinstance(chance, Share):
        return draw(chance.total, chance.generator)[chance.rows.to(like.device)]
    return draw(len(like), chance)


def between(like: Tensor, low: float, high: float, chance: Chance) -> Tensor:
    """A random number for each sample, evenly between two."""
    return low + (high - low) * _even(like, chance)


def chosen(like: Tensor, share: float, chance: Chance) -> Tensor:
    """Which samples are changed: each with this chance."""
    return _even(like, chance) < share


def _even(like: Tensor, chance: Chance) -> Tensor:
    return per_sample(like, chance, lambda count, by: torch.rand(count, generator=by, device=like.device))


def wide(one: Tensor, dims: int) -> Tensor:
    """A number for each sample, to be used with values of so many dimensions."""
    return one.reshape(-1, *[1] * (dims - 1))


def boxes(size: tuple[int, int], center: tuple[Tensor, Tensor], half: tuple[Tensor, Tensor]) -> Tensor:
    """For each sample which points lie within a box, (n, height, width); centre and half size in points."""
    rows, columns = (torch.arange(count, device=center[0].device) + 0.5 for count in size)
    down = (rows - center[0][:, None]).abs() < half[0][:, None]
    across = (columns - center[1][:, None]).abs() < half[1][:, None]
    return down[:, :, None] & across[:, None, :]
