"""Pictures moved about: moves that follow each other are put together and drawn once, to blur little."""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from studio.data.augment.seen import Chance, Params, Seen, between, chosen, wide

IGNORED = -100
"""What points of a mask become that lie beyond it: losses leave that class out."""
PADDING = {"edge": "border", "mirror": "reflection", "zero": "zeros"}


def flip(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Some left to right, some upside down; exact to the point."""
    for dim, share in ((-1, params["across"]), (-2, params["upside"])):
        picked = chosen(seen.values, float(share), chance)
        if share:
            turned = partial(_flipped, dim, picked)
            seen = seen.moved(turned, turned)
    return seen


def _flipped(dim: int, picked: Tensor, one: Tensor) -> Tensor:
    return torch.where(wide(picked, one.dim()), one.flip(dim), one)


def crop(values: Tensor, params: Params, chance: Chance) -> Tensor:
    """A part of each picture, of random area, proportion and place."""
    area = between(values, float(params["least"]), 1.0, chance)
    most = math.log(float(params["stretch"]))
    wider = torch.exp(between(values, -most, most, chance))
    across, down = (area * wider).sqrt().clamp(max=1.0), (area / wider).sqrt().clamp(max=1.0)
    aside, below = between(values, -1.0, 1.0, chance), between(values, -1.0, 1.0, chance)
    return _matrix(across, 0 * across, aside * (1 - across), 0 * down, down, below * (1 - down))


def shift(values: Tensor, params: Params, chance: Chance) -> Tensor:
    """Each moved aside by a share of its size."""
    most = 2 * float(params["most"])
    across, down = between(values, -most, most, chance), between(values, -most, most, chance)
    one = torch.ones_like(across)
    return _matrix(one, 0 * one, across, 0 * one, one, down)


def rotate(values: Tensor, params: Params, chance: Chance) -> Tensor:
    """Each turned about its middle."""
    most = math.radians(float(params["degrees"]))
    angle = between(values, -most, most, chance)
    height, width = values.shape[-2:]
    cos, sin = angle.cos(), angle.sin()
    return _matrix(cos, -sin * (height / width), 0 * cos, sin * (width / height), cos, 0 * cos)


def zoom(values: Tensor, params: Params, chance: Chance) -> Tensor:
    """Each made smaller or larger about its middle; halving is as likely as doubling."""
    low, high = math.log(float(params["least"])), math.log(float(params["most"]))
    factor = torch.exp(-between(values, low, high, chance))
    return _matrix(factor, 0 * factor, 0 * factor, 0 * factor, factor, 0 * factor)


MOVES = {"RandomCrop": crop, "Shift": shift, "Rotate": rotate, "Zoom": zoom}
"""From a batch to matrices (n, 3, 3): where each point of the result comes from, both from -1 to 1."""


def _matrix(*entries: Tensor) -> Tensor:
    one, zero = torch.ones_like(entries[0]), torch.zeros_like(entries[0])
    return torch.stack([*entries, zero, zero, one], 1).reshape(-1, 3, 3)


def drawn(seen: Seen, matrix: Tensor, beyond: str) -> Seen:
    """All of a batch moved by matrices; masks take the nearest point."""
    height, width = seen.values.shape[-2:]
    grid = functional.affine_grid(matrix[:, :2].float(), [len(matrix), 1, height, width], align_corners=False)

    def picture(one: Tensor) -> Tensor:
        return functional.grid_sample(one, grid, "bilinear", PADDING[beyond], align_corners=False)

    def mask(one: Tensor) -> Tensor:
        raised = (one - IGNORED + 1).float()[:, None]  # what lies beyond comes as 0, which no class is
        found = functional.grid_sample(raised, grid, "nearest", PADDING[beyond], align_corners=False)
        numbers = found[:, 0].round().to(one.dtype) + (IGNORED - 1)
        return torch.where(numbers < IGNORED, IGNORED, numbers)

    return seen.moved(picture, mask)
