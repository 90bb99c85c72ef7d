"""Metrics that need every score of a pass, since they rank them: AUROC and average precision."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


def rows(shares: Tensor, truth: Tensor) -> Tensor:
    """Shares (n, columns) and what is true of each (0 or 1), side by side: (n, 2 · columns)."""
    return torch.cat((shares.float(), truth.float()), 1)


def over_columns(of: Callable[[Tensor, Tensor], float]) -> Callable[[Tensor], float]:
    """The mean over the columns in which there is both yes and no; none where there is no such column."""

    def finish(gathered: Tensor) -> float:
        scores, truth = gathered.tensor_split(2, dim=1)
        found = [
            of(scores[:, at], truth[:, at] > 0.5)
            for at in range(scores.shape[1])
            if 0 < int((truth[:, at] > 0.5).sum()) < len(truth)
        ]
        return sum(found) / len(found) if found else math.nan

    return finish


def auroc(scores: Tensor, yes: Tensor) -> float:
    """The share of pairs of a yes and a no in which the yes has the larger score; equal ones count half."""
    order = scores.argsort()
    counts = torch.unique_consecutive(scores[order], return_counts=True)[1]
    last = counts.cumsum(0).double()
    ranks = (last - (counts.double() - 1.0) / 2.0).repeat_interleave(counts)
    positives = int(yes.sum())
    above = float(ranks[yes[order]].sum()) - positives * (positives + 1) / 2.0
    return above / (positives * (len(yes) - positives))


def average_precision(scores: Tensor, yes: Tensor) -> float:
    """The precision at every threshold, weighted by the recall that it adds."""
    order = scores.argsort(descending=True)
    counts = torch.unique_consecutive(scores[order], return_counts=True)[1]
    last = counts.cumsum(0)
    found = yes[order].double().cumsum(0)[last - 1]
    precision = found / last
    added = torch.diff(found, prepend=found.new_zeros(1))
    return float((precision * added).sum() / found[-1])
