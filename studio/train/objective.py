"""What training makes small: the weighted sum of all losses of a drawing, and the ledger of what it was."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from studio.build import calls
from studio.build.network import Network, make_losses
from studio.build.plan import LossStep, Plan, Ref
from studio.train.metrics import tracker_of
from studio.train.metrics.own_units import PLAIN, OwnUnits
from studio.train.samples import Batch
from studio.train.team import ALONE, Team


class NodeError(Exception):
    """An exception in the layer or loss of a node; the exception itself is the cause."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class _Loss(NamedTuple):
    """`args` and `named` are what its module is called with, `compared` all of that in the ports' order."""

    name: str
    module: nn.Module
    weight: float
    args: tuple[Ref, ...]
    named: Mapping[str, Ref]
    compared: tuple[Ref, ...]


Values = Callable[[Batch], Mapping[Ref, Tensor]]
"""Runs a network: every tensor that losses need, from the fields of a batch."""
Compared = tuple[Tensor, ...]
"""The tensors of a loss, in the order of its ports."""


class Outcome(NamedTuple):
    """One batch: the sum, each node's own loss, and what each compared (detached), in the plan's order."""

    total: Tensor
    losses: tuple[Tensor, ...]
    compared: tuple[Compared, ...]


class Objective:
    """Runs the network on a batch and adds up its losses.

    `values` computes what losses compare, where the network's own `values` is not what does.
    """

    def __init__(self, plan: Plan, network: Network, values: Values | None = None) -> None:
        modules = make_losses(plan)
        self.plan = plan
        self.values = values or network.values
        self._losses = [_loss(loss, modules[loss.name].to(_device(network))) for loss in plan.losses]

    def __call__(self, batch: Batch) -> Outcome:
        values = self.values(batch)
        losses: list[Tensor] = []
        compared: list[Compared] = []
        total: Tensor | None = None
        for name, module, weight, args, named, refs in self._losses:
            try:
                if named:
                    loss = module(*[values[ref] for ref in args], **{k: values[r] for k, r in named.items()})
                else:
                    loss = module(*[values[ref] for ref in args])
            except Exception as error:
                raise NodeError(name) from error
            losses.append(loss)
            compared.append(tuple([values[ref].detach() for ref in refs]))
            weighted = loss if weight == 1.0 else loss * weight
            total = weighted if total is None else total + weighted
        assert total is not None, "a plan without losses is never trained"
        return Outcome(total, tuple(losses), tuple(compared))

    def wrap(self, wrapped: Callable[[str, nn.Module], nn.Module]) -> None:
        """Have every loss computed by what is made of its name and its module."""
        self._losses = [one._replace(module=wrapped(one.name, one.module)) for one in self._losses]

    @property
    def modules(self) -> list[tuple[LossStep, nn.Module]]:
        """The losses with what computes each."""
        return [(loss, one.module) for loss, one in zip(self.plan.losses, self._losses, strict=True)]

    def portioned(
        self, losses: Sequence[Tensor], portions: Sequence[float]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The sum and the losses of a part of a batch, each as its portion of the whole batch's.

        A loss to which nothing in the part counts is none, whatever it divides by.
        """
        own = [
            loss * portion if portion else loss.nan_to_num(0.0) * 0.0
            for loss, portion in zip(losses, portions, strict=True)
        ]
        weighted = [
            loss if one.weight == 1.0 else loss * one.weight
            for loss, one in zip(own, self._losses, strict=True)
        ]
        total = weighted[0]
        for one in weighted[1:]:
            total = total + one
        return total, tuple(own)


def _loss(loss: LossStep, module: nn.Module) -> _Loss:
    args, named = calls.arrange(loss.layer, loss.ports, loss.args)
    return _Loss(loss.name, module, loss.weight, tuple(args), named, loss.args)


def _device(network: Network) -> torch.device:
    """Where the network computes; one without weights and buffers computes where its inputs are."""
    tensors = (*network.parameters(), *network.buffers())
    return tensors[0].device if tensors else torch.device("cpu")


class NotFiniteError(Exception):
    """A loss that is no number: the `index`-th of those just read."""

    def __init__(self, index: int, value: float, losses: Sequence[float]) -> None:
        super().__init__(index, value)
        self.index, self.value = index, value
        self.before, self.waiting = list(losses[:index]), len(losses)


class Ledger:
    """Losses and metrics of one pass over a part. Everything stays on the device until it is read.

    `units` are those that the metrics of a loss node are told in, where they are others than it compares in.
    """

    def __init__(
        self, plan: Plan, units: Mapping[str, OwnUnits] = MappingProxyType({}), team: Team = ALONE
    ) -> None:
        self._team = team
        several = len(plan.losses) > 1
        self._names = ["loss", *(f"{loss.name}.loss" for loss in plan.losses if several)]
        self._trackers = {
            f"{loss.name}." if several else "": (
                tracker_of(loss, units.get(loss.name, PLAIN)),
                _measured(loss),
            )
            for loss in plan.losses
        }
        self.known = (
            *self._names,
            *(f"{prefix}{name}" for prefix, (tracker, _) in self._trackers.items() for name in tracker.names),
        )
        """The names of all that it can tell."""
        self._waiting: list[Tensor] = []
        self._counts: list[int] = []
        self._sums = [0.0] * len(self._names)
        self._samples = 0

    def add(self, outcome: Outcome, count: int) -> None:
        """Take the outcome of a batch of `count` samples; costs no wait for the device."""
        self.add_losses(outcome.total, outcome.losses, count)
        self.add_compared(outcome)

    def add_losses(self, total: Tensor, losses: Sequence[Tensor], count: int) -> None:
        """Take the losses of a batch of `count` samples."""
        self._waiting.append(total.detach())
        if len(self._names) > 1:
            self._waiting.extend(loss.detach() for loss in losses)
        self._counts.append(count)

    def add_compared(self, outcome: Outcome) -> None:
        """Take what a batch, or a part of one, compares."""
        if not self._team.counts:
            return
        for (tracker, pair), compared in zip(self._trackers.values(), outcome.compared, strict=True):
            if pair is not None:
                tracker.add(*pair(compared))

    def read(self) -> list[float]:
        """The losses since the last reading, in order. Raises NotFiniteError for the first that is none."""
        if not self._waiting:
            return []
        losses = self._team.total(torch.stack(self._waiting))
        rows: list[list[float]] = losses.view(-1, len(self._names)).tolist()
        self._waiting = []
        counts, self._counts = self._counts, []
        for index, (row, count) in enumerate(zip(rows, counts, strict=True)):
            if not math.isfinite(row[0]):
                raise NotFiniteError(index, row[0], [row[0] for row in rows])
            self._sums = [total + value * count for total, value in zip(self._sums, row, strict=True)]
            self._samples += count
        return [row[0] for row in rows]

    def metrics(self, all: bool = True) -> dict[str, float]:
        """Means of all losses read so far, and the metrics; without `all` only those told quickly."""
        count = self._samples
        found = {name: total / count for name, total in zip(self._names, self._sums, strict=True) if count}
        for prefix, (tracker, _) in self._trackers.items():
            found |= {
                f"{prefix}{name}": value for name, value in tracker.results(all, self._team.merged).items()
            }
        return found

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that `load` needs, once every loss was read: as tensors, and as values for JSON."""
        assert not self._waiting
        tensors = {
            f"{prefix}{key}": one
            for prefix, (tracker, _) in self._trackers.items()
            for key, one in tracker.state().items()
        }
        return tensors, {"sums": self._sums, "samples": self._samples}

    def load(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        for prefix, (tracker, _) in self._trackers.items():
            tracker.load({key[len(prefix) :]: one for key, one in tensors.items() if key.startswith(prefix)})
        self._sums, self._samples = list(values["sums"]), values["samples"]

    def absorb(self, tensors: Mapping[str, Tensor]) -> None:
        """Add what the metrics of another process have gathered."""
        for prefix, (tracker, _) in self._trackers.items():
            tracker.absorb(
                {key[len(prefix) :]: one for key, one in tensors.items() if key.startswith(prefix)}
            )


def _measured(loss: LossStep) -> Callable[[Compared], tuple[Tensor, Tensor]] | None:
    """The prediction and the target that metrics compare, out of a loss's tensors; None without a target."""
    if "target" not in loss.ports:
        return None
    at = loss.ports.index("target")
    if loss.layer.compares == "classes":
        return lambda compared: (compared[0], _likeliest(compared[at]))
    if loss.layer.compares == "signs" and at == 2:
        return lambda compared: (compared[0] - compared[1], compared[at])
    return lambda compared: (compared[0], compared[at])


def _likeliest(target: Tensor) -> Tensor:
    """Classes as metrics compare them: mixed samples have shares of several, of which the largest counts."""
    return target.argmax(1) if target.is_floating_point() else target
