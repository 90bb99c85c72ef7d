"""Gradients added up over all processes, in buckets of memory of their own.

Not through DistributedDataParallel: that hangs itself into backward() and lays gradients into parameters,
while the engine asks torch.autograd.grad for them and hands them to fused kernels. A bucket is sent while the
next one is filled; each lies in memory as its parameters do, so that the kernels take it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

BYTES = 25 * 2**20
"""Of a bucket, as DistributedDataParallel has them."""


class Buckets:
    """The memory for the gradients of some parameters."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self._buckets = [_Bucket([parameters[at] for at in places], places) for places in _parted(parameters)]
        self._count = len(parameters)

    def summed(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """The sums over all processes; they are overwritten by the next ones."""
        under_way = [bucket.send(gradients) for bucket in self._buckets]
        found: list[Tensor | None] = [None] * self._count
        for work, bucket in zip(under_way, self._buckets, strict=True):
            work.wait()
            for place, view in zip(bucket.places, bucket.views, strict=True):
                found[place] = view
        return [one for one in found if one is not None]


class _Bucket:
    def __init__(self, parameters: Sequence[Tensor], places: list[int]) -> None:
        self.places = places
        first = parameters[0]
        self._flat = torch.zeros(
            sum(one.numel() for one in parameters), dtype=first.dtype, device=first.device
        )
        self.views: list[Tensor] = []
        at = 0
        for one in parameters:
            self.views.append(_laid(self._flat[at : at + one.numel()], one))
            at += one.numel()

    def send(self, gradients: Sequence[Tensor]) -> Any:  # noqa: ANN401
        torch._foreach_copy_(self.views, [gradients[place] for place in self.places])  # pyright: ignore
        return dist.all_reduce(self._flat, async_op=True)


def _laid(part: Tensor, like: Tensor) -> Tensor:
    """A piece of a bucket in the shape of a parameter, and in its order of memory where that is dense."""
    if torch.empty_like(like).stride() == like.stride():
        return part.as_strided(like.shape, like.stride(), part.storage_offset())
    return part.view(like.shape)


def _parted(parameters: Sequence[Tensor]) -> list[list[int]]:
    """The places of the parameters of each bucket: one type each; the last gradients come first."""
    found: list[list[int]] = []
    room = 0
    for place in reversed(range(len(parameters))):
        one = parameters[place]
        size = one.numel() * one.element_size()
        if not found or parameters[found[-1][-1]].dtype != one.dtype or size > room:
            found.append([])
            room = BYTES
        found[-1].append(place)
        room -= size
    return found
