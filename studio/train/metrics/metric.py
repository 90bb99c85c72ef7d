"""What a metric is: something that is gathered over the steps of a pass, and a number made of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Metric(NamedTuple):
    """`gather` (prediction, target) -> what adds up over batches, or with `whole` is joined row by row;
    `finish` makes the metric of it. Metrics of one `key` share what they gather.
    """

    key: str
    gather: Callable[[Tensor, Tensor], Tensor]
    finish: Callable[[Tensor], float]
    whole: bool = False


def mean(sums: Tensor) -> float:
    """A total by its count."""
    total, count = sums.tolist()
    return total / count if count else math.nan
