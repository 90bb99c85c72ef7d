"""Metrics as programs have them: functions that are copied into the source of those that report them.

Each metric gathers something of every batch, and makes a number of all that was gathered in a pass.
"""

# pyright: basic
from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812


def hits(scores: Tensor, target: Tensor) -> Tensor:
    """How often the class with the highest score is right, and how many there are."""
    right = scores.argmax(1) == target
    return torch.stack([right.sum(), torch.ones_like(right).sum()])


def hits_within(scores: Tensor, target: Tensor, places: int) -> Tensor:
    """How often the right class has one of the highest scores, and how many there are."""
    likeliest = scores.topk(min(places, scores.shape[1]), dim=1).indices
    right = (likeliest == target.unsqueeze(1)).any(1)
    return torch.stack([right.sum(), torch.ones_like(right).sum()])


def yes_or_no(scores: Tensor, target: Tensor, threshold: float) -> Tensor:
    """How often yes and no are right, and how many there are."""
    right = (scores.reshape(target.shape) > threshold) == (target > 0.5)
    return torch.stack([right.sum(), torch.ones_like(right).sum()])


def class_counts(scores: Tensor, target: Tensor) -> Tensor:
    """By class: how often it is said rightly, how often said, how often true."""
    said, true, classes = scores.argmax(1).flatten(), target.flatten(), scores.shape[1]
    counted = (said[said == true], said, true)
    return torch.stack([torch.bincount(one, minlength=classes) for one in counted])


def chance_counts(scores: Tensor, target: Tensor, threshold: float) -> Tensor:
    """By column: how often yes is said rightly, how often said, how often true."""
    columns = scores.shape[1] if scores.dim() in (2, 4, 5) else 1
    both = [scores > threshold, target.reshape(scores.shape) > 0.5]
    moved = [one.movedim(1, -1) if columns > 1 else one for one in both]
    said, true = (one.reshape(-1, columns) for one in moved)
    return torch.stack([(said & true).sum(0), said.sum(0), true.sum(0)])


def surprise(scores: Tensor, target: Tensor) -> Tensor:
    """The sum of -log of the share of the right class, and how many there are."""
    logs = scores.double().log_softmax(1).gather(1, target.unsqueeze(1))
    return torch.stack([-logs.sum(), torch.ones_like(logs).sum()])


def surprise_of_logs(logs: Tensor, target: Tensor) -> Tensor:
    """The sum of minus the right class's logarithm, and how many there are."""
    picked = logs.double().gather(1, target.unsqueeze(1))
    return torch.stack([-picked.sum(), torch.ones_like(picked).sum()])


def absolute_errors(prediction: Tensor, target: Tensor) -> Tensor:
    """The sum of all absolute errors, and how many there are."""
    errors = (prediction.reshape(target.shape).double() - target.double()).abs()
    return torch.stack([errors.sum(), torch.ones_like(errors).sum()])


def squared_errors(prediction: Tensor, target: Tensor) -> Tensor:
    """The sum of all squared errors, and how many there are."""
    errors = (prediction.reshape(target.shape).double() - target.double()).square()
    return torch.stack([errors.sum(), torch.ones_like(errors).sum()])


def variances(prediction: Tensor, target: Tensor) -> Tensor:
    """By number of a sample: squared errors, sum, sum of squares, count."""
    truth = target.double().reshape(len(target), -1)
    errors = (prediction.double().reshape(truth.shape) - truth).square()
    sums = [errors.sum(0), truth.sum(0), truth.square().sum(0)]
    return torch.stack([*sums, torch.ones_like(truth).sum(0)])


def class_shares(scores: Tensor, target: Tensor) -> Tensor:
    """The share of each class, and beside it whether the class is true."""
    shares = scores.softmax(1).movedim(1, -1).reshape(-1, scores.shape[1])
    truth = F.one_hot(target.flatten(), scores.shape[1])
    first = 1 if scores.shape[1] == 2 else 0
    return torch.cat([shares[:, first:], truth[:, first:].float()], 1)


def class_shares_of_logs(logs: Tensor, target: Tensor) -> Tensor:
    """The share of each class, and beside it whether the class is true."""
    shares = logs.exp().movedim(1, -1).reshape(-1, logs.shape[1])
    truth = F.one_hot(target.flatten(), logs.shape[1])
    first = 1 if logs.shape[1] == 2 else 0
    return torch.cat([shares[:, first:], truth[:, first:].float()], 1)


def chance_shares(scores: Tensor, target: Tensor) -> Tensor:
    """The score of each column, and beside it whether it is true."""
    columns = scores.shape[1] if scores.dim() in (2, 4, 5) else 1
    truth = target.reshape(scores.shape)
    both = [one.movedim(1, -1) if columns > 1 else one for one in (scores, truth)]
    return torch.cat([one.reshape(-1, columns).float() for one in both], 1)


def mean(gathered: list[Tensor]) -> float:
    """A sum by its count."""
    total, count = torch.stack(gathered).sum(0).tolist()
    return total / count if count else math.nan


def root_of_mean(gathered: list[Tensor]) -> float:
    """The root of a sum by its count."""
    return math.sqrt(mean(gathered))


def exp_of_mean(gathered: list[Tensor]) -> float:
    """Perplexity: as unsure as between so many classes."""
    found = mean(gathered)
    return math.exp(found) if found < 700 else math.inf


def macro(shares: Tensor, there: Tensor) -> float:
    """The mean over the classes that were said or true."""
    found = shares[there].nan_to_num(0.0)
    return float(found.mean()) if len(found) else 0.0


def precision(gathered: list[Tensor]) -> float:
    """What share of what is said to be of a class is."""
    right, said, true = torch.stack(gathered).sum(0).double()
    return macro(right / said, said + true > 0)


def recall(gathered: list[Tensor]) -> float:
    """What share of what is of a class is said to be."""
    right, said, true = torch.stack(gathered).sum(0).double()
    return macro(right / true, said + true > 0)


def f1(gathered: list[Tensor]) -> float:
    """The harmonic mean of precision and recall, which is Dice's overlap too."""
    right, said, true = torch.stack(gathered).sum(0).double()
    return macro(2.0 * right / (said + true), said + true > 0)


def iou(gathered: list[Tensor]) -> float:
    """Overlap by union."""
    right, said, true = torch.stack(gathered).sum(0).double()
    return macro(right / (said + true - right), said + true > 0)


def explained(gathered: list[Tensor]) -> float:
    """R²: the share of the variance that is explained."""
    errors, total, squares, count = torch.stack(gathered).sum(0)
    spread = squares - total.square() / count
    varies = bool((spread > 1e-12 * squares.clamp_min(1e-300)).all())
    return float((1.0 - errors / spread).mean()) if varies else math.nan


def over_columns(
    gathered: list[Tensor], of: Callable[[Tensor, Tensor], float]
) -> float:
    """The mean over the columns in which there is both yes and no."""
    scores, truth = torch.cat(gathered).cpu().tensor_split(2, dim=1)
    pairs = list(zip(scores.T, truth.T > 0.5, strict=True))
    found = [of(score, yes) for score, yes in pairs if 0 < int(yes.sum()) < len(yes)]
    return sum(found) / len(found) if found else math.nan


def auroc(scores: Tensor, yes: Tensor) -> float:
    """The share of pairs of a yes and a no in which the yes has the larger score."""
    order = scores.argsort()
    counts = torch.unique_consecutive(scores[order], return_counts=True)[1]
    ranks = counts.cumsum(0).double() - (counts.double() - 1.0) / 2.0
    positives = int(yes.sum())
    above = float(ranks.repeat_interleave(counts)[yes[order]].sum())
    above -= positives * (positives + 1) / 2.0
    return above / (positives * (len(yes) - positives))


def average_precision(scores: Tensor, yes: Tensor) -> float:
    """The precision at every threshold, weighted by the recall that it adds."""
    order = scores.argsort(descending=True)
    counts = torch.unique_consecutive(scores[order], return_counts=True)[1]
    last = counts.cumsum(0)
    found = yes[order].double().cumsum(0)[last - 1]
    added = torch.diff(found, prepend=found.new_zeros(1))
    return float((found / last * added).sum() / found[-1])
