"""One way to compute a training: threads, how weights lie, precision, compiled or recorded; and taking it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from studio.build.network import Network
from studio.train.layout import FORMATS, Layout, lay
from studio.train.objective import Values
from studio.train.precision import values_in
from studio.train.samples import Batch
from studio.train.tape import Taped

if TYPE_CHECKING:
    from studio.train.work import Work


@dataclass(frozen=True, slots=True)
class Way:
    """How a training is computed."""

    threads: int
    memory_format: Layout
    precision: str = "float32"
    compiled: bool = False
    recorded: bool = False

    def saved(self) -> dict[str, Any]:
        """As values for JSON."""
        return asdict(self)


def way_of(work: Work) -> Way:
    """How a run made ready computes."""
    chosen, compiled = str(work.options["precision"]), work.options["compile"] == "on"
    return Way(work.threads, work.layout, "float32" if chosen == "auto" else chosen, compiled)


def read_way(values: Mapping[str, Any], present: Way) -> Way:
    """The way that a run's record says, as far as it can be read; what the settings fix stays."""
    threads, layout = values.get("threads"), values.get("memory_format")
    compiled, recorded = values.get("compiled") is True, values.get("recorded") is True
    found = replace(present, compiled=present.compiled or compiled, recorded=recorded)
    if isinstance(threads, int) and 0 < threads <= 1024:
        found = replace(found, threads=threads)
    if layout in FORMATS:
        found = replace(found, memory_format=layout)
    return found


def take_way(work: Work, way: Way) -> None:
    """Compute a run so from the next step on. What the optimizer keeps moves with the weights."""
    work.way, work.threads = way, way.threads
    torch.set_num_threads(way.threads)
    if way.memory_format != work.layout:
        lay(work.network, way.memory_format)
        work.layout = way.memory_format
        if work.update is not None:
            kept = work.update.state()
            work.prepare_update(list(work.trained)).load(kept)
    work.objective.values = values_by(way, work.network, work.device, work.batch_size)
    work.taped = None
    if way.recorded and work.full is None:
        work.taped = Taped(work.network, work.objective, lambda: work.trained, work.batch_size)


def values_by(way: Way, network: Network, device: torch.device, size: int) -> Values:
    """What runs a network in a way, on batches of `size` samples."""
    return values_in(way.precision, compiled(network, size) if way.compiled else network.values, device)


def compiled(network: Network, size: int) -> Values:
    """Whole batches of a training through what torch.compile makes of the network; all else as it is.

    A last batch of another size, and those without gradients, would each be compiled by itself.
    """
    mode = "reduce-overhead" if any(one.is_cuda for one in network.parameters()) else None
    quick: Callable[..., tuple[Tensor, ...]] = torch.compile(network.tensors, mode=mode)

    def values(batch: Batch) -> Mapping[Any, Tensor]:
        given = [batch[field] for field in network.fields]
        whole = network.training and torch.is_grad_enabled() and all(len(one) == size for one in given)
        return dict(zip(network.refs, quick(*given), strict=True)) if whole else network.values(batch)

    return values
