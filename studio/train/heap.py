"""Memory that a step frees stays with the process for the next step, which asks for as much again.

By itself glibc hands the end of its heap back to the system as soon as it is free, so that every step has
its pages made and cleared anew: up to a tenth of the time of a small convolutional network's. Where the C
library is another one nothing is done. See https://man7.org/linux/man-pages/man3/mallopt.3.html.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""What mallopt calls its settings."""
MEBIBYTE = 1 << 20
LARGEST = 32 * MEBIBYTE
"""The size from which a piece of memory is one of its own, whatever is set: the largest that glibc takes."""
WHILE_TRAINING = {MMAP_THRESHOLD: LARGEST, TOP_PAD: 2 * LARGEST, TRIM_THRESHOLD: 1024 * MEBIBYTE}
OTHERWISE = {MMAP_THRESHOLD: LARGEST, TOP_PAD: 0, TRIM_THRESHOLD: 2 * LARGEST}
"""The second is what glibc comes to by itself when large pieces have been freed."""


@contextmanager
def kept() -> Generator[None]:
    """Keep what is freed, until the end; then give all of it back."""
    _set(WHILE_TRAINING)
    try:
        yield
    finally:
        _set(OTHERWISE)
        give_back()


def give_back() -> None:
    """Hand the free memory of this process to the system, where that can be asked for."""
    trim = getattr(_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _set(values: dict[int, int]) -> None:
    change = getattr(_library(), "mallopt", None)
    if change is not None:
        for name, value in values.items():
            change(name, value)


@cache
def _library() -> Any:  # noqa: ANN401
    """The C library of Linux; musl's has neither function."""
    return ctypes.CDLL(None) if sys.platform == "linux" else None
