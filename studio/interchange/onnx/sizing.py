"""What is computed with sizes: Shape and the arithmetic behind it, which comes to formulas and to no node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, cast

import numpy as np

from studio.build.sizes import Dim, Size
from studio.interchange.onnx.values import (
    Filled,
    Held,
    Op,
    Sizes,
    UnreadableError,
    Value,
    Wire,
    as_sizes,
    is_one,
    quotient,
    settled,
)

Rule = Callable[[Op], Value | None]
Pair = Callable[[Size, Size], Size]


def sized(op: Op) -> Value | None:
    """What an operator on sizes gives; None where it is none of that kind."""
    rule = RULES.get(op.type)
    if rule is None:
        return None
    if op.type not in ("Shape", "Size") and not any(isinstance(one, Sizes) for one in op.values):
        return None
    found = rule(op)
    return settled(found) if isinstance(found, Sizes) else found


def _shape(op: Op) -> Value:
    value = op.values[0]
    shape: tuple[Size, ...]
    if isinstance(value, Wire):
        shape = value.type.shape
    elif isinstance(value, Held):
        shape = value.array.shape
    elif isinstance(value, Sizes):
        shape = () if value.scalar else (len(value.values),)
    else:
        raise UnreadableError("it has no input")
    start, end = int(op.attribute("start", 0)), op.attribute("end")
    return Sizes(tuple(shape[start : None if end is None else int(end)]))


def _count(op: Op) -> Value:
    total: Size = 1
    for one in cast(Sizes, _shape(op)).values:
        total = one * total if isinstance(one, Dim) else total * one
    return Sizes((total,), scalar=True)


def _pairwise(compute: Pair) -> Rule:
    def rule(op: Op) -> Value | None:
        one, other = _numbers(op.values[0]), _numbers(op.values[1])
        if one is None or other is None:
            return None
        scalar = one.scalar and other.scalar
        count = max(len(one.values), len(other.values))
        left, right = (side.values * count if len(side.values) == 1 else side.values for side in (one, other))
        return Sizes(tuple(compute(a, b) for a, b in zip(left, right, strict=True)), scalar)

    return rule


def _numbers(value: Value | None) -> Sizes | None:
    """Whole numbers, or fractions such as a factor of 2.0 on the way to a size."""
    found = as_sizes(value)
    if found is None and isinstance(value, Held) and value.array.ndim <= 1 and value.array.dtype.kind == "f":
        exact = [Fraction(float(one)).limit_denominator(1 << 16) for one in value.array.ravel()]
        values: list[Any] = [int(one) if one.denominator == 1 else one for one in exact]
        return Sizes(tuple(values), value.array.ndim == 0)
    return found


def _add(one: Size, other: Size) -> Size:
    return other + one if isinstance(other, Dim) else one + other


def _multiply(one: Size, other: Size) -> Size:
    return other * one if isinstance(other, Dim) else one * other


def _subtract(one: Size, other: Size) -> Size:
    if isinstance(other, Dim):
        return other * -1 + one
    return one - other


def _least(one: Size, other: Size) -> Size:
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other)
    if one == other:
        return one
    raise UnreadableError("which of two sizes is smaller depends on the input")


def _most(one: Size, other: Size) -> Size:
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    if one == other or other in (0, 1):
        return one
    if one in (0, 1):
        return other
    raise UnreadableError("which of two sizes is larger depends on the input")


def _equal(op: Op) -> Value | None:
    """Open sizes are never −1 or 0, which is what files ask; of other numbers nobody knows."""
    one, other = as_sizes(op.values[0]), as_sizes(op.values[1])
    if one is None or other is None:
        return None
    count = max(len(one.values), len(other.values))
    left, right = (side.values * count if len(side.values) == 1 else side.values for side in (one, other))
    return Held(
        np.array([a == b for a, b in zip(left, right, strict=True)]).reshape(() if one.scalar else -1)
    )


def _where(op: Op) -> Value | None:
    condition, one, other = op.values[0], as_sizes(op.values[1]), as_sizes(op.values[2])
    if not isinstance(condition, Held) or one is None or other is None:
        return None
    count = max(condition.array.size, len(one.values), len(other.values))
    chosen = np.broadcast_to(condition.array.reshape(-1), (count,))
    left, right = (side.values * count if len(side.values) == 1 else side.values for side in (one, other))
    picked = tuple(a if yes else b for yes, a, b in zip(chosen, left, right, strict=True))
    return Sizes(picked, one.scalar and other.scalar and condition.array.ndim == 0)


def _gather(op: Op) -> Value | None:
    data, index = op.values[0], op.values[1]
    if not isinstance(data, Sizes) or not isinstance(index, Held):
        return None
    if index.array.ndim == 0:
        return Sizes((data.values[int(index.array)],), scalar=True)
    return Sizes(tuple(data.values[int(one)] for one in index.array.ravel()))


def _slice(op: Op) -> Value | None:
    data = op.values[0]
    if not isinstance(data, Sizes):
        return None
    start, end = op.ints(1, "starts"), op.ints(2, "ends")
    steps = op.ints(4, "steps") or (1,)
    assert start is not None
    assert end is not None
    return Sizes(data.values[start[0] : end[0] : steps[0]])


def _concat(op: Op) -> Value | None:
    parts = [as_sizes(one) for one in op.values]
    if any(one is None for one in parts):
        return None
    return Sizes(tuple(size for one in parts if one is not None for size in one.values))


def _reduced(op: Op) -> Value | None:
    """The product of sizes."""
    data = cast(Sizes, op.values[0])
    total: Size = 1
    for one in data.values:
        total = _multiply(total, one)
    return Sizes((total,), scalar=not op.attribute("keepdims", 1))


def _as_scalar(op: Op) -> Value:
    return Sizes(cast(Sizes, op.values[0]).values, scalar=True)


def _as_row(op: Op) -> Value:
    return Sizes(cast(Sizes, op.values[0]).values)


def _same(op: Op) -> Value | None:
    return op.values[0]


def _negated(op: Op) -> Value:
    return Sizes(
        tuple(one * -1 for one in cast(Sizes, op.values[0]).values), cast(Sizes, op.values[0]).scalar
    )


def _reshape(op: Op) -> Value | None:
    data, target = op.values[0], op.values[1]
    if not isinstance(data, Sizes) or not isinstance(target, Held):
        return None
    return Sizes(data.values, scalar=target.array.size == 0)


def _filled(op: Op) -> Value | None:
    """One number in an open shape."""
    if op.type == "Expand":
        value: Any = op.values[0].array if is_one(op.values[0]) else None
    else:
        value = op.attribute("value", np.zeros(1, np.float32))
    shape = as_sizes(op.values[-1])
    if value is None or shape is None:
        return None
    return Filled(np.asarray(value).ravel()[0].item(), shape.values)


def of_filled(op: Op) -> Value | None:
    """What moving an open shape of one number about gives; None where it must be made."""
    value = op.values[0] if op.values else None
    if not isinstance(value, Filled):
        return None
    if op.type in ("Identity", "Cast"):
        return value
    sizes = list(value.sizes)
    if op.type == "Unsqueeze" and (axes := op.ints(1, "axes")) is not None:
        for axis in sorted(axes):
            sizes.insert(axis if axis >= 0 else len(sizes) + 1 + axis, 1)
        return Filled(value.number, tuple(sizes))
    if op.type == "Slice" and op.has(3):
        starts, ends, axes = op.ints(1, "starts"), op.ints(2, "ends"), op.ints(3, "axes")
        for start, end, axis in zip(starts or (), ends or (), axes or (), strict=True):
            size = sizes[axis]
            if not isinstance(size, int) or op.has(4):
                return None
            sizes[axis] = len(range(size)[start:end])
        return Filled(value.number, tuple(sizes))
    return None


RULES: Mapping[str, Rule] = {
    "Shape": _shape,
    "Size": _count,
    "Add": _pairwise(_add),
    "Sub": _pairwise(_subtract),
    "Mul": _pairwise(_multiply),
    "Div": _pairwise(quotient),
    "Min": _pairwise(_least),
    "Max": _pairwise(_most),
    "Equal": _equal,
    "Where": _where,
    "Gather": _gather,
    "Slice": _slice,
    "Concat": _concat,
    "ReduceProd": _reduced,
    "Squeeze": _as_scalar,
    "Unsqueeze": _as_row,
    "Identity": _same,
    "Cast": _same,
    "Floor": _same,
    "Ceil": _same,
    "Neg": _negated,
    "Reshape": _reshape,
    "Expand": _filled,
    "ConstantOfShape": _filled,
}
