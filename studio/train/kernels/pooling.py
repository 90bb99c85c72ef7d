"""Max-pooling on the CPU with channels last, by compiled C: PyTorch's own digits in a third of its time.

Until pooling.c is compiled, where it cannot be, and for whatever else is pooled, PyTorch does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from weakref import ref

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from studio.compiled import Coming
from studio.train.kernels.noting import noted, watched

MOST_PLACES = 255
"""Of a window, that pooling.c has room for."""
COMPILED = Coming(Path(__file__).with_name("pooling.c"))
LAST = torch.channels_last
Pair = tuple[int, int]


class Form(NamedTuple):
    """What a MaxPool2d is made with, each for height and width."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    ceil: bool


class Sizes(ctypes.Structure):
    """A `Pool` of pooling.c."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("threads", "count", "channels", "cut")),
        *((name, ctypes.c_int64 * 2) for name in ("in_", "out", "kernel", "stride", "padding", "dilation")),
    ]


class Pooling:
    """Computes what a MaxPool2d does; where `cut` is set, and it can, the ReLU behind it at once."""

    def __init__(self, module: nn.MaxPool2d) -> None:
        sizes = (module.kernel_size, module.stride, module.padding, module.dilation)
        kernel, stride, padding, dilation = map(_pair, sizes)
        self.form = Form(kernel, stride, padding, dilation, module.ceil_mode)
        self._last: Callable[[], Tensor | None] = lambda: None
        self.cut = False

    def pooled(self, input: Tensor) -> Tensor:
        """N×C×H×W to N×C×H'×W'."""
        form = self.form
        apart = COMPILED.now() is not None and apt(input) and not input.is_contiguous()
        if not apart or out_size(form, input.shape[2:]) is None:
            kernel, stride, padding, dilation, ceil = form
            return functional.max_pool2d(input, kernel, stride, padding, dilation, ceil_mode=ceil)
        found = _MaxPool.apply(input, form, self.cut)
        self.gave(found)
        return found

    def gave(self, found: Tensor) -> None:
        """Note what came out last."""
        self._last = ref(found)

    def has_given(self, x: Tensor) -> bool:
        """Whether it is what came out last."""
        return self._last() is x

    def has_cut(self, x: Tensor) -> bool:
        """Whether the ReLU is done in it."""
        return self.cut and self.has_given(x)


def _pair(value: int | Sequence[int]) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def apt(x: Tensor) -> bool:
    """Whether it lies as the functions take it; what stands for a tensor does not lie at all."""
    return (
        type(x) is Tensor
        and x.dtype == torch.float32
        and x.is_cpu
        and x.dim() == 4
        and x.numel() > 0
        and x.is_contiguous(memory_format=LAST)
        and not torch.compiler.is_compiling()
        and not watched()  # who looks at operations sees none of ours
    )


@lru_cache(maxsize=256)
def out_size(form: Form, size: Sequence[int]) -> Pair | None:
    """Height and width of what comes out; None for what PyTorch refuses, where windows are too large, and for
    single values: of those nobody can say how they lie, and PyTorch lays them now so, now so.
    """
    found: list[int] = []
    for length, kernel, stride, padding, dilation in zip(size, *form[:4], strict=True):
        reach = length + 2 * padding - dilation * (kernel - 1) - 1
        count = (reach + (stride - 1 if form.ceil else 0)) // stride + 1
        if form.ceil and (count - 1) * stride >= length + padding:
            count -= 1
        beside = padding > 0 and dilation > 1  # then a window may have no place inside of the picture
        if reach < 0 or count < 1 or 2 * padding > kernel or padding < 0 or beside:
            return None
        found.append(count)
    few = form.kernel[0] * form.kernel[1] <= MOST_PLACES
    return (found[0], found[1]) if few and found != [1, 1] else None


def sizes_of(form: Form, shape: Sequence[int], out: Pair, cut: bool) -> Any:  # noqa: ANN401
    """What tells the functions how large everything is; `shape` is N×C×H×W."""
    count, channels, *size = shape
    pairs = (tuple(size), out, form.kernel, form.stride, form.padding, form.dilation)
    return ctypes.byref(Sizes(torch.get_num_threads(), count, channels, cut, *pairs))


def place_of(x: Tensor | None) -> ctypes.c_void_p:
    """Where the values of a tensor are in memory."""
    return ctypes.c_void_p(None if x is None else x.data_ptr())


def _pooled(form: Form, cut: bool, x: Tensor) -> tuple[Tensor, Tensor]:
    """What comes out of N×C×H×W, and which place of its window each value is from."""
    compiled, size = COMPILED.now(), out_size(form, x.shape[2:])
    assert compiled is not None
    assert size is not None
    shape = (*x.shape[:2], *size)
    out = torch.empty(shape, memory_format=LAST)
    won = torch.empty(shape, dtype=torch.int32, memory_format=LAST)
    compiled.pool_forward(sizes_of(form, x.shape, size, cut), *map(place_of, (x, out, won)))
    return out, won


def pool_back(form: Form, shape: Sequence[int], won: Tensor, gradient: Tensor) -> Tensor:
    """The gradient of what was pooled, N×C×H×W, from that of what came out."""
    compiled, given = COMPILED.now(), gradient.contiguous(memory_format=LAST)
    assert compiled is not None
    found = torch.empty(tuple(shape), memory_format=LAST)
    size = (won.shape[2], won.shape[3])
    compiled.pool_backward(sizes_of(form, shape, size, False), *map(place_of, (given, won, found)))
    return found


class _MaxPool(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, form: Form, cut: bool) -> Tensor:  # noqa: ANN401
        out, won = noted(partial(_pooled, form, cut), x)
        ctx.save_for_backward(won)
        ctx.given = form, x.shape
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        """What went in need not be kept for it, which leaves its memory to others."""
        form, shape = ctx.given
        (won,), (gradient,) = ctx.saved_tensors, gradients
        if torch.is_grad_enabled():  # the gradient's own gradient is asked for
            kernel, stride, padding, dilation, ceil = form
            spread = torch.ops.aten.max_pool2d_with_indices_backward
            at, like = _indices(form, won.clamp(min=0), shape[3]), torch.empty(shape, memory_format=LAST)
            gradient = gradient.masked_fill(won < 0, 0.0)
            return spread(gradient, like, kernel, stride, padding, dilation, ceil, at), None, None
        return noted(partial(pool_back, form, tuple(shape)), won, gradient), None, None


def _indices(form: Form, won: Tensor, width: int) -> Tensor:
    """Where in its picture the largest value of each window is, as PyTorch counts."""
    rows, columns = (
        torch.arange(count) * stride - padding
        for count, stride, padding in zip(won.shape[2:], form.stride, form.padding, strict=True)
    )
    rows = rows[:, None] + won // form.kernel[1] * form.dilation[0]
    return rows * width + columns + won % form.kernel[1] * form.dilation[1]
