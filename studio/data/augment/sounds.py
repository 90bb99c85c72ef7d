"""Changes of sounds: waves (n, channels, samples), or spectra (n, channels, pitches, moments)."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.data.augment.seen import Chance, Params, Seen, between, chosen, wide


def time_shift(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Each begins earlier or later; what is beyond its ends is as quiet as a sound can be."""
    values = seen.values
    length = values.shape[-1]
    most = float(params["most"]) * length
    shift = between(values, -most, most, chance).round().long()
    source = torch.arange(length, device=values.device) - shift[:, None]
    inside = wide_rows((source >= 0) & (source < length), values.dim())
    at = wide_rows(source.clamp(0, length - 1), values.dim()).expand(values.shape)
    quiet = values.amin((-2, -1), keepdim=True) if values.dim() == 4 else torch.zeros_like(values[:, :1, :1])
    return Seen(torch.where(inside, values.gather(-1, at), quiet), seen.masks, seen.pictures)


def wide_rows(rows: Tensor, dims: int) -> Tensor:
    """A row for each sample, (n, length), to be used with values of so many dimensions."""
    return rows.reshape(len(rows), *[1] * (dims - 2), rows.shape[-1])


def gain(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Each louder or quieter by some decibels."""
    values = seen.values
    most = float(params["decibels"])
    factor = 10 ** (between(values, -most, most, chance) / 20)
    return Seen(values * wide(factor, values.dim()), seen.masks, seen.pictures)


def spec_augment(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Some moments and some pitches covered with the sample's mean.

    D. Park et al., SpecAugment, https://arxiv.org/abs/1904.08779, without its warping of time.
    """
    values = seen.values
    covered = torch.zeros_like(values[:, :1], dtype=torch.bool)
    for dim, count, share in ((-1, "times", "time"), (-2, "bands", "band")):
        for _ in range(int(params[count])):
            covered = covered | _stripe(values, dim, float(params[share]), chance)
    picked = wide(chosen(values, float(params["share"]), chance), values.dim())
    mean = values.mean((-2, -1), keepdim=True)
    return Seen(torch.where(covered & picked, mean, values), seen.masks, seen.pictures)


def _stripe(values: Tensor, dim: int, share: float, chance: Chance) -> Tensor:
    """Which points of each sample lie in a stripe across it, no wider than a share of its size."""
    size = values.shape[dim]
    width = between(values, 0.0, share * size, chance)
    begin = between(values, 0.0, 1.0, chance) * (size - width)
    at = torch.arange(size, device=values.device) + 0.5
    stripe = (at >= begin[:, None]) & (at < (begin + width)[:, None])
    return stripe[:, None, None, :] if dim == -1 else stripe[:, None, :, None]


SOUNDS = {"TimeShift": time_shift, "Gain": gain, "SpecAugment": spec_augment}
