"""Operators that give a tensor another shape, order or kind of number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from studio.build.sizes import BATCH, Dim, Size, symbol
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import (
    Converter,
    Op,
    Sizes,
    UnreadableError,
    Value,
    Wire,
    as_sizes,
    bare,
    quotient,
)

N = symbol(BATCH)


def times(sizes: Sequence[Size]) -> Size:
    """The product of sizes."""
    total: Size = 1
    for one in sizes:
        total = one * total if isinstance(one, Dim) else total * one
    return total


# ---- another shape


def _reshape(op: Op, drawing: Drawing) -> Value:
    x, target = op.wire(0), as_sizes(op.values[1])
    if target is None:
        given = op.attribute("shape")
        if given is None:
            raise UnreadableError("its shape is computed from values", "Make the shape a constant.")
        target = Sizes(tuple(int(one) for one in given))
    return reshaped(x, target.values, drawing, bool(op.attribute("allowzero", 0)))


def reshaped(x: Wire, target: Sequence[Size], drawing: Drawing, zeros: bool = False) -> Wire:
    """A tensor in another shape; 0 keeps a size, −1 stands for what is left."""
    kept = [x.type.shape[at] if one == 0 and not zeros else one for at, one in enumerate(target)]
    kept = _with_batch(x, _whole(x, kept), drawing)
    if tuple(kept) == x.type.shape:
        return x
    turned = _before_turning(x, kept, drawing)
    if turned is not None:
        return turned
    source = drawing.shaped.get(x.end, x)
    if source.type.shape == tuple(kept):
        return source
    if source.type.shape[0] != N == x.type.shape[0]:
        source = x  # only what begins with the samples goes through the layers
    found = _placed(source, kept, drawing)
    drawing.shaped[found.end] = source
    return found


def _before_turning(x: Wire, target: list[Size], drawing: Drawing) -> Wire | None:
    """The same with the dimensions joined before their order is changed, where those joined keep theirs."""
    if x.end not in drawing.moved or -1 in target:
        return None
    base, perm = drawing.moved[x.end]
    ahead = next(at for at in range(len(perm), -1, -1) if not at or perm[at - 1] != at - 1)
    if len(target) <= ahead or tuple(target[:ahead]) != x.type.shape[:ahead]:
        return None
    joined = reshaped(base, [*base.type.shape[:ahead], *target[ahead:]], drawing)
    return permuted(joined, (*perm[:ahead], *range(ahead, len(target))), drawing)


def _placed(x: Wire, target: list[Size], drawing: Drawing) -> Wire:
    rest = target[1:]
    if target and target[0] == N == x.type.shape[0] and all(isinstance(one, int) for one in rest):
        numbers = tuple(cast(list[int], rest))
        if len(numbers) == 1 and x.rank > 2:
            return drawing.one("Flatten", {"input": x})
        if numbers:
            return drawing.one("Reshape", {"input": x}, {"shape": bare(numbers)})
    return drawing.write(f"reshape({{x}}, {braces(target)})", x=x, **operands(target))


def _whole(x: Wire, target: list[Size]) -> list[Size]:
    """The shape with what is left in the place of −1."""
    if -1 not in target:
        return target
    try:
        left = quotient(times(x.type.shape), times([one for one in target if one != -1]))
    except UnreadableError:
        return target
    return [left if one == -1 else one for one in target]


def _with_batch(x: Wire, target: list[Size], drawing: Drawing) -> list[Size]:
    """The shape with the number of samples in the place of the one that the file was written with."""
    fixed, total = drawing.fixed_batch, times(x.type.shape)
    if fixed is None or not isinstance(total, Dim) or not target or total == times(target):
        return target
    for at, one in enumerate(target):
        if isinstance(one, int) and one % fixed == 0 and one > 0:
            tried = [*target[:at], N * (one // fixed), *target[at + 1 :]]
            if times(tried) == total:
                return tried
    return target


def braces(sizes: Sequence[Size]) -> str:
    """A place in a formula for each of some sizes."""
    return ", ".join(f"{{s{at}}}" for at in range(len(sizes)))


def operands(sizes: Sequence[Size]) -> dict[str, Sizes]:
    """What stands in these places."""
    return {f"s{at}": Sizes((one,), scalar=True) for at, one in enumerate(sizes)}


def _flatten(op: Op, drawing: Drawing) -> Value:
    x, axis = op.wire(0), int(op.attribute("axis", 1))
    axis = axis + x.rank if axis < 0 else axis
    return reshaped(x, (times(x.type.shape[:axis]), times(x.type.shape[axis:])), drawing)


def _transpose(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    perm = tuple(int(one) for one in op.attribute("perm", range(x.rank - 1, -1, -1)))
    return permuted(x, perm, drawing)


def permuted(x: Wire, perm: tuple[int, ...], drawing: Drawing) -> Wire:
    """A tensor with its dimensions in another order; several changes of order are one, or none."""
    base, before = drawing.moved.get(x.end, (x, tuple(range(x.rank))))
    total = tuple(before[at] for at in perm)
    if total == tuple(range(x.rank)):
        return base
    found = _turned(base, total, drawing)
    drawing.moved[found.end] = (base, total)
    return found


def _turned(x: Wire, perm: tuple[int, ...], drawing: Drawing) -> Wire:
    if perm[0] == 0:
        moved = [at for at, one in enumerate(perm) if at != one]
        if len(moved) == 2:
            return drawing.one("Transpose", {"input": x}, {"dim0": moved[0], "dim1": moved[1]})
        return drawing.one("Permute", {"input": x}, {"dims": perm})
    return drawing.write(f"permute({{x}}, {', '.join(map(str, perm))})", x=x)


def _squeeze(op: Op, drawing: Drawing) -> Value:
    x, axes = op.wire(0), op.ints(1, "axes")
    if axes is None:
        axes = tuple(at for at, size in enumerate(x.type.shape) if size == 1)
    axes = tuple(sorted(at + x.rank if at < 0 else at for at in axes))
    if drawing.fixed_batch == 1 and 0 in axes and x.type.shape[0] == N:
        raise UnreadableError(
            "it takes the samples' own dimension away", "Export the network with a free number of samples."
        )
    if not axes:
        return x
    if 0 not in axes:
        return drawing.one("Squeeze", {"input": x}, {"dim": bare(axes)})
    return drawing.write("squeeze({x}, {a})", x=x, a=str(axes))


def _unsqueeze(op: Op, drawing: Drawing) -> Value:
    x, axes = op.wire(0), op.ints(1, "axes")
    rank = x.rank + len(axes or ())
    for axis in sorted(at + rank if at < 0 else at for at in axes or ()):
        if 0 < axis < x.rank:
            x = drawing.one("Unsqueeze", {"input": x}, {"dim": axis})
        else:
            x = drawing.write("unsqueeze({x}, {a})", x=x, a=axis)
    return x


def _expand(op: Op, drawing: Drawing) -> Value:
    x, target = drawing.wire_of(op.values[0]), as_sizes(op.values[1])
    if target is None:
        raise UnreadableError("its shape is computed from values", "Make the shape a constant.")
    wanted = list(target.values)
    have = [1] * (len(wanted) - x.rank) + list(x.type.shape)
    wanted = [1] * (len(have) - len(wanted)) + wanted
    both = [one if other in (1, -1) else other for one, other in zip(have, wanted, strict=True)]
    if both == list(x.type.shape):
        return x
    if len(both) == x.rank and both[0] == N == x.type.shape[0]:
        kept = [-1 if one == other else one for one, other in zip(both[1:], have[1:], strict=True)]
        if all(isinstance(one, int) for one in kept):
            sizes = tuple(cast(list[int], kept))
            return drawing.one("Expand", {"input": x}, {"sizes": bare(sizes)})
    return drawing.write(f"expand({{x}}, {braces(both)})", x=x, **operands(both))


def _tile(op: Op, drawing: Drawing) -> Value:
    x, repeats = drawing.wire_of(op.values[0]), as_sizes(op.values[1])
    if repeats is None:
        raise UnreadableError("how often it repeats is computed from values")
    counts = repeats.values
    if counts[0] == 1 and len(counts) > 1 and all(isinstance(one, int) for one in counts):
        rest = tuple(cast(tuple[int, ...], counts[1:]))
        return drawing.one("Repeat", {"input": x}, {"repeats": bare(rest)})
    return drawing.write(f"repeat({{x}}, {braces(counts)})", x=x, **operands(counts))


def _identity(op: Op, drawing: Drawing) -> Value:
    value = op.values[0]
    assert value is not None
    return value


def _cast(op: Op, drawing: Drawing) -> Value:
    x, wanted = op.wire(0), kind_of(int(op.attribute("to", 1)))
    return x if x.type.dtype == wanted else drawing.one("Cast", {"input": x}, {"dtype": wanted})


def _cast_like(op: Op, drawing: Drawing) -> Value:
    x, wanted = op.wire(0), drawing.wire_of(op.values[1]).type.dtype
    return x if x.type.dtype == wanted else drawing.one("Cast", {"input": x}, {"dtype": wanted})


def kind_of(number: int) -> str:
    """The drawing's kind of number for ONNX's: whole numbers are int64, fractions float32."""
    if number in (1, 10, 11, 16):
        return "float32"
    if number in (2, 3, 4, 5, 6, 7, 12, 13):
        return "int64"
    if number == 9:
        return "bool"
    raise UnreadableError(f"its numbers are of ONNX's kind {number}")


SHAPING: Mapping[str, Converter] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Expand": _expand,
    "Tile": _tile,
    "Identity": _identity,
    "Cast": _cast,
    "CastLike": _cast_like,
}
