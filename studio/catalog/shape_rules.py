"""Output shapes by arithmetic, for the commonest layers: a cold check then needs no torch for them.

Each rule takes the input shapes and all arguments (derived ones included) and returns the output shapes.
Where the input does not fit it raises ValueError; the caller then asks torch for its own word. A test
compares every rule with torch over thousands of random configurations. What slides a window over its input
is in window_rules.py.
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
    need(len(shape) >= 1 and shape[-1] == values["in_features"])
    return ((*shape[:-1], values["out_features"]),)


def flatten(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Dimensions start_dim to end_dim become one."""
    shape = shapes["input"][0]
    rank = len(shape)
    start, end = (
        dim % rank if -rank <= dim < rank else rank for dim in (values["start_dim"], values["end_dim"])
    )
    need(start <= end < rank)
    return ((*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]),)


def channels(*ranks: int) -> Rule:
    """A normalization over dimension 1 of a tensor of one of the given ranks: the input's shape."""

    def rule(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
        shape = shapes["input"][0]
        need(len(shape) in ranks and shape[1] == values["num_features"])
        return (shape,)

    return rule


def groups(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A normalization over groups of channels: the input's shape."""
    shape = shapes["input"][0]
    need(len(shape) >= 2 and shape[1] == values["num_channels"] and shape[1] % values["num_groups"] == 0)
    need(prod(shape[1:]) > values["num_groups"])
    return (shape,)


def along(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A function along one dimension, which must be there: the input's shape."""
    shape = shapes["input"][0]
    need(-len(shape) <= values["dim"] < len(shape))
    return (shape,)


def mean(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The dimensions are gone, or have size 1 with keepdim."""
    shape = shapes["input"][0]
    given = (values["dim"],) if isinstance(values["dim"], int) else values["dim"]
    need(all(-len(shape) <= dim < len(shape) for dim in given))
    gone = {dim % len(shape) for dim in given}
    need(len(gone) == len(given))
    if values["keepdim"]:
        return (tuple(1 if dim in gone else size for dim, size in enumerate(shape)),)
    return (tuple(size for dim, size in enumerate(shape) if dim not in gone),)


def concat(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The sizes along `dim` add up; all others must be equal."""
    first, *rest = shapes["inputs"]
    need(-len(first) <= values["dim"] < len(first))
    dim = values["dim"] % len(first)
    for shape in rest:
        need(len(shape) == len(first) and shape[:dim] == first[:dim] and shape[dim + 1 :] == first[dim + 1 :])
    return ((*first[:dim], sum(shape[dim] for shape in (first, *rest)), *first[dim + 1 :]),)


def lookup(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A vector for every number."""
    padding = values["padding_idx"]
    need(padding is None or -values["num_embeddings"] <= padding < values["num_embeddings"])
    return ((*shapes["input"][0], values["embedding_dim"]),)


def bag(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A vector for every row of numbers."""
    need(len(shapes["input"][0]) == 2)
    need(not (values["mode"] == "max" and values["scale_grad_by_freq"]))
    vectors = lookup(shapes, values)[0]
    return ((vectors[0], vectors[2]),)


def halved(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """One dimension becomes half as large."""
    shape = along(shapes, values)[0]
    dim = values["dim"] % len(shape)
    need(shape[dim] % 2 == 0)
    return ((*shape[:dim], shape[dim] // 2, *shape[dim + 1 :]),)


def trailing(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A normalization over the last dimensions: the input's shape."""
    shape, over = shapes["input"][0], values["normalized_shape"]
    sizes = (over,) if isinstance(over, int) else over
    need(0 < len(sizes) < len(shape) and shape[-len(sizes) :] == sizes)
    return (shape,)


def places(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """A normalization over dimension 1 at every place: the input's shape."""
    shape = shapes["input"][0]
    need(len(shape) >= 2 and shape[1] == values["normalized_shape"])
    return (shape,)


def bounded(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Element by element, between bounds that must be in order: the input's shape."""
    need(values["min_val"] < values["max_val"])
    return (shapes["input"][0],)


def slopes(shapes: Shapes, values: Mapping[str, Any]) -> tuple[Shape, ...]:
    """One learned slope, or one for each channel: the input's shape."""
    shape = shapes["input"][0]
    need(values["num_parameters"] in (1, shape[1] if len(shape) > 1 else 1))
    return (shape,)


def each(value: int | tuple[int, ...], dims: int) -> tuple[int, ...]:
    """A number for every dimension, from one for all or as many."""
    items = (value,) * dims if isinstance(value, int) else tuple(value)
    need(len(items) in (1, dims))
    return items * dims if len(items) == 1 else items


def need(holds: bool) -> None:
    """Leave the case to torch unless this holds."""
    if not holds:
        raise ValueError("the input does not fit; torch says why")
