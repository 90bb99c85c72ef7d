"""Who trains a run: one process alone, or several that agree on what they do and add up what they find.

The engine asks its team at the few places where that makes a difference. One process alone has nobody to ask
and nothing to add up; those of several processes are in distributed/.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from studio.train.report import Report
    from studio.train.samples import Batch, Samples
    from studio.train.work import Work

Totals = dict[str, list[Tensor]]
"""What metrics have gathered, by their key."""
Gradients = Sequence[Tensor | None]
"""Of each parameter in turn; None for one that the losses do not depend on."""


class Steering(Protocol):
    """What the engine is told between steps: by a Control, or by what several processes have agreed on."""

    @property
    def stopping(self) -> bool:
        """Whether the run was told to end."""
        ...

    @property
    def paused(self) -> bool:
        """Whether the run is to wait."""
        ...

    @property
    def called(self) -> bool:
        """Whether there is anything to do at all."""
        ...

    def wait(self) -> None:
        """Block until the run may go on."""
        ...

    def take_save(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        ...


class Team(Protocol):
    """The processes of a run, as one of them sees them."""

    rank: int
    world: int
    neighbours: int
    """How many of them are on this machine."""

    @property
    def counts(self) -> bool:
        """Whether nobody else computes what this process computes now."""
        ...

    def device(self, device: torch.device) -> torch.device:
        """Where this process computes."""
        ...

    def steering(self, control: Steering) -> Steering:
        """What all are told alike, out of what each was told."""
        ...

    def looker(self, steering: Steering, report: Report) -> Callable[[], bool]:
        """What is asked after every step: whether there is something to do or to show."""
        ...

    def look(self) -> None:
        """Notice between two batches without gradients what all are told."""
        ...

    def join(self, work: Work) -> None:
        """Take part in a run made ready, which is to begin or to go on as it stands."""
        ...

    def batches(
        self, samples: Samples, indices: Tensor, sizes: Sequence[int], seeds: Iterable[int]
    ) -> Iterator[Batch]:
        """This process's share of each batch of an epoch."""
        ...

    def between(self, samples: Samples, start: int, stop: int) -> Batch:
        """This process's share of the samples from `start` up to `stop`."""
        ...

    def sizes(self, sizes: Sequence[int]) -> list[int]:
        """How many of the samples of each of the batches that make one step this process has."""
        ...

    def take(self, size: int) -> None:
        """Compute one of those batches now, of so many samples of all processes."""
        ...

    def gradients(self, total: Tensor, parameters: Sequence[Tensor], unused: bool = False) -> Gradients:
        """The gradients of the losses of all processes together; with `unused` some may be without."""
        ...

    def total(self, share: Tensor) -> Tensor:
        """The sum over all processes."""
        ...

    def merged(self, totals: Totals, whole: Mapping[str, bool]) -> Totals:
        """What the metrics of all have gathered: sums added up, and those that are `whole` joined."""
        ...

    def agreed(self, yes: bool) -> bool:
        """What the first process says to a question that each may answer otherwise."""
        ...

    def gathered(self, value: Any) -> list[Any]:  # noqa: ANN401
        """What every process has, in their order."""
        ...

    def shared(self, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """What the first process alone makes, for all of them."""
        ...

    def own(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """What this process holds of parameters: the parameters themselves, or its shards of them."""
        ...

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The whole of tensors of which this process may hold shards, by the names of their parameters."""
        ...

    def parted_like(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """This process's shards of what `whole` gave."""
        ...

    def norm(self, norms: Tensor) -> Tensor:
        """The common norm of tensors whose norms these are, of all processes' shards together."""
        ...

    def norms(self, norms: Tensor) -> Tensor:
        """The norm of each tensor, of all processes' shards of it together."""
        ...

    def blame(self, error: Exception) -> Exception:
        """The error that ended the run, which may be another process's; from then on each is alone."""
        ...

    def leave(self) -> None:
        """The run is over."""
        ...


class Alone:
    """One process."""

    rank, world, neighbours, counts = 0, 1, 1, True

    def device(self, device: torch.device) -> torch.device:
        return device

    def steering(self, control: Steering) -> Steering:
        return control

    def looker(self, steering: Steering, report: Report) -> Callable[[], bool]:
        clock = time.perf_counter
        return lambda: steering.called or clock() >= report.due

    def look(self) -> None:
        pass

    def join(self, work: Work) -> None:
        pass

    def batches(
        self, samples: Samples, indices: Tensor, sizes: Sequence[int], seeds: Iterable[int]
    ) -> Iterator[Batch]:
        return samples.batches(indices, sizes, seeds)

    def between(self, samples: Samples, start: int, stop: int) -> Batch:
        return samples.between(start, stop)

    def sizes(self, sizes: Sequence[int]) -> list[int]:
        return list(sizes)

    def take(self, size: int) -> None:
        pass

    def gradients(self, total: Tensor, parameters: Sequence[Tensor], unused: bool = False) -> Gradients:
        return torch.autograd.grad(total, parameters, allow_unused=unused)

    def total(self, share: Tensor) -> Tensor:
        return share

    def merged(self, totals: Totals, whole: Mapping[str, bool]) -> Totals:
        return totals

    def agreed(self, yes: bool) -> bool:
        return yes

    def gathered(self, value: Any) -> list[Any]:  # noqa: ANN401
        return [value]

    def shared(self, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        return make()

    def own(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return dict(named)

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return dict(tensors)

    def parted_like(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return dict(tensors)

    def norm(self, norms: Tensor) -> Tensor:
        return torch.linalg.vector_norm(norms)

    def norms(self, norms: Tensor) -> Tensor:
        return norms

    def blame(self, error: Exception) -> Exception:
        return error

    def leave(self) -> None:
        pass


ALONE = Alone()
