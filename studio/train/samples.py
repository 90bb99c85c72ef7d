"""The samples of a part, one tensor a field, on the device where they fit; batches are gathered from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

import torch
from torch import Tensor, nn

from studio.data.augment.running import Augmenter
from studio.data.loader import order, seen
from studio.data.prepare import Part
from studio.data.raw import Array
from studio.data.stream import Feeder, taken
from studio.train.kernels.rows import Rows

SHARE = 0.5
"""The share of a device's free memory that data may take."""
Batch = dict[str, Tensor]
EACH_WHOLE: Iterable[None] = repeat(None)
NORMALISES = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class Samples:
    """One part of the data. Where it does not fit on the device, batches are moved one by one.

    Fields that are no tensors come batch by batch; `workers` processes make those of an epoch ahead.
    `augmenter` changes the batches of an epoch at random, and nothing that is taken otherwise.
    """

    def __init__(
        self,
        part: Part,
        fields: Iterable[str],
        device: torch.device,
        workers: int = 0,
        augmenter: Augmenter | None = None,
    ) -> None:
        self._augmenter = augmenter
        wanted = list(fields)
        tensors = {field: part.tensors[field] for field in wanted if field in part.tensors}
        self._streams = {field: part.streams[field] for field in wanted if field in part.streams}
        sources = {field: one.source for field, one in self._streams.items()}
        self._feeder = Feeder(sources, workers) if sources else None
        self._device, self._rows = device, part.rows
        self._stays = device.type == "cpu" or _fits(tensors, device)
        self._tensors = {key: one.to(device) for key, one in tensors.items()} if self._stays else tensors
        self._gather = {field: Rows(one) for field, one in self._tensors.items()}
        self._count, self._weights, self._edges = len(part), part.weights, part.edges

    def __len__(self) -> int:
        """How many samples."""
        return self._count

    @property
    def seen(self) -> int:
        """How many samples an epoch has: as the weights say."""
        return seen(self._count, self._weights)

    def order(self, seed: int, epoch: int) -> Tensor:
        """The indices of the samples of an epoch (from 1), in the order in which they are seen."""
        return order(self._count, seed, epoch, self._weights, self._edges).to(self.home)

    @property
    def home(self) -> torch.device:
        """Where indices must lie."""
        return self._device if self._stays else torch.device("cpu")

    def take(self, indices: Tensor) -> Batch:
        """The samples at these indices."""
        return self._gathered(indices) | self._decoded(self._rows[indices.cpu().numpy()])

    def between(self, start: int, stop: int) -> Batch:
        """The samples from `start` up to `stop`, in their own order, without a copy."""
        batch = {field: tensor[start:stop] for field, tensor in self._tensors.items()}
        return (batch if self._stays else self._moved(batch)) | self._decoded(self._rows[start:stop])

    def batches(
        self,
        indices: Tensor,
        sizes: Sequence[int],
        seeds: Iterable[int],
        parts: Iterable[tuple[Tensor, int] | None] = EACH_WHOLE,
    ) -> Iterator[Batch]:
        """The batches of an epoch, one after the other; what comes from files is made ahead.

        `seeds` are those of each batch's random changes; `parts` say which rows of how many each batch is.
        """
        split = indices.split(list(sizes))
        if self._feeder is None:
            yield from map(self._gathered, split)
            return
        rows = (self._rows[chosen.cpu().numpy()] for chosen in split)
        made = self._feeder.through(rows)
        for chosen, values, seed, part in zip(split, made, seeds, parts, strict=False):
            yield self._changed(self._gathered(chosen), values, seed, part)

    def take_warnings(self) -> list[tuple[str, str]]:
        """What went wrong with making samples since the last asking, though it goes on, and what to do."""
        return [] if self._feeder is None else self._feeder.take_warnings()

    def close(self) -> None:
        """End the processes that make samples."""
        if self._feeder is not None:
            self._feeder.close()

    def _gathered(self, indices: Tensor) -> Batch:
        batch = {field: rows(indices) for field, rows in self._gather.items()}
        return batch if self._stays else self._moved(batch)

    def _decoded(self, rows: Array) -> Batch:
        return self._made({field: taken(one.source, rows) for field, one in self._streams.items()})

    def _made(self, values: Mapping[str, Array]) -> Batch:
        return {field: self._streams[field].tensor(array, self._device) for field, array in values.items()}

    def _changed(
        self, held: Batch, values: Mapping[str, Array], seed: int, part: tuple[Tensor, int] | None
    ) -> Batch:
        """A batch with its random changes, which come before what was streamed is normalised."""
        if self._augmenter is None:
            return held | self._made(values)
        raw = {key: self._streams[key].unscaled(array, self._device) for key, array in values.items()}
        batch = self._augmenter(held | raw, seed, part)
        return {
            key: self._streams[key].scaled(one) if key in self._streams else one for key, one in batch.items()
        }

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
