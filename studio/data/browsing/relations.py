"""How much a column has to do with the target: Pearson or Spearman, correlation ratio, or Cramér's V."""

from __future__ import annotations

import numpy as np

from studio.data.browsing.seen import Seen
from studio.data.raw import Array


def strength(column: Seen, target: Seen, rows: Array) -> tuple[float, str]:
    """The strength and the name of its measure; 0 where one of the two does not vary."""
    one, other = column.numbers(rows), target.numbers(rows)
    there = np.isfinite(one) & np.isfinite(other)
    one, other = one[there], other[there]
    if len(one) < 3 or one.std() == 0 or other.std() == 0:
        return 0.0, "does not vary"
    classes = (column.kind == "category", target.kind == "category")
    if classes == (True, True):
        return cramer(one, other), "Cramér's V"
    if classes == (False, False):
        return _correlation(one, other)
    values, groups = (other, one) if classes[0] else (one, other)
    return correlation_ratio(values, groups), "correlation ratio η"


def _correlation(one: Array, other: Array) -> tuple[float, str]:
    """The stronger of the linear and the monotonic."""
    pearson, spearman = _pearson(one, other), _pearson(ranks(one), ranks(other))
    return (spearman, "Spearman's ρ") if abs(spearman) > abs(pearson) + 0.02 else (pearson, "Pearson's r")


def correlation_ratio(values: Array, groups: Array) -> float:
    """The root of the share of the variance that lies between groups."""
    _, at = np.unique(groups, return_inverse=True)
    counts = np.bincount(at)
    means = np.bincount(at, values) / counts
    between = (counts * (means - values.mean()) ** 2).sum()
    return float(np.sqrt(between / ((values - values.mean()) ** 2).sum()))


def cramer(one: Array, other: Array) -> float:
    """Cramér's V of two columns of classes, without the bias of small tables (Bergsma 2013)."""
    _, first = np.unique(one, return_inverse=True)
    _, second = np.unique(other, return_inverse=True)
    shape = (first.max() + 1, second.max() + 1)
    table = (
        np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1])
        .reshape(shape)
        .astype(np.float64)
    )
    count = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / count
    phi = ((table - expected) ** 2 / expected).sum() / count
    rows, columns = shape
    unbiased = max(0.0, phi - (rows - 1) * (columns - 1) / (count - 1))
    least = min(rows - (rows - 1) ** 2 / (count - 1), columns - (columns - 1) ** 2 / (count - 1)) - 1
    return float(min(1.0, np.sqrt(unbiased / least))) if least > 0 else 0.0


def ranks(values: Array) -> Array:
    """Ranks, equal values sharing the mean of theirs."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + last - 1) / 2.0)[at]


def _pearson(one: Array, other: Array) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / scale) if scale else 0.0
