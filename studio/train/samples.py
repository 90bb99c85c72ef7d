"""The samples of a part, one tensor a field, on the device where they fit; batches are gathered from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from studio.data.prepare import Part

SHARE = 0.5
"""The share of a device's free memory that data may take."""
Batch = dict[str, Tensor]
NORMALISES = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class Samples:
    """One part of the data. Where it does not fit on the device, batches are moved one by one."""

    def __init__(self, part: Part, fields: Iterable[str], device: torch.device) -> None:
        tensors = {field: part.tensors[field] for field in fields}
        self._device = device
        self._stays = device.type == "cpu" or _fits(tensors, device)
        self._tensors = {key: one.to(device) for key, one in tensors.items()} if self._stays else tensors
        self._count = len(part)

    def __len__(self) -> int:
        """How many samples."""
        return self._count

    @property
    def home(self) -> torch.device:
        """Where indices must lie."""
        return self._device if self._stays else torch.device("cpu")

    def take(self, indices: Tensor) -> Batch:
        """The samples at these indices."""
        batch = {field: tensor.index_select(0, indices) for field, tensor in self._tensors.items()}
        return batch if self._stays else self._moved(batch)

    def between(self, start: int, stop: int) -> Batch:
        """The samples from `start` up to `stop`, in their own order, without a copy."""
        batch = {field: tensor[start:stop] for field, tensor in self._tensors.items()}
        return batch if self._stays else self._moved(batch)

    def _moved(self, batch: Batch) -> Batch:
        return {field: tensor.to(self._device) for field, tensor in batch.items()}


def batch_sizes(count: int, size: int, network: nn.Module) -> list[int]:
    """The sizes of an epoch's batches. The last takes what is left; nothing is dropped.

    Batch normalisation cannot learn from one sample: where the network has any, a last sample that would be
    alone joins the batch before it.
    """
    sizes = [size] * (count // size)
    left = count - size * len(sizes)
    if left == 1 and sizes and any(isinstance(one, NORMALISES) for one in network.modules()):
        sizes[-1] += 1
    elif left:
        sizes.append(left)
    return sizes


def _fits(tensors: Mapping[str, Tensor], device: torch.device) -> bool:
    wanted = sum(one.numel() * one.element_size() for one in tensors.values())
    free, _ = torch.cuda.mem_get_info(device)
    return wanted <= SHARE * free
