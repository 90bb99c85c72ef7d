"""Changes of how a sample looks or sounds, and not of where things are."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from studio.data.augment.seen import Chance, Params, Seen, between, boxes, chosen, per_sample, wide

GREY = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in what is seen as grey (ITU-R 601)."""


def color_jitter(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Brightness times a factor, contrast about the mean, saturation about grey, hue turned about grey."""
    values, dims = seen.values, seen.values.dim()
    factors = [
        wide(between(values, 1 - float(params[name]), 1 + float(params[name]), chance), dims)
        for name in ("brightness", "contrast", "saturation")
    ]
    turn = between(values, -float(params["hue"]), float(params["hue"]), chance)
    values = values * factors[0]
    middle = _grey(values).mean((1, 2, 3), keepdim=True)
    values = middle + (values - middle) * factors[1]
    if values.shape[1] == 3:
        grey = _grey(values)
        values = grey + (values - grey) * factors[2]
        if params["hue"]:
            values = torch.einsum("nij,njhw->nihw", _turns(turn * 2 * math.pi), values)
    return _looking(seen, values)


def _looking(seen: Seen, values: Tensor) -> Seen:
    """Values as pictures have them."""
    return Seen(values.clamp(0.0, 1.0), seen.masks, seen.pictures)


def _grey(values: Tensor) -> Tensor:
    if values.shape[1] != 3:
        return values.mean(1, keepdim=True)
    shares = torch.tensor(GREY, device=values.device).reshape(1, 3, 1, 1)
    return (values * shares).sum(1, keepdim=True)


def _turns(angle: Tensor) -> Tensor:
    """Matrices (n, 3, 3) that turn colours about the axis of grey (Rodrigues)."""
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    axis = 1 / math.sqrt(3)
    cross = axis * torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=angle.device)
    along = torch.full((3, 3), 1 / 3, device=angle.device)
    return cos * torch.eye(3, device=angle.device) + sin * cross + (1 - cos) * along


def grayscale(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Some without their colour."""
    picked = wide(chosen(seen.values, float(params["share"]), chance), seen.values.dim())
    return Seen(torch.where(picked, _grey(seen.values), seen.values), seen.masks, seen.pictures)


def blur(seen: Seen, params: Params, chance: Chance) -> Seen:
    """Each with a Gaussian of its own radius, rows and columns one after the other."""
    values = seen.values
    count, channels, height, width = values.shape
    radius = between(values, float(params["least"]), float(params["most"]), chance)
    picked = wide(chosen(values, float(params["share"]), chance), 4)
    reach = max(1, math.ceil(3 * float(params["most"])))
    at = torch.arange(-reach, reach + 1, device=values.device)
    kernel = torch.exp(-0.5 * (at / radius[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = values.reshape(1, count * channels, height, width)
    for shape, pad in (((-1, 1, 1, 2 * reach + 1), (reach, reach, 0, 0)),
                       ((-1, 1, 2 * reach + 1, 1), (0, 0, reach, reach))):  # fmt: skip
        edged = functional.pad(flat, pad, "replicate")
        flat = functional.conv2d(edged, kernel.reshape(shape), groups=count * channels)
    blurred = flat.reshape(values.shape)
    return Seen(torch.where(picked, blurred, values), seen.masks, seen.pictures)


def noise(seen: Seen, params: Params, chance: Chance) -> Seen:
    """A random number added to each value: a share of the range, or of the batch's own deviation."""
    values = seen.values
    shape = values.shape[1:]
    numbers = per_sample(
        values, chance, lambda count, by: torch.randn((count, *shape), generator=by, device=values.device)
    )
    if values.dim() == 4:
        return _looking(seen, values + float(params["deviation"]) * numbers)
    spread = values.std() if values.numel() > 1 else 0.0
    return Seen(values + float(params["deviation"]) * spread * numbers, seen.masks, seen.pictures)


def erase(seen: Seen, params: Params, chance: Chance) -> Seen:
    """A box of random area, proportion and place, covered with the picture's mean colour."""
    values = seen.values
    height, width = values.shape[-2:]
    picked = chosen(values, float(params["share"]), chance)
    area = between(values, float(params["least"]), float(params["most"]), chance)
    wider = torch.exp(between(values, -math.log(2), math.log(2), chance))
    half = (area / wider).sqrt() * height / 2, (area * wider).sqrt() * width / 2
    center = between(values, 0, height, chance), between(values, 0, width, chance)
    covered = boxes((height, width), center, half) & wide(picked, 3)
    mean = values.mean((2, 3), keepdim=True)
    return Seen(torch.where(covered[:, None], mean, values), seen.masks, seen.pictures)


LOOKS = {
    "ColorJitter": color_jitter,
    "Grayscale": grayscale,
    "Blur": blur,
    "Noise": noise,
    "Erase": erase,
}
