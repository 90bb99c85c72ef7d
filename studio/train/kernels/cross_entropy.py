"""The mean cross entropy of class scores and its gradient at once, and with them the gradients of the linear
layer that gave the scores, by compiled C.

The digits are PyTorch's, to the last bit: that is tried out for each shape, and where it is not so, or not
sooner, or nothing is compiled, PyTorch does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from studio.compiled import Coming
from studio.train.kernels.tried import better

COMPILED = Coming(Path(__file__).with_name("cross_entropy.c"))
MOST_CLASSES = 64
"""That cross_entropy.c has room for."""
LANES = {"AVX512": 16, "AVX2": 8}
"""Numbers that PyTorch adds up side by side, by the instructions that it uses on a machine."""
LEAST = 4
"""Samples, and numbers of each, from which on the gradients of a layer are worth it."""
TRIED, NUMBERS = 32, 2**20
"""How often digits are compared, or of how many numbers in all: one time might agree by chance."""
MEAN = 1
"""Of losses, as PyTorch's operations count what can be made of them."""
aten: Any = torch.ops.aten
Found = tuple[Tensor, ...]
Way = Callable[..., Found]


class _Scores(ctypes.Structure):
    """The `Scores` of cross_entropy.c."""

    _fields_ = [(name, ctypes.c_int64) for name in ("count", "classes", "lanes", "ignored")]


class _Layer(ctypes.Structure):
    """The `Layer` of cross_entropy.c."""

    _fields_ = [(name, ctypes.c_int64) for name in ("width", "cut")]


class Layer(NamedTuple):
    """Which gradients of a linear layer are wanted beside that of its weight: of its bias, of its inputs, of
    the bias before. `cut` says that a ReLU gave the inputs, whose gradient then is that of what it was given.
    """

    bias: bool
    inputs: bool
    cut: bool = False
    bias_before: bool = False


class CrossEntropy:
    """The loss of scores (n, classes) and classes (n,), and the gradient of the scores; the class `ignored`
    does not count.

    With a layer, its inputs (n, width) are given, too, its weight (classes, width) where the gradient of the
    inputs is wanted; the gradients of the layer come instead: of the weight, then in the order of `Layer`.
    All lies without gaps in memory. Raises IndexError for a class that is none.
    """

    def __init__(self, ignored: int, layer: Layer | None = None) -> None:
        self.ignored, self.layer = ignored, layer
        self._chosen: Way | None = None
        COMPILED.begin()

    def __call__(self, *given: Tensor) -> Found:
        """Shapes are those of the first time."""
        if self._chosen is None:
            if COMPILED.now() is None:
                return self.plain(*given)
            self._chosen = self._choose([one.shape for one in given])
        return self._chosen(*given)

    def plain(self, scores: Tensor, truth: Tensor, *others: Tensor) -> Found:
        """What PyTorch gives."""
        logs = aten._log_softmax(scores, 1, False)
        how = (None, MEAN, self.ignored)
        loss, weight = aten.nll_loss_forward(logs, truth, *how)
        gradient = aten.nll_loss_backward(torch.ones_like(loss), logs, truth, *how, weight)
        gradient = aten._log_softmax_backward_data(gradient, logs, 1, scores.dtype)
        return (loss, *self._behind(gradient, *others))

    def parts(self, lanes: int, shapes: Sequence[torch.Size]) -> Way:
        """The loss and its gradient by the compiled function, the gradients of the layer by PyTorch."""
        (count, classes), empty = shapes[0], torch.empty
        told, function = ctypes.byref(_Scores(count, classes, lanes, self.ignored)), _library().cross_entropy
        function.argtypes = [ctypes.POINTER(_Scores), *[ctypes.c_void_p] * 4]

        def found(scores: Tensor, truth: Tensor, *others: Tensor) -> Found:
            loss, gradient = empty(()), empty(count, classes)
            if function(told, scores.data_ptr(), truth.data_ptr(), loss.data_ptr(), gradient.data_ptr()):
                return (loss, *self._behind(gradient, *others))
            raise IndexError(f"a class is none of {classes}")

        return found

    def whole(self, lanes: int, shapes: Sequence[torch.Size]) -> Way:
        """All by the compiled function."""
        (count, classes), width, layer, like = shapes[0], shapes[2][1], self.layer, torch.empty_like
        assert layer is not None
        of, to = _Scores(count, classes, lanes, self.ignored), _Layer(width, layer.cut)
        told, function = (ctypes.byref(of), ctypes.byref(to)), _library().of_layer
        function.argtypes = [ctypes.POINTER(_Scores), ctypes.POINTER(_Layer), *[ctypes.c_void_p] * 10]
        room, place, nowhere = torch.empty(count, classes), Tensor.data_ptr, [None] * (not layer.inputs)
        sides = ((), (classes, width), (classes,), (count, width), (width,))
        wanted = (True, True, layer.bias, layer.inputs, layer.bias_before)
        models = [torch.empty(side) for side, one in zip(sides, wanted, strict=True) if one]
        numbers = [number for number, one in enumerate(wanted) if one]
        places: list[int | None] = [None] * len(wanted)

        def found(*given: Tensor) -> Found:
            made = [like(one) for one in models]
            for number, one in zip(numbers, made, strict=True):
                places[number] = place(one)
            if function(*told, *map(place, given), *nowhere, place(room), *places):
                return tuple(made)
            raise IndexError(f"a class is none of {classes}")

        return found

    def _behind(self, gradient: Tensor, *others: Tensor) -> Iterator[Tensor]:
        """The gradients that are wanted, by PyTorch, from that of the scores."""
        layer = self.layer
        if layer is None:
            yield gradient
            return
        inputs, *weight = others
        yield aten.mm(gradient.t(), inputs)
        if layer.bias:
            yield aten.sum(gradient, [0])
        if not layer.inputs:
            return
        before = aten.mm(gradient, *weight)
        if layer.cut:
            before = aten.threshold_backward(before, inputs, 0)
        yield before
        if layer.bias_before:
            yield aten.sum(before, [0])

    def _choose(self, shapes: Sequence[torch.Size]) -> Way:
        """The last way with PyTorch's digits that is quicker than those before it."""
        chosen, lanes = self.plain, LANES.get(torch.backends.cpu.get_cpu_capability())
        if lanes is None or not _library().cross_entropy_suits():
            return chosen
        ways = [self.parts]
        if self.layer is not None and min(*shapes[0][:1], shapes[2][1]) >= LEAST:
            ways.append(self.whole)
        samples = list(_samples(shapes))
        for way in ways:
            quick = way(lanes, shapes)
            same = all(all(map(torch.equal, self.plain(*one), quick(*one))) for one in samples)
            if same and better(partial(chosen, *samples[0]), partial(quick, *samples[0])):
                chosen = quick
        return chosen


def _samples(shapes: Sequence[torch.Size]) -> Iterator[list[Tensor]]:
    """What may be given, by chance."""
    chance = torch.Generator().manual_seed(0)
    for _ in range(min(TRIED, max(2, NUMBERS // sum(shape.numel() for shape in shapes)))):
        given = [torch.randn(shape, generator=chance) for shape in shapes]
        given[1] = torch.randint(shapes[0][1], shapes[1], generator=chance)
        yield given


def _library() -> ctypes.CDLL:
    found = COMPILED.now()
    assert found is not None
    return found
