"""A convolution of few values and the max-pool behind it at once, by compiled C: what lies between is never
written, which takes longer than to compute it.

The digits are those of the two one after the other, to the last bit: in which order PyTorch's convolution
adds up its products is tried out for each shape, and where it is none that is known here, or this is not
faster, PyTorch does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from studio.compiled import Coming
from studio.train.kernels import pooling
from studio.train.kernels.noting import noted, unseen
from studio.train.kernels.pooling import LAST, Form, Pooling, apt, out_size, place_of, pool_back, sizes_of
from studio.train.kernels.tried import Found, better

COMPILED = Coming(Path(__file__).with_name("conv_pool.c"))
MOST_TAPS = 64
"""Values that a filter takes, that conv_pool.c has room for."""
LANES, WIDE, SOME = 8, 16, 9
"""Filters and taps that are computed at a time, as conv_pool.c says."""
Sides = tuple[int, int]


class Filters(NamedTuple):
    """What a Conv2d is made with, each for height and width."""

    kernel: Sides
    stride: Sides
    padding: Sides
    dilation: Sides

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """What PyTorch's convolution gives."""
        return functional.conv2d(x, weight, bias, self.stride, self.padding, self.dilation)

    def out(self, size: Sequence[int]) -> Sides:
        """Height and width of what comes out."""
        high, wide = (
            (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
            for length, kernel, stride, padding, dilation in zip(size, *self, strict=True)
        )
        return high, wide


class Shapes(NamedTuple):
    """How the tensors of a call lie: sizes and strides of input and weights, and whether there is a bias."""

    x: tuple[int, ...]
    x_strides: tuple[int, ...]
    weight: tuple[int, ...]
    weight_strides: tuple[int, ...]
    bias: bool


class Order(NamedTuple):
    """In what order products are added up: `columns` says that it is column by column of the filters, `back`
    that gradients of weights are added up one place after the other.
    """

    columns: bool
    back: bool


class ConvSizes(ctypes.Structure):
    """A `Conv` of conv_pool.c."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("channels", "columns")),
        *((name, ctypes.c_int64 * 2) for name in ("in_", "kernel", "stride", "padding", "dilation")),
    ]


class Joined:
    """What a Conv2d does, and the max-pool behind it at once where that can be."""

    def __init__(self, alone: nn.Conv2d, pooling: Pooling) -> None:
        """`alone` does the convolution alone."""
        self.alone, self._pooling = alone, pooling
        sizes = (alone.kernel_size, alone.stride, alone.padding, alone.dilation)
        self._filters = Filters(*(cast(Sides, tuple(one)) for one in sizes))

    def __call__(self, x: Tensor) -> Tensor:
        """N×C×H×W to what the pool gives, or to what the convolution gives."""
        weight, bias = self.alone.weight, self.alone.bias
        seen: Mapping[int, Any] = self.alone._forward_hooks  # pyright: ignore
        if seen or not (apt(x) and _apt(weight, bias) and _ready()):
            return self.alone(x)
        form, cut = self._pooling.form, self._pooling.cut
        shapes = Shapes(x.shape, x.stride(), weight.shape, weight.stride(), bias is not None)
        order = _order(shapes, self._filters, form, torch.get_num_threads())
        if order is None:
            return self.alone(x)
        found = cast(Tensor, _ConvPool.apply(x, weight, bias, self._filters, form, cut, order))
        self._pooling.gave(found)
        return found


def joinable(conv: object, form: Form) -> bool:
    """Whether it is a plain convolution of few values, and the windows of the pool lie apart."""
    if type(conv) is not nn.Conv2d or conv.groups != 1 or conv.padding_mode != "zeros":
        return False
    few = conv.weight[0].numel() <= MOST_TAPS and not isinstance(conv.padding, str)
    apart = all(kernel <= stride for kernel, stride in zip(form.kernel, form.stride, strict=True))
    return few and apart and form.padding == (0, 0) and form.dilation == (1, 1) and not form.ceil


def _ready() -> bool:
    """Whether all is compiled."""
    return COMPILED.now() is not None and pooling.COMPILED.now() is not None


def _apt(weight: Tensor, bias: Tensor | None) -> bool:
    """Whether weights are as the functions take them."""
    return (
        weight.dtype == torch.float32
        and weight.is_cpu
        and weight.is_contiguous(memory_format=LAST)
        and (bias is None or bias.is_contiguous())
        and not torch.is_autocast_enabled("cpu")
    )


@lru_cache(maxsize=256)
@unseen()
def _order(shapes: Shapes, filters: Filters, form: Form, threads: int) -> Order | None:
    """How the two are done at once with the same digits, and sooner; None where they are not."""
    compiled = COMPILED.now()
    assert compiled is not None
    out = filters.out(shapes.x[2:])
    if not compiled.conv_suits() or min(out) < 1 or out_size(form, out) is None or shapes.weight[0] == 1:
        return None
    chance = torch.Generator().manual_seed(0)
    x = torch.empty_strided(shapes.x, shapes.x_strides).normal_(generator=chance)
    weight = torch.empty_strided(shapes.weight, shapes.weight_strides).normal_(generator=chance)
    bias = torch.randn(shapes.weight[0], generator=chance) if shapes.bias else None
    pair, pool = Pair(x, weight, bias, filters, form), Pooling(nn.MaxPool2d(form.kernel, form.stride))

    def plain() -> list[Tensor]:
        return [pool.pooled(filters(x, weight, bias))]

    def joined(columns: bool) -> list[Tensor]:
        return [pair.forward(False, columns)[0]]

    with torch.no_grad():
        if not filters(x, weight, bias).is_contiguous(memory_format=LAST):
            return None
        apt_ones = (columns for columns in (False, True) if better(plain, partial(joined, columns)))
        if (columns := next(apt_ones, None)) is None:
            return None
        result, won = pair.forward(False, columns)
        gradient = torch.empty_like(result).normal_(generator=chance)
        wanted = (False, True, shapes.bias)
        back = better(lambda: pair.backward(won, gradient, wanted), lambda: pair.gradients(won, gradient))
        return Order(columns, back)


class Pair(NamedTuple):
    """A convolution and the pool behind it, with what they are given."""

    x: Tensor
    weight: Tensor
    bias: Tensor | None
    filters: Filters
    form: Form

    @property
    def between(self) -> tuple[int, int, int, int]:
        """The shape of what the convolution gives."""
        high, wide = self.filters.out(self.x.shape[2:])
        return len(self.x), len(self.weight), high, wide

    def forward(self, cut: bool, columns: bool) -> tuple[Tensor, Tensor]:
        """The largest value of each window, and its place there."""
        compiled, between = COMPILED.now(), self.between
        assert compiled is not None
        size = out_size(self.form, between[2:])
        assert size is not None
        shape = (*between[:2], *size)
        out = torch.empty(shape, memory_format=LAST)
        won = torch.empty(shape, dtype=torch.int32, memory_format=LAST)
        weights = (self.weight[0].numel() + 1) * _whole(len(self.weight), WIDE)
        room = torch.zeros(weights + torch.get_num_threads() * self._padded)
        compiled.conv_pool_forward(
            sizes_of(self.form, between, size, cut),
            self._sizes(columns),
            *map(place_of, (self.x, self.weight, self.bias, room, out, won)),
        )
        return out, won

    def gradients(self, won: Tensor, gradient: Tensor) -> Found:
        """None for the input, and the gradients of weights and bias, from that of what came out."""
        compiled, given = COMPILED.now(), gradient.contiguous(memory_format=LAST)
        assert compiled is not None
        found = torch.empty_like(self.weight), None if self.bias is None else torch.empty_like(self.bias)
        taps, blocks = _whole(self.weight[0].numel(), SOME) + 1, _whole(len(self.weight), LANES)
        room = torch.zeros(taps * blocks + self._padded)
        compiled.conv_pool_backward(
            sizes_of(self.form, self.between, (won.shape[2], won.shape[3]), False),
            self._sizes(False),
            *map(place_of, (self.x, given, won, room, *found)),
        )
        return None, *found

    def backward(self, won: Tensor, gradient: Tensor, wanted: Sequence[bool]) -> Found:
        """The gradients of input, weights and bias as PyTorch finds them, as far as they are wanted."""
        between, filters = pool_back(self.form, self.between, won, gradient), self.filters
        sizes = None if self.bias is None else list(self.bias.shape)
        kept = (filters.stride, filters.padding, filters.dilation, False, (0, 0), 1, list(wanted))
        return torch.ops.aten.convolution_backward(between, self.x, self.weight, sizes, *kept)

    @property
    def _padded(self) -> int:
        """Values of a picture with its padding."""
        sides = zip(self.x.shape[2:], self.filters.padding, strict=True)
        high, wide = (side + 2 * beside for side, beside in sides)
        return high * wide * self.x.shape[1]

    def _sizes(self, columns: bool) -> Any:  # noqa: ANN401
        return ctypes.byref(ConvSizes(self.x.shape[1], columns, tuple(self.x.shape[2:]), *self.filters))


def _whole(count: int, many: int) -> int:
    return -(-count // many) * many


def _forward(
    filters: Filters, form: Form, cut: bool, columns: bool, x: Tensor, weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The largest value of each window, and its place there."""
    return Pair(x, weight, bias, filters, form).forward(cut, columns)


def _backward(
    filters: Filters,
    form: Form,
    wanted: Sequence[bool] | None,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    won: Tensor,
    gradient: Tensor,
) -> Found:
    """The gradients of input, weights and bias as far as they are `wanted`; where that is None, those of
    weights and bias at once.
    """
    pair = Pair(x, weight, bias, filters, form)
    return pair.gradients(won, gradient) if wanted is None else pair.backward(won, gradient, wanted)


class _ConvPool(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        *given: Any,  # noqa: ANN401
    ) -> Tensor:
        filters, form, cut, order = given
        out, won = noted(partial(_forward, filters, form, cut, order.columns), x, weight, bias)
        ctx.save_for_backward(x, weight, bias, won)
        ctx.given = given
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        """What the convolution gave need not be kept for it."""
        (x, weight, bias, won), (gradient,) = ctx.saved_tensors, gradients
        filters, form, cut, order = ctx.given
        wanted, none = ctx.needs_input_grad[:3], (None,) * 4
        if torch.is_grad_enabled():  # the gradient's own gradient is asked for
            pooled = functional.max_pool2d(filters(x, weight, bias), form.kernel, form.stride)
            taken = [one for one, needed in zip((x, weight, bias), wanted, strict=True) if needed]
            result = pooled.relu() if cut else pooled
            found = iter(torch.autograd.grad(result, taken, gradient, create_graph=True))
            return (*(next(found) if needed else None for needed in wanted), *none)
        quick = order.back and wanted == (False, True, bias is not None)
        function = partial(_backward, filters, form, None if quick else wanted)
        return (*noted(function, x, weight, bias, won, gradient), *none)
