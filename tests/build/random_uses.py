"""Random uses of layers: parameters and input shapes that mostly go together, and sometimes do not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from studio.catalog.registry import Layer
from studio.project.params import Bool, Choice, Float, Int, Ints, Param, Value

Shape = tuple[int, ...]
SIZES = (1, 2, 3, 4, 6, 8, 9)


def some(param: Param, dice: random.Random) -> Value:
    """A small value that the parameter accepts."""
    if isinstance(param, Bool):
        return dice.random() < 0.5
    if isinstance(param, Choice):
        return dice.choice(param.options)
    if isinstance(param, Float):
        return dice.choice([param.default, 0.25])
    if isinstance(param, Int):
        low = max(param.low, -3)
        return param.default if dice.random() < 0.5 else dice.randint(low, min(param.high, low + 5))
    assert isinstance(param, Ints)
    if dice.random() < 0.3:
        return param.default
    if param.optional and dice.random() < 0.3:
        return None
    if param.words and dice.random() < 0.2:
        return dice.choice(param.words)
    low = max(param.low, -3)
    length = dice.choice(param.lengths) if param.lengths else 1
    items = tuple(dice.randint(low, low + 3) for _ in range(length))
    return items[0] if length == 1 else items


def some_shape(layer: Layer, dice: random.Random) -> Shape:
    """A sample's shape like the example's, seldom with another number of dimensions."""
    assert layer.example
    ranks = [len(shape) for here in layer.example.inputs.values() for shape in here]
    rank = ranks[0] + (dice.choice([-1, 1]) if dice.random() < 0.1 else 0)
    return tuple(dice.choice(SIZES) for _ in range(max(1, rank - 1)))


def some_values(layer: Layer, shape: Shape, dice: random.Random) -> dict[str, Value]:
    """A value for every parameter; for layers where few combinations fit, mostly one that does."""
    values = {param.name: some(param, dice) for param in layer.all_params}
    fitting = FITTING.get(layer.type)
    return {**values, **fitting(shape, dice)} if fitting and dice.random() < 0.8 else values


def some_inputs(
    layer: Layer, values: Mapping[str, Any], first: Shape, dice: random.Random
) -> list[tuple[str, Shape]]:
    """The shapes that arrive at the ports, batch left out."""
    port = layer.inputs[0].name
    if layer.inputs[0].variadic:
        other = tuple(1 if dice.random() < 0.2 else size for size in first)
        third = first if dice.random() < 0.8 else some_shape(layer, dice)
        return [(port, first), (port, other), (port, third)]
    partners = PARTNERS.get(layer.type)
    return [(port, first), *(partners(layer, values, first, dice) if partners else ())]


def _shuffled(shape: Shape, dice: random.Random) -> dict[str, Value]:
    return {"dims": (0, *dice.sample(range(1, len(shape) + 1), len(shape)))}


def _pieces(shape: Shape, dice: random.Random) -> dict[str, Value]:
    size = shape[0]
    at = dice.randint(1, max(1, size - 1))
    sizes: Value = (at, size - at) if size > at else max(1, size // 2)
    return {"split_size_or_sections": sizes, "dim": dice.choice([1, -len(shape)]), "outputs": 2}


def _factors(shape: Shape, dice: random.Random) -> dict[str, Value]:
    fitting = [count for count in (1, 2, 3) if shape[0] % count == 0]
    return {"dim": 1, "unflattened_size": dice.choice([(dice.choice(fitting), -1), (-1, 1), (1, shape[0])])}


def _same_sizes(shape: Shape, dice: random.Random) -> dict[str, Value]:
    return {"sizes": tuple(dice.choice([-1, size, 5 if size == 1 else size]) for size in shape)}


def _stretched(shape: Shape, dice: random.Random) -> dict[str, Value]:
    return {"repeats": tuple(dice.randint(1, 3) for _ in shape)}


def _turned_round(shape: Shape, dice: random.Random) -> dict[str, Value]:
    return {"shape": dice.choice([(*shape[::-1],), -1, (1, *shape), (shape[0], -1)])}


def _border(shape: Shape, dice: random.Random) -> dict[str, Value]:
    return {"pad": tuple(dice.randint(-1, 3) for _ in range(dice.choice([2, 4]))), "mode": "constant"}


def _placed(shape: Shape, dice: random.Random) -> dict[str, Value]:
    dims = tuple(dice.sample(range(1, len(shape) + 1), 2)) if len(shape) > 1 else 1
    return {"dims": dims, "shifts": (1, -2) if len(shape) > 1 else 3}


def _unfolded(shape: Shape, dice: random.Random) -> dict[str, Value]:
    """An image of as many windows as there are columns."""
    fitting = [size for size in (1, 2, 3) if shape[0] % size**2 == 0]
    window, step = dice.choice(fitting), dice.randint(1, 3)
    rows = dice.choice([count for count in range(1, shape[1] + 1) if shape[1] % count == 0])
    size = tuple((count - 1) * step + window for count in (rows, shape[1] // rows))
    return {"output_size": size, "kernel_size": window, "stride": step, "padding": 0, "dilation": 1}


FITTING: Mapping[str, Callable[[Shape, random.Random], dict[str, Value]]] = {
    "Permute": _shuffled,
    "Split": _pieces,
    "Unflatten": _factors,
    "Expand": _same_sizes,
    "Repeat": _stretched,
    "Reshape": _turned_round,
    "View": _turned_round,
    "Pad": _border,
    "Roll": _placed,
    "Flip": _placed,
    "Fold": _unfolded,
}


def _right_matrix(
    layer: Layer, values: Mapping[str, Any], first: Shape, dice: random.Random
) -> list[tuple[str, Shape]]:
    inner = first[-1] if dice.random() < 0.8 else dice.choice(SIZES)
    before = tuple(1 if dice.random() < 0.3 else size for size in first[:-2])
    return [("other", (*before, inner, dice.choice(SIZES)))]


def _equal(
    layer: Layer, values: Mapping[str, Any], first: Shape, dice: random.Random
) -> list[tuple[str, Shape]]:
    return [("other", tuple(1 if dice.random() < 0.2 else size for size in first))]


def _other_sequence(
    layer: Layer, values: Mapping[str, Any], first: Shape, dice: random.Random
) -> list[tuple[str, Shape]]:
    size = first[-1] if dice.random() < 0.8 else dice.choice(SIZES)
    return [(layer.inputs[1].name, (*first[:-2], dice.choice(SIZES), size))]


def _states(
    layer: Layer, values: Mapping[str, Any], first: Shape, dice: random.Random
) -> list[tuple[str, Shape]]:
    """The states of a cell; both or none."""
    size = values["hidden_size"] if dice.random() < 0.7 else dice.choice(SIZES)
    names = [port.name for port in layer.inputs[1:]]
    return [(name, (size,)) for name in names] if dice.random() < 0.8 else []


PARTNERS: Mapping[str, Callable[..., list[tuple[str, Shape]]]] = {
    "MatMul": _right_matrix,
    "Subtract": _equal,
    "Divide": _equal,
    "TransformerDecoderLayer": _other_sequence,
    "TransformerDecoder": _other_sequence,
    "Transformer": _other_sequence,
    "RNNCell": _states,
    "GRUCell": _states,
    "LSTMCell": _states,
}
