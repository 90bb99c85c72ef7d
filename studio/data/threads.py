"""Work on many rows at once, in as many threads as there are processors: array functions let others run."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

SPAN = 1 << 16
"""Rows that a thread does in a row. What comes out must not depend on how many threads there are."""
T = TypeVar("T")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_rows(count: int, work: Callable[[int, int], T]) -> list[T]:
    """What `work` makes of the rows from a first up to another, for all rows, in their order."""
    spans = [(start, min(start + SPAN, count)) for start in range(0, count, SPAN)]
    if len(spans) < 2 or processors() < 2:
        return [work(*one) for one in spans]
    begins, ends = zip(*spans, strict=True)
    with ThreadPoolExecutor(processors()) as pool:
        return list(pool.map(work, begins, ends))
