"""The mean cross entropy of class scores and its gradient at once, by compiled C.

The digits are PyTorch's, to the last bit: that is tried out for each shape, and where it is not so, or not
sooner, or nothing is compiled, PyTorch does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.compiled import Coming
from studio.train.kernels.tried import better

COMPILED = Coming(Path(__file__).with_name("cross_entropy.c"))
MOST_CLASSES = 64
"""That cross_entropy.c has room for."""
WIDTHS = (16, 8)
"""Numbers that a machine adds up side by side."""
MEAN = 1
"""Of losses, as PyTorch's operations count what can be made of them."""
aten: Any = torch.ops.aten
Lost = tuple[Tensor, Tensor]


class Scores(ctypes.Structure):
    """The `Scores` of cross_entropy.c."""

    _fields_ = [(name, ctypes.c_int64) for name in ("count", "classes", "lanes", "ignored")]


class CrossEntropy:
    """The loss of scores (n, classes) and classes (n,), both without gaps in memory, and the gradient of the
    scores; the class `ignored` does not count.
    """

    def __init__(self, ignored: int) -> None:
        self._ignored = ignored
        self._chosen: Callable[[Tensor, Tensor], Lost] | None = None
        COMPILED.begin()

    def __call__(self, scores: Tensor, truth: Tensor) -> Lost:
        """Shapes are those of the first time. Raises IndexError for a class that is none."""
        if self._chosen is None:
            if COMPILED.now() is None:
                return self.plain(scores, truth)
            self._chosen = self._choose(scores.shape)
        return self._chosen(scores, truth)

    def plain(self, scores: Tensor, truth: Tensor) -> Lost:
        """What PyTorch gives."""
        logs = aten._log_softmax(scores, 1, False)
        how = (None, MEAN, self._ignored)
        loss, weight = aten.nll_loss_forward(logs, truth, *how)
        gradient = aten.nll_loss_backward(torch.ones_like(loss), logs, truth, *how, weight)
        return loss, aten._log_softmax_backward_data(gradient, logs, 1, scores.dtype)

    def quick(self, lanes: int, shape: torch.Size) -> Callable[[Tensor, Tensor], Lost]:
        """What the compiled function gives for scores of a shape."""
        compiled = COMPILED.now()
        assert compiled is not None
        of, function, empty = Scores(*shape, lanes, self._ignored), compiled.cross_entropy, torch.empty
        function.argtypes = [ctypes.POINTER(Scores), *[ctypes.c_void_p] * 4]
        told = ctypes.byref(of)

        def lost(scores: Tensor, truth: Tensor) -> Lost:
            loss, gradient = empty(()), empty(shape)
            if function(told, scores.data_ptr(), truth.data_ptr(), loss.data_ptr(), gradient.data_ptr()):
                return loss, gradient
            raise IndexError(f"a class is none of {shape[1]}")

        return lost

    def _choose(self, shape: torch.Size) -> Callable[[Tensor, Tensor], Lost]:
        compiled = COMPILED.now()
        assert compiled is not None
        if compiled.cross_entropy_suits():
            chance = torch.Generator().manual_seed(0)
            scores = torch.randn(shape, generator=chance)
            truth = torch.randint(shape[1], shape[:1], generator=chance)
            for lanes in WIDTHS:
                quick = self.quick(lanes, shape)
                if better(partial(self.plain, scores, truth), partial(quick, scores, truth)):
                    return quick
        return self.plain
