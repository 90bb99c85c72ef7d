"""The metrics of one loss node over one pass.

The steps that are summed together are always the same ones, whenever somebody looks: so a resumed run reports
the same digits as one that was never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from studio.build.plan import LossStep
from studio.catalog.registry import Compares, Turn
from studio.train.metrics.classes import chance_metric, class_metric, flat_classes
from studio.train.metrics.metric import Metric
from studio.train.metrics.numbers import NUMBERS
from studio.train.metrics.own_units import PLAIN, OwnUnits

STEPS = 128
BYTES = 4 * 1024 * 1024
"""At most so many steps, and so many bytes of predictions, wait to be summed."""
LARGEST = 64 * 1024 * 1024
"""Numbers that a metric which needs every score may keep; of a longer pass it is not told."""

Totals = dict[str, list[Tensor]]
"""What metrics have gathered, by their key; nothing where it had become too much."""
Merge = Callable[[Totals, Mapping[str, bool]], Totals]
"""Puts together what several processes have gathered; of each key, whether it is joined row by row."""


class Tracker:
    """Gathers what the metrics of a loss need; nothing is computed in most steps."""

    def __init__(
        self,
        names: Sequence[str],
        compares: Compares = "classes",
        turn: Turn = "softmax",
        ignored: int | None = None,
        units: OwnUnits = PLAIN,
    ) -> None:
        """`ignored` is the class that does not count, `units` those in which numbers are compared."""
        self._metrics = {units.named(name): _metric(name, compares, turn) for name in names}
        self._units = units
        self._makers = {one.key: one for one in self._metrics.values()}
        self._ignored = ignored
        self._flat = compares == "classes"
        self._sums: dict[str, list[Tensor]] = {}
        self._waiting: list[tuple[Tensor, Tensor]] = []
        self._room = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that it can tell."""
        return tuple(self._metrics)

    def add(self, prediction: Tensor, target: Tensor) -> None:
        """Take the predictions of one step."""
        if not self._metrics:
            return
        if not self._waiting:
            self._room = max(1, min(STEPS, BYTES // max(1, prediction.numel() * prediction.element_size())))
        self._waiting.append((prediction, target))
        if len(self._waiting) >= self._room:
            self._sums = self._totals()
            self._waiting = []

    def results(self, all: bool = True, merge: Merge | None = None) -> dict[str, float]:
        """The metrics so far, those left out that cannot be told (nothing seen yet, or no number).

        Without `all` those that need every score are left out too: they take long.
        """
        totals = self._totals()
        if merge is not None and self._makers:
            totals = merge(
                totals, {key: one.whole for key, one in self._makers.items() if all or not one.whole}
            )
        found = {
            name: metric.finish(
                torch.cat(totals[metric.key]).cpu() if metric.whole else totals[metric.key][0].cpu()
            )
            for name, metric in self._metrics.items()
            if totals.get(metric.key) and (all or not metric.whole)
        }
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def reset(self) -> None:
        """Start over."""
        self._sums, self._waiting = {}, []

    def state(self) -> dict[str, Tensor]:
        """All that `load` needs to go on as if nothing had happened."""
        kept = {f"sums.{key}": _joined(parts) for key, parts in self._sums.items()}
        if self._waiting:
            predictions, targets = zip(*self._waiting, strict=True)
            kept["predictions"], kept["targets"] = torch.cat(predictions), torch.cat(targets)
            kept["sizes"] = torch.tensor([len(one) for one in predictions])
        return kept

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self._sums = {
            name.removeprefix("sums."): [one] if len(one) else []
            for name, one in state.items()
            if name.startswith("sums.")
        }
        if "sizes" in state:
            sizes: list[int] = state["sizes"].tolist()
            for prediction, target in zip(
                state["predictions"].split(sizes), state["targets"].split(sizes), strict=True
            ):
                self.add(prediction, target)

    def absorb(self, state: Mapping[str, Tensor]) -> None:
        """Add what another process has gathered, as its `state` gave it."""
        own = self._totals()
        self.reset()
        self.load(state)
        self._sums = together([own, self._totals()], {key: one.whole for key, one in self._makers.items()})
        self._waiting = []

    def _totals(self) -> dict[str, list[Tensor]]:
        """The sums with those that wait, without taking them in."""
        if not self._waiting:
            return self._sums
        waiting = [flat_classes(*pair) for pair in self._waiting] if self._flat else self._waiting
        predictions, targets = zip(*waiting, strict=True)
        prediction, target = torch.cat(predictions), torch.cat(targets)
        if self._ignored is not None:
            prediction, target = _counted(prediction, target, self._ignored)
        prediction, target = self._units(prediction), self._units(target)
        return {key: self._added(metric, prediction, target) for key, metric in self._makers.items()}

    def _added(self, metric: Metric, prediction: Tensor, target: Tensor) -> list[Tensor]:
        before = self._sums.get(metric.key)
        if before is not None and not before:  # it had become too much
            return []
        new = metric.gather(prediction, target)
        if not metric.whole:
            return [before[0] + new if before else new]
        parts = [*(before or ()), new]
        return parts if sum(one.numel() for one in parts) <= LARGEST else []


def together(found: Sequence[Totals], whole: Mapping[str, bool]) -> Totals:
    """What several have gathered as one: sums added up, and what is `whole` joined."""
    merged: Totals = {}
    for key, joined in whole.items():
        parts = [one[key] for one in found if key in one]
        if not all(parts):
            merged[key] = []
        elif joined and parts:
            merged[key] = [tensor for tensors in parts for tensor in tensors]
        elif parts:
            merged[key] = [torch.stack([one[0] for one in parts]).sum(0)]
    return merged


def tracker_of(loss: LossStep, units: OwnUnits = PLAIN) -> Tracker:
    """The metrics that a loss of a plan reports, of numbers in these units."""
    ignored = loss.kwargs.get("ignore_index") if loss.layer.compares == "classes" else None
    return Tracker(loss.metrics, loss.layer.compares, loss.layer.turn, ignored, units)


def _metric(name: str, compares: Compares, turn: Turn) -> Metric:
    if name in NUMBERS:
        return NUMBERS[name]
    if compares == "classes":
        return class_metric(name, turn)
    return chance_metric(name, 0.0 if turn == "sigmoid" or compares == "signs" else 0.5)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return torch.cat(tuple(parts)) if parts else torch.zeros(0)


def _counted(prediction: Tensor, target: Tensor, ignored: int) -> tuple[Tensor, Tensor]:
    """Class scores (n, classes) and class indices (n,), without what the loss leaves out.

    Most often that is nothing: then the scores are not copied.
    """
    kept = target != ignored
    return (prediction, target) if bool(kept.all()) else (prediction[kept], target[kept])
