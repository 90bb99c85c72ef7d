"""Output shapes by arithmetic of what slides a window over places: convolutions, pooling and their inverses.

They keep to the agreement of shape_rules.py. All take N×C×(sizes), one size per dimension of the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from studio.catalog.registry import Shape, Shapes
from studio.catalog.shape_rules import Rule, each, need


def convolution(dims: int) -> Rule:
    """The channels become out_channels, as torch documents it for Conv1d, Conv2d and Conv3d."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = _filtered(shapes, values, dims)
        if values["padding"] == "same":
            need(all(step == 1 for step in each(values["stride"], dims)))
            return ((shape[0], values["out_channels"], *shape[2:]),)
        padding = each(0 if values["padding"] == "valid" else values["padding"], dims)
        return ((shape[0], values["out_channels"], *_slid(shape[2:], values, padding)),)

    return rule


def transposed(dims: int) -> Rule:
    """A convolution run backwards."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = _filtered(shapes, values, dims)
        kernel, stride, dilation, padding, added = (
            each(values[key], dims)
            for key in ("kernel_size", "stride", "dilation", "padding", "output_padding")
        )
        need(all(added[i] < max(stride[i], dilation[i]) for i in range(dims)))
        sizes = tuple(
            (shape[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + added[i] + 1
            for i in range(dims)
        )
        need(all(size >= 1 for size in sizes))
        return ((shape[0], values["out_channels"], *sizes),)

    return rule


def separable(dims: int) -> Rule:
    """Every channel filtered by itself, then a mixture of the channels at every place."""
    mixed = convolution(dims)
    return lambda shapes, values: mixed(shapes, {**values, "groups": 1})


def pooling(dims: int, bare: bool = False) -> Rule:
    """The channels stay; a window may hang over the end with ceil_mode, but must start before it.

    `bare`: the window must fit without the border too.
    """

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        need(len(shape) == dims + 2)
        kernel, padding = each(values["kernel_size"], dims), each(values.get("padding", 0), dims)
        need(all(2 * padding[i] <= kernel[i] for i in range(dims)))
        need(not bare or all(kernel[i] <= shape[2 + i] for i in range(dims)))
        return ((*shape[:2], *_slid(shape[2:], values, padding)),)

    return rule


def adaptive(dims: int) -> Rule:
    """The sizes become those asked for."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        need(len(shape) == dims + 2)
        return ((*shape[:2], *each(values["output_size"], dims)),)

    return rule


def images(dims: int) -> Rule:
    """What leaves N×C×(sizes) as it is, and takes no other number of dimensions."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        need(len(shapes["input"][0]) == dims + 2)
        return (shapes["input"][0],)

    return rule


def instances(dims: int) -> Rule:
    """A normalization over the places of every channel, which must be more than one: the input's shape."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        need(len(shape) == dims + 2 and shape[1] == values["num_features"])
        need(prod(shape[2:]) > 1)
        return (shape,)

    return rule


def any_places(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """What leaves N×C×(at least one size) as it is."""
    need(len(shapes["input"][0]) >= 3)
    return (shapes["input"][0],)


def over_all(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """One value per channel; the places are gone, or have size 1 with keepdim."""
    shape = shapes["input"][0]
    need(len(shape) >= 3)
    return ((*shape[:2], *(1,) * (len(shape) - 2)) if values["keepdim"] else shape[:2],)


def patches(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """An image of N×C×H×W becomes a row of its patches, N×patches×embed_dim."""
    shape = shapes["input"][0]
    need(len(shape) == 4 and shape[1] == values["in_channels"])
    counts = [size // side for size, side in zip(shape[2:], each(values["patch_size"], 2), strict=True)]
    need(all(count >= 1 for count in counts))
    return ((shape[0], prod(counts), values["embed_dim"]),)


def _filtered(shapes: Shapes, values: Mapping[str, Any], dims: int) -> Shape:
    """The input's shape, where filters of these values can be made and fit its channels."""
    shape = shapes["input"][0]
    groups = values["groups"]
    need(len(shape) == dims + 2 and shape[1] == values["in_channels"])
    need(values.get("padding_mode", "zeros") == "zeros")
    need(values["in_channels"] % groups == 0 and values["out_channels"] % groups == 0)
    return shape


def _slid(sizes: Shape, values: Mapping[str, Any], padding: tuple[int, ...]) -> Shape:
    """How many windows there are along each dimension."""
    dims = len(sizes)
    kernel, dilation = each(values["kernel_size"], dims), each(values.get("dilation", 1), dims)
    stride = kernel if values["stride"] is None else each(values["stride"], dims)
    counts: list[int] = []
    for i in range(dims):
        room = sizes[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1
        need(room >= 0)
        count = room // stride[i] + 1
        if values.get("ceil_mode") and room % stride[i] and count * stride[i] < sizes[i] + padding[i]:
            count += 1
        counts.append(count)
    return tuple(counts)
