"""Metrics of a loss node, summed on the device, some steps at a time, and read only when they are shown.

The steps that are summed together are always the same ones, whenever somebody looks: so a resumed run reports
the same digits as one that was never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

STEPS = 32
BYTES = 4 * 1024 * 1024
"""At most so many steps, and so many bytes of predictions, wait to be summed."""


class _Metric(NamedTuple):
    """`sums` (prediction, target) -> float64 sums that add up over batches; `finish` makes the metric."""

    sums: Callable[[Tensor, Tensor], Tensor]
    finish: Callable[[Tensor], float]


class Tracker:
    """The metrics of one loss node over one pass."""

    def __init__(self, names: Sequence[str], classes: bool = True, ignored: int | None = None) -> None:
        """`classes`: targets are class indices; `ignored` is the one that does not count."""
        known = _METRICS if classes else {**_METRICS, "accuracy": _Metric(_yes_or_no, _mean)}
        self._metrics = {name: known[name] for name in names}
        self._ignored = ignored
        self._sums: dict[str, Tensor] = {}
        self._waiting: list[tuple[Tensor, Tensor]] = []
        self._room = 0

    def add(self, prediction: Tensor, target: Tensor) -> None:
        """Take the predictions of one step; nothing is computed yet in most steps."""
        if not self._metrics:
            return
        if not self._waiting:
            self._room = max(1, min(STEPS, BYTES // max(1, prediction.numel() * prediction.element_size())))
        self._waiting.append((prediction, target))
        if len(self._waiting) >= self._room:
            self._sums = self._totals()
            self._waiting = []

    def results(self) -> dict[str, float]:
        """The metrics so far, those left out that cannot be told (nothing seen yet, or no number)."""
        found = {name: self._metrics[name].finish(sums.cpu()) for name, sums in self._totals().items()}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def reset(self) -> None:
        """Start over."""
        self._sums, self._waiting = {}, []

    def state(self) -> dict[str, Tensor]:
        """All that `load` needs to go on as if nothing had happened."""
        kept = {f"sums.{name}": sums for name, sums in self._sums.items()}
        if self._waiting:
            predictions, targets = zip(*self._waiting, strict=True)
            kept["predictions"], kept["targets"] = torch.cat(predictions), torch.cat(targets)
            kept["sizes"] = torch.tensor([len(one) for one in predictions])
        return kept

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self._sums = {name[5:]: sums for name, sums in state.items() if name.startswith("sums.")}
        if "sizes" in state:
            sizes: list[int] = state["sizes"].tolist()
            for prediction, target in zip(
                state["predictions"].split(sizes), state["targets"].split(sizes), strict=True
            ):
                self.add(prediction, target)

    def _totals(self) -> dict[str, Tensor]:
        """The sums with those that wait, without taking them in."""
        if not self._waiting:
            return self._sums
        predictions, targets = zip(*self._waiting, strict=True)
        prediction, target = torch.cat(predictions), torch.cat(targets)
        if self._ignored is not None:
            prediction, target = _counted(prediction, target, self._ignored)
        new = {name: metric.sums(prediction, target) for name, metric in self._metrics.items()}
        return {name: self._sums[name] + sums if self._sums else sums for name, sums in new.items()}


def _counted(prediction: Tensor, target: Tensor, ignored: int) -> tuple[Tensor, Tensor]:
    """Class scores (n, classes) and class indices (n,), without what the loss leaves out."""
    scores, classes = _flat_classes(prediction, target)
    kept = classes != ignored
    return scores[kept], classes[kept]


def _flat_classes(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (n, classes, …) and classes (n, …) as (m, classes) and (m,)."""
    if prediction.dim() <= 2:
        return prediction, target
    return prediction.movedim(1, -1).reshape(-1, prediction.shape[1]), target.reshape(-1)


def _share(right: Tensor) -> Tensor:
    return torch.stack((right.sum(), right.new_tensor(right.numel(), dtype=torch.int64))).double()


def _accuracy(prediction: Tensor, target: Tensor) -> Tensor:
    scores, classes = _flat_classes(prediction, target)
    return _share(scores.argmax(1) == classes)


def _yes_or_no(prediction: Tensor, target: Tensor) -> Tensor:
    return _share((prediction.reshape(target.shape) > 0) == (target > 0.5))


def _top5(prediction: Tensor, target: Tensor) -> Tensor:
    scores, classes = _flat_classes(prediction, target)
    likeliest = scores.topk(min(5, scores.shape[1]), dim=1).indices
    return _share((likeliest == classes.unsqueeze(1)).any(1))


def _errors(prediction: Tensor, target: Tensor) -> Tensor:
    return prediction.reshape(target.shape).double() - target.double()


def _absolute(prediction: Tensor, target: Tensor) -> Tensor:
    errors = _errors(prediction, target).abs()
    return torch.stack((errors.sum(), errors.new_tensor(errors.numel())))


def _squared(prediction: Tensor, target: Tensor) -> Tensor:
    errors = _errors(prediction, target).square()
    return torch.stack((errors.sum(), errors.new_tensor(errors.numel())))


def _variance(prediction: Tensor, target: Tensor) -> Tensor:
    """Per number of a sample: squared errors, sum, sum of squares, count."""
    truth = target.double().reshape(len(target), -1)
    errors = _errors(prediction, target).reshape(len(target), -1)
    count = truth.new_full((truth.shape[1],), len(truth))
    return torch.stack((errors.square().sum(0), truth.sum(0), truth.square().sum(0), count))


def _mean(sums: Tensor) -> float:
    total, count = sums.tolist()
    return total / count if count else math.nan


def _root(sums: Tensor) -> float:
    return math.sqrt(_mean(sums))


def _explained(sums: Tensor) -> float:
    """1 - squared errors / variance, the mean over the numbers of a sample; none where one never varies."""
    errors, total, squares, count = sums
    spread = squares - total.square() / count
    floor = 1e-12 * squares.clamp_min(1e-300)
    return float((1.0 - errors / spread).mean()) if bool((spread > floor).all()) else math.nan


_METRICS: Mapping[str, _Metric] = {
    "accuracy": _Metric(_accuracy, _mean),
    "top5": _Metric(_top5, _mean),
    "mae": _Metric(_absolute, _mean),
    "rmse": _Metric(_squared, _root),
    "r2": _Metric(_variance, _explained),
}
