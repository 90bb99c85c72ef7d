"""Output shapes by arithmetic, for the commonest layers: a cold check then needs no torch for them.

Each rule takes the input shapes and all arguments (derived ones included) and returns the output shapes.
Where the input does not fit it raises ValueError; the caller then asks torch for its own word. A test
compares every rule with torch over thousands of random configurations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from studio.catalog.registry import Shape, Shapes

Rule = Callable[[Shapes, Mapping[str, Any]], tuple[Shape, ...]]


def same(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Element by element: the input's shape."""
    return (next(iter(shapes.values()))[0],)


def linear(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The last dimension becomes out_features."""
    shape = shapes["input"][0]
    _need(len(shape) >= 1 and shape[-1] == values["in_features"])
    return ((*shape[:-1], values["out_features"]),)


def flatten(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Dimensions start_dim to end_dim become one."""
    shape = shapes["input"][0]
    rank = len(shape)
    start, end = (
        dim % rank if -rank <= dim < rank else rank for dim in (values["start_dim"], values["end_dim"])
    )
    _need(start <= end < rank)
    return ((*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]),)


def channels(*ranks: int) -> Rule:
    """A normalization over dimension 1 of a tensor of one of the given ranks: the input's shape."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        _need(len(shape) in ranks and shape[1] == values["num_features"])
        return (shape,)

    return rule


def groups(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A normalization over groups of channels: the input's shape."""
    shape = shapes["input"][0]
    _need(len(shape) >= 2 and shape[1] == values["num_channels"] and shape[1] % values["num_groups"] == 0)
    _need(prod(shape[1:]) > values["num_groups"])
    return (shape,)


def along(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A function along one dimension, which must be there: the input's shape."""
    shape = shapes["input"][0]
    _need(-len(shape) <= values["dim"] < len(shape))
    return (shape,)


def mean(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The dimensions are gone, or have size 1 with keepdim."""
    shape = shapes["input"][0]
    given = (values["dim"],) if isinstance(values["dim"], int) else values["dim"]
    _need(all(-len(shape) <= dim < len(shape) for dim in given))
    gone = {dim % len(shape) for dim in given}
    _need(len(gone) == len(given))
    if values["keepdim"]:
        return (tuple(1 if dim in gone else size for dim, size in enumerate(shape)),)
    return (tuple(size for dim, size in enumerate(shape) if dim not in gone),)


def concat(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The sizes along `dim` add up; all others must be equal."""
    first, *rest = shapes["inputs"]
    _need(-len(first) <= values["dim"] < len(first))
    dim = values["dim"] % len(first)
    for shape in rest:
        _need(
            len(shape) == len(first) and shape[:dim] == first[:dim] and shape[dim + 1 :] == first[dim + 1 :]
        )
    return ((*first[:dim], sum(shape[dim] for shape in (first, *rest)), *first[dim + 1 :]),)


def adaptive(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Height and width become the size asked for."""
    shape = shapes["input"][0]
    _need(len(shape) == 4)
    return ((*shape[:2], *_each(values["output_size"], 2)),)


def encoder(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A Transformer layer over N×L×features: the input's shape."""
    shape = shapes["input"][0]
    _need(len(shape) == 3 and shape[2] == values["d_model"] and shape[2] % values["nhead"] == 0)
    return (shape,)


def convolution(dims: int) -> Rule:
    """N×C×(sizes) to N×out_channels×(sizes), as torch documents it for Conv1d and Conv2d."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        groups = values["groups"]
        _need(len(shape) == dims + 2 and shape[1] == values["in_channels"])
        _need(values["padding_mode"] == "zeros")
        _need(values["in_channels"] % groups == 0 and values["out_channels"] % groups == 0)
        kernel, stride, dilation = (_each(values[key], dims) for key in ("kernel_size", "stride", "dilation"))
        if values["padding"] == "same":
            _need(all(step == 1 for step in stride))
            return ((shape[0], values["out_channels"], *shape[2:]),)
        padding = _each(0 if values["padding"] == "valid" else values["padding"], dims)
        sizes = tuple(
            (shape[2 + i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) // stride[i] + 1
            for i in range(dims)
        )
        _need(all(size >= 1 for size in sizes))
        return ((shape[0], values["out_channels"], *sizes),)

    return rule


def pooling(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Max and average pooling over height and width; ceil_mode is left to torch."""
    shape = shapes["input"][0]
    _need(len(shape) == 4 and not values["ceil_mode"])
    kernel = _each(values["kernel_size"], 2)
    stride = kernel if values["stride"] is None else _each(values["stride"], 2)
    padding, dilation = _each(values["padding"], 2), _each(values.get("dilation", 1), 2)
    _need(all(2 * padding[i] <= kernel[i] for i in range(2)))
    sizes = tuple(
        (shape[2 + i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) // stride[i] + 1 for i in range(2)
    )
    _need(all(size >= 1 for size in sizes))
    return ((*shape[:2], *sizes),)


def recurrent(states: int) -> Rule:
    """LSTM (two states) and GRU (one), batch first: the sequence, then each state; torch unrolls them on
    meta.
    """

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        _need(len(shape) == 3 and shape[2] == values["input_size"] and shape[1] >= 1)
        directions = 2 if values["bidirectional"] else 1
        size = values["hidden_size"]
        state = (values["num_layers"] * directions, shape[0], size)
        return ((shape[0], shape[1], directions * size), *[state] * states)

    return rule


def _each(value: int | tuple[int, ...], dims: int) -> tuple[int, ...]:
    items = (value,) * dims if isinstance(value, int) else tuple(value)
    _need(len(items) in (1, dims))
    return items * dims if len(items) == 1 else items


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError("the input does not fit; torch says why")
