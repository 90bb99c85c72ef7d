"""Metrics of classes, and of yes and no: shares of what is right, and those made of counts per class."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from studio.catalog.metrics import places
from studio.catalog.registry import Turn
from studio.train.kernels.accuracy import count_right
from studio.train.metrics import ranking
from studio.train.metrics.metric import Metric, mean

Gather = Callable[[Tensor, Tensor], Tensor]


class _Counts(NamedTuple):
    """By class: how often it was said rightly, how often said, how often true."""

    right: Tensor
    said: Tensor
    true: Tensor


def class_metric(name: str, turn: Turn) -> Metric:
    """A metric of class scores (n, classes, …) and class indices (n, …)."""
    if (count := places(name)) is not None:
        return Metric(name, _likeliest(count), mean)
    if name in RANKED:
        return Metric("scores", _class_rows(turn), ranking.over_columns(RANKED[name]), whole=True)
    if name in BY_COUNTS:
        return Metric("counts", _class_counts, _macro(BY_COUNTS[name]))
    known = {
        "accuracy": Metric(name, _accuracy, mean),
        "perplexity": Metric(name, _surprise(turn), _perplexity),
    }
    return known[name]


def chance_metric(name: str, threshold: float) -> Metric:
    """A metric of scores and truth from 0 to 1 in the same shape; a score above `threshold` says yes."""
    if name in RANKED:
        return Metric("scores", _chance_rows, ranking.over_columns(RANKED[name]), whole=True)
    if name in BY_COUNTS:
        return Metric("counts", _chance_counts(threshold), _macro(BY_COUNTS[name]))
    assert name == "accuracy"
    return Metric(name, _yes_or_no(threshold), mean)


def flat_classes(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (n, classes, …) and classes (n, …) as (m, classes) and (m,)."""
    if prediction.dim() <= 2:
        return prediction, target
    return prediction.movedim(1, -1).reshape(-1, prediction.shape[1]), target.reshape(-1)


def _columns(one: Tensor) -> Tensor:
    """Yes and no as (m, columns): a column for each of several at once, one where there is one a place."""
    if one.dim() in (2, 4, 5):
        return one.movedim(1, -1).reshape(-1, one.shape[1])
    return one.reshape(-1, 1)


def _share(right: Tensor) -> Tensor:
    return torch.stack((right.sum(), right.new_tensor(right.numel(), dtype=torch.int64))).double()


def _accuracy(prediction: Tensor, target: Tensor) -> Tensor:
    scores, classes = flat_classes(prediction, target)
    found = torch.as_tensor(count_right(scores, classes), dtype=torch.float64, device=scores.device)
    return torch.stack((found, found.new_tensor(classes.numel())))


def _yes_or_no(threshold: float) -> Gather:
    return lambda said, true: _share((said.reshape(true.shape) > threshold) == (true > 0.5))


def _likeliest(count: int) -> Gather:
    def gather(prediction: Tensor, target: Tensor) -> Tensor:
        scores, classes = flat_classes(prediction, target)
        likeliest = scores.topk(min(count, scores.shape[1]), dim=1).indices
        return _share((likeliest == classes.unsqueeze(1)).any(1))

    return gather


def _class_counts(prediction: Tensor, target: Tensor) -> Tensor:
    scores, truth = flat_classes(prediction, target)
    said, none = scores.argmax(1), truth.new_zeros(scores.shape[1])  # bincount would wait for the device
    every = torch.ones_like(truth)
    right = none.scatter_add(0, truth, (said == truth).long())
    return torch.stack((right, none.scatter_add(0, said, every), none.scatter_add(0, truth, every)))


def _chance_counts(threshold: float) -> Gather:
    def gather(prediction: Tensor, target: Tensor) -> Tensor:
        said = _columns(prediction > threshold)
        true = _columns(target.reshape(prediction.shape) > 0.5)
        return torch.stack(((said & true).sum(0), said.sum(0), true.sum(0)))

    return gather


def _macro(of: Callable[[_Counts], Tensor]) -> Callable[[Tensor], float]:
    """The mean over the classes that were said or true; 0 for one that was never said or never true."""

    def finish(sums: Tensor) -> float:
        counts = _Counts(*sums.double())
        there = (counts.said + counts.true) > 0
        if not bool(there.any()):
            return 0.0 if sums.shape[1] == 1 else math.nan
        return float(of(counts)[there].nan_to_num(0.0).mean())

    return finish


BY_COUNTS: Mapping[str, Callable[[_Counts], Tensor]] = {
    "precision": lambda one: one.right / one.said,
    "recall": lambda one: one.right / one.true,
    "f1": lambda one: 2.0 * one.right / (one.said + one.true),
    "dice": lambda one: 2.0 * one.right / (one.said + one.true),
    "iou": lambda one: one.right / (one.said + one.true - one.right),
}
RANKED: Mapping[str, Callable[[Tensor, Tensor], float]] = {
    "auroc": ranking.auroc,
    "average_precision": ranking.average_precision,
}


def _class_rows(turn: Turn) -> Gather:
    def gather(prediction: Tensor, target: Tensor) -> Tensor:
        scores, classes = flat_classes(prediction, target)
        shares = scores.exp() if turn == "exp" else scores.softmax(1)
        if shares.shape[1] == 2:
            return ranking.rows(shares[:, 1:], classes[:, None])
        return ranking.rows(shares, functional.one_hot(classes, shares.shape[1]))

    return gather


def _chance_rows(prediction: Tensor, target: Tensor) -> Tensor:
    return ranking.rows(_columns(prediction), _columns(target.reshape(prediction.shape)))


def _surprise(turn: Turn) -> Gather:
    """−log of the share of the right class."""

    def gather(prediction: Tensor, target: Tensor) -> Tensor:
        scores, classes = flat_classes(prediction, target)
        logs = scores.double() if turn == "exp" else scores.double().log_softmax(1)
        picked = -logs.gather(1, classes[:, None])
        return torch.stack((picked.sum(), picked.new_tensor(picked.numel())))

    return gather


def _perplexity(sums: Tensor) -> float:
    surprise = mean(sums)
    return math.exp(surprise) if surprise < 700 else math.inf
