"""One of several processes that train together: batches are parted, gradients and metrics added up.

All see the samples in one order and in the same batches; each takes its slice of every batch. A batch of
fewer samples than there are processes is computed by all of them. So the digits are those of one process but
for the last ones, which depend on the order of sums; samples are changed at random as by one process. What
differs: dropout draws other numbers in each process, and each mixes its own samples with each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor

from studio.train.balance import target_field
from studio.train.distributed.accord import Accord
from studio.train.distributed.buckets import Buckets
from studio.train.distributed.failing import blamed, tell_failure
from studio.train.distributed.losses import SharedLoss
from studio.train.distributed.norms import join_norms, join_notes
from studio.train.distributed.place import RankPlace
from studio.train.failures import LostError, TrainingError
from studio.train.metrics.tracker import together
from studio.train.record import fingerprint
from studio.train.samples import batch_sizes
from studio.train.seeding import seed_all
from studio.train.team import Gradients, Steering, Totals

if TYPE_CHECKING:
    from studio.train.distributed.sharding import Shards
    from studio.train.report import Report
    from studio.train.samples import Batch, Samples
    from studio.train.work import Work


class Several:
    """One of several processes, each with all of the weights. `share` is what its part of the present batch
    counts, `parted` whether that is only a part of it.
    """

    def __init__(self, place: RankPlace, store: Any) -> None:  # noqa: ANN401
        self.place, self.rank, self.world = place, place.rank, place.world
        self.neighbours = place.local_world
        self.share, self.parted = 1.0, False
        self._store = store
        self._accord: Accord | None = None
        self._buckets: Buckets | None = None
        self._shards: Shards | None = None
        self._broken = False
        self._inner: Callable[[int], list[int]] = lambda size: [size]

    # ---- as the engine's Team

    @property
    def counts(self) -> bool:
        """A batch of fewer samples than processes is computed by all, and counted by the first."""
        return self.parted or self.rank == 0

    def device(self, device: torch.device) -> torch.device:
        """Each process of a machine has a device of its own, as far as there are."""
        if device.type != "cuda":
            return device
        index = self.place.local_rank % torch.cuda.device_count()
        torch.cuda.set_device(index)
        return torch.device("cuda", index)

    def steering(self, control: Steering) -> Steering:
        """What the first process is told, and all of them do."""
        self._accord = Accord(control, self.rank == 0)
        return self._accord

    def looker(self, steering: Steering, report: Report) -> Callable[[], bool]:
        """What is asked after every step."""
        assert self._accord is not None
        self._accord.follow(report)
        return self._accord.after_step

    def look(self) -> None:
        """Notice between two batches without gradients what all are told."""
        if self._accord is not None:
            self._accord.after_step()

    def join(self, work: Work) -> None:
        """Begin with the same weights; losses and norms look at whole batches from now on."""
        self._compare_data(work)
        with torch.no_grad():
            for one in work.network.state_dict().values():
                dist.broadcast(one, 0)
        if work.options["sharding"] == "fsdp":
            from studio.train.distributed.sharding import Shards

            self._shards = Shards(work)
        if self.rank:
            seed_all(own_seed(int(work.options["seed"]), self.rank))
        join_norms(work.network, lambda: self.parted)
        join_notes(work.network, lambda: self.share)
        size, network = work.batch_size, work.network
        self._inner = lambda count: batch_sizes(count, size, network)
        plain = {loss.name: _counts_each(work, loss) for loss in work.plan.losses}
        work.objective.wrap(lambda name, module: SharedLoss(module, self, plain[name]))

    def batches(
        self, samples: Samples, indices: Tensor, sizes: Sequence[int], seeds: Iterable[int]
    ) -> Iterator[Batch]:
        """This process's share of each batch of an epoch."""
        steps = [self._inner(size) for size in sizes]
        rows = [self._rows(inner) for inner in steps]
        chosen = [
            whole[own.to(whole.device)] for whole, own in zip(indices.split(list(sizes)), rows, strict=True)
        ]
        own = torch.cat(chosen) if chosen else indices
        lengths = [len(one) for one in rows]
        parts = zip(rows, sizes, strict=True)
        for size, batch in zip(sizes, samples.batches(own, lengths, seeds, parts), strict=True):
            self.take(size)
            yield batch

    def between(self, samples: Samples, start: int, stop: int) -> Batch:
        """This process's share of the samples from `start` up to `stop`."""
        count = min(stop, len(samples)) - start
        first, last = self._part(count)
        self.take(count)
        return samples.between(start + first, start + last)

    def sizes(self, sizes: Sequence[int]) -> list[int]:
        """How many of the samples of each of the batches that make one step this process has."""
        return [last - first for first, last in map(self._part, sizes)]

    def take(self, size: int) -> None:
        """Compute a batch of so many samples of all processes now."""
        first, last = self._part(size)
        self.parted = size >= self.world
        self.share = (last - first) / size if self.parted else 1.0 / self.world

    def gradients(self, total: Tensor, parameters: Sequence[Tensor], unused: bool = False) -> Gradients:
        """The gradients of the losses of all processes together."""
        if self._shards is not None:
            return self._shards.gradients(total, parameters)
        found = list[Tensor | None](torch.autograd.grad(total, parameters, allow_unused=unused))
        kept = [at for at, one in enumerate(found) if one is not None]
        if self._buckets is None or unused:
            self._buckets = Buckets([parameters[at] for at in kept])
        summed = self._buckets.summed([one for one in found if one is not None])
        if not unused:
            return summed
        self._buckets = None
        by_place = dict(zip(kept, summed, strict=True))
        return [by_place.get(at) for at in range(len(found))]

    def total(self, share: Tensor) -> Tensor:
        """The sum over all processes."""
        if self._broken:
            return share
        summed = share.detach().clone()
        dist.all_reduce(summed)
        return summed

    def merged(self, totals: Totals, whole: Mapping[str, bool]) -> Totals:
        """What the metrics of all have gathered."""
        if self._broken:
            return totals
        own = {key: [one.cpu() for one in parts] for key, parts in totals.items() if key in whole}
        return together(self.gathered(own), whole)

    def agreed(self, yes: bool) -> bool:
        """What the first process says."""
        word = torch.tensor([int(yes)])
        if not self._broken:
            dist.broadcast(word, 0)
        return bool(word.item())

    def gathered(self, value: Any) -> list[Any]:  # noqa: ANN401
        """What every process has, in their order."""
        found: list[Any] = [None] * self.world
        dist.all_gather_object(found, value)
        return found

    def shared(self, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """What the first process alone makes; where it cannot, none goes on."""
        made: list[Any] = [None, None]
        if self.rank == 0:
            try:
                made[0] = make()
            except Exception as error:
                dist.broadcast_object_list([None, True], 0)
                raise error
        dist.broadcast_object_list(made, 0)
        if made[1]:
            raise LostError("The first process could not go on.", "Its own message says why.")
        return made[0]

    def own(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The parameters, or the shards of them."""
        return dict(named) if self._shards is None else self._shards.own(named)

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """All shards of tensors together."""
        return dict(tensors) if self._shards is None else self._shards.whole(tensors)

    def parted_like(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """This process's shards."""
        return dict(tensors) if self._shards is None else self._shards.parted_like(tensors)

    def norm(self, norms: Tensor) -> Tensor:
        """The common norm of tensors, or of all shards of them."""
        return torch.linalg.vector_norm(norms) if self._shards is None else self._shards.norm(norms)

    def norms(self, norms: Tensor) -> Tensor:
        """The norm of each tensor, or of all shards of it."""
        return norms if self._shards is None else self._shards.norms(norms)

    def leave(self) -> None:
        """Close the connections, by which others notice if this process ends too early."""
        self._broken = True
        with contextlib.suppress(Exception):
            dist.destroy_process_group()

    def blame(self, error: Exception) -> Exception:
        """The error that ended the run, which may be another process's."""
        self._broken = True
        found = blamed(self._store, self.place, error)
        if found is error and not isinstance(error, LostError):
            tell_failure(self._store, self.place, error)
        return found

    # ----

    def _part(self, count: int) -> tuple[int, int]:
        """From where to where this process's slice of so many samples goes."""
        if count < self.world:
            return 0, count
        return count * self.rank // self.world, count * (self.rank + 1) // self.world

    def _rows(self, sizes: Sequence[int]) -> Tensor:
        """Which of the samples of a step are this process's: a part of each of its batches."""
        starts = accumulate(sizes, initial=0)
        parts = [
            torch.arange(start + first, start + last)
            for start, (first, last) in zip(starts, map(self._part, sizes), strict=False)
        ]
        return torch.cat(parts)

    def _compare_data(self, work: Work) -> None:
        """Every process must have read the same samples. Raises TrainingError."""
        seen = fingerprint(work.prepared, work.job.project.data, work.job.folder)["parts"]
        counts = {name: len(one) for name, one in work.parts.items()}
        found = self.gathered((self.place.told, counts, seen))
        first, counts, seen = found[0]
        for who, own, other in found[1:]:
            if (own, other) != (counts, seen):
                message = f"{who} read other data than {first}: {_told(own)} samples, not {_told(counts)}."
                if own == counts:
                    message = f"{who} read other data than {first}: as many samples, with other values."
                raise TrainingError(message, "Copy the same files to every machine, or share their folder.")


def own_seed(seed: int, rank: int) -> int:
    """The seed of one process's random changes of a batch."""
    return seed if rank == 0 else int.from_bytes(sha256(f"{seed} {rank}".encode()).digest()[:8], "big") >> 1


def _counts_each(work: Work, loss: Any) -> bool:  # noqa: ANN401
    """Whether a loss of classes leaves out no sample of these data, and weighs none more than others."""
    field = target_field(work.plan, loss)
    ignored = loss.kwargs.get("ignore_index", -100)
    tensors = [part.tensors.get(field or "") for part in work.prepared.parts.values()]
    return all(one is not None and not bool((one == ignored).any()) for one in tensors)


def _told(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{count:,} {name}" for name, count in counts.items())
