"""How many samples have their class right, by compiled C without a branch for each score: those cost
PyTorch's argmax most of its time, since which score is the largest cannot be foreseen.

Until accuracy.c is compiled, where it cannot be, and for all but single precision on the CPU, PyTorch counts.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import torch
from torch import Tensor

from studio.compiled import Coming

COMPILED = Coming(Path(__file__).with_name("accuracy.c"))


def count_right(scores: Tensor, truth: Tensor) -> int | Tensor:
    """The number of samples whose largest score, the first of equal ones, is at their class.

    `scores` are (n, classes), `truth` (n,).
    """
    if not _is_apt(scores, truth) or (library := COMPILED.now()) is None:
        return (scores.argmax(1) == truth).sum()
    count = library.right
    count.restype, count.argtypes = ctypes.c_int64, [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 2
    return count(scores.data_ptr(), truth.data_ptr(), *scores.shape)


def _is_apt(scores: Tensor, truth: Tensor) -> bool:
    """Whether accuracy.c could do it; then it is there the next time."""
    plain = scores.is_contiguous() and truth.is_contiguous()
    known = scores.dtype == torch.float32 and truth.dtype == torch.int64
    if not (plain and known and scores.is_cpu and scores.dim() == 2 and len(scores) == len(truth)):
        return False
    COMPILED.begin()
    return True
