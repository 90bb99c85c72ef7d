"""Operators that put tensors together, or take parts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.build.sizes import Dim, Size
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.operators.shaping import N, braces, operands
from studio.interchange.onnx.operators.windows import padded
from studio.interchange.onnx.values import (
    Converter,
    Held,
    Op,
    Sizes,
    UnreadableError,
    Value,
    Wire,
    as_sizes,
)
from studio.project.params import Value as Param

FAR = 2**31 - 2


def _concat(op: Op, drawing: Drawing) -> Value:
    axis = int(op.attribute("axis", 1))
    if len(op.values) == 1:
        return op.wire(0)
    wires = [drawing.wire_of(one) for one in op.values]
    axis = axis + wires[0].rank if axis < 0 else axis
    batches = [wire.type.shape[0] for wire in wires]
    if N in batches and axis != 0:  # a token of one sample goes to each of them
        wires = [_each(wire, drawing) if wire.type.shape[0] == 1 else wire for wire in wires]
    return drawing.one("Concat", {"inputs": wires}, {"dim": axis})


def _each(wire: Wire, drawing: Drawing) -> Wire:
    sizes: list[Size] = [N, *([-1] * (wire.rank - 1))]
    return drawing.write(f"expand({{x}}, {braces(sizes)})", x=wire, **operands(sizes))


def _split(op: Op, drawing: Drawing) -> Sequence[Value]:
    x, axis = op.wire(0), int(op.attribute("axis", 0))
    axis = axis + x.rank if axis < 0 else axis
    parts, count = op.ints(1, "split"), len(op.outputs)
    size = x.type.shape[axis]
    if parts is None:
        if not isinstance(size, int):
            raise UnreadableError("it splits a size that is open")
        each = -(-size // count)
        parts = tuple(min(each, size - at * each) for at in range(count))
    if count == 1:
        return [x]
    if axis == 0:
        starts = [sum(parts[:at]) for at in range(count)]
        return [drawing.write("{x}[{a}:{b}]", x=x, a=a, b=a + n) for a, n in zip(starts, parts, strict=True)]
    params: dict[str, Param] = {"split_size_or_sections": parts, "dim": axis}
    return drawing.place("Split", {"input": x}, params)


def _slice(op: Op, drawing: Drawing) -> Value:
    x = drawing.wire_of(op.values[0])
    starts, ends = _ends(op, 1, "starts"), _ends(op, 2, "ends")
    axes = op.ints(3, "axes") or tuple(range(len(starts)))
    steps = op.ints(4, "steps") or (1,) * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        x = _cut(x, axis + x.rank if axis < 0 else axis, start, end, step, drawing)
    return x


def _ends(op: Op, at: int, name: str) -> tuple[Size, ...]:
    if op.attribute(name) is not None:
        return tuple(int(one) for one in op.attribute(name))
    sizes = as_sizes(op.values[at] if at < len(op.values) else None)
    if sizes is None:
        raise UnreadableError(f"its {name} are computed from values", f"Make its {name} constants.")
    return sizes.values


def _cut(x: Wire, axis: int, start: Size, end: Size, step: int, drawing: Drawing) -> Wire:
    size = x.type.shape[axis]
    if step < 0:
        whole = step == -1 and isinstance(end, int) and end < -FAR and (start == -1 or _past(start, size))
        if not whole:
            raise UnreadableError("it goes backwards in steps, or over a part")
        if axis:
            return drawing.one("Flip", {"input": x}, {"dims": axis})
        return drawing.write("flip({x}, (0,))", x=x)
    last = None if _past(end, size) else end
    if start == 0 and last is None and step == 1:
        return x
    if axis and isinstance(start, int) and (last is None or isinstance(last, int)):
        params: dict[str, Param] = {"dim": axis, "start": start, "stop": last, "step": step}
        given = {key: one for key, one in params.items() if (key, one) not in (("start", 0), ("step", 1))}
        return drawing.one("Slice", {"input": x}, {key: one for key, one in given.items() if one is not None})
    if step == 1 and isinstance(size, int) and isinstance(last, Dim):
        # What is too long for the tensor is then refused, where a slice would be cut off without a word.
        ends = {"a": Sizes((start,), scalar=True), "n": Sizes((last - start,), scalar=True)}
        return drawing.write(f"narrow({{x}}, {axis}, {{a}}, {{n}})", x=x, **ends)
    before = ":, " * axis
    ends = {"a": Sizes((start,), scalar=True)}
    if last is not None:
        ends["b"] = Sizes((last,), scalar=True)
    behind = "" if last is None else "{b}"
    tail = f":{step}" if step != 1 else ""
    return drawing.write(f"{{x}}[{before}{{a}}:{behind}{tail}]", x=x, **ends)


def _past(end: Size, size: Size) -> bool:
    """Whether an end lies behind the last place."""
    if end == size:
        return True
    return isinstance(end, int) and (end > FAR or (isinstance(size, int) and end >= size))


def _gather(op: Op, drawing: Drawing) -> Value:
    data, index, axis = op.values[0], op.values[1], int(op.attribute("axis", 0))
    if isinstance(data, Held) and isinstance(index, Wire):
        if axis == 0 and data.array.ndim == 2 and data.array.dtype.kind == "f":
            rows, width = data.array.shape
            params: dict[str, Param] = {"num_embeddings": rows, "embedding_dim": width}
            return drawing.one("Embedding", {"input": index}, params, {"weight": data.array})
        data = drawing.constant(data)
    x = drawing.wire_of(data)
    axis = axis + x.rank if axis < 0 else axis
    if isinstance(index, Held):
        return _chosen(x, axis, index.array, drawing)
    if isinstance(index, Sizes) and index.scalar:
        return drawing.write("select({x}, {d}, {i})", x=x, d=axis, i=index)
    return drawing.write(f"{{x}}[{':, ' * axis}{{i}}]", x=x, i=drawing.wire_of(index))


def _chosen(x: Wire, axis: int, index: np.ndarray, drawing: Drawing) -> Wire:  # type: ignore[type-arg]
    if index.ndim == 0:
        if axis:
            return drawing.one("Select", {"input": x}, {"dim": axis, "index": int(index)})
        return drawing.write("select({x}, 0, {i})", x=x, i=int(index))
    size = x.type.shape[axis]
    if axis and index.ndim == 1 and (isinstance(size, int) or (index >= 0).all()):
        places = tuple(int(one) % size if isinstance(size, int) else int(one) for one in index)
        return drawing.one("IndexSelect", {"input": x}, {"dim": axis, "indices": places})
    return drawing.write(f"{{x}}[{':, ' * axis}{{i}}]", x=x, i=drawing.constant(Held(index)))


def _gather_elements(op: Op, drawing: Drawing) -> Value:
    wires = {"input": drawing.wire_of(op.values[0]), "index": drawing.wire_of(op.values[1])}
    return drawing.one("Gather", wires, {"dim": int(op.attribute("axis", 0))})


def _scatter_elements(op: Op, drawing: Drawing) -> Value:
    if op.attribute("reduction", "none") != "none":
        raise UnreadableError(f"it scatters with {op.attribute('reduction')}")
    x, index, source = (drawing.wire_of(op.values[at]) for at in range(3))
    return drawing.write(
        "scatter({x}, {d}, {i}, {s})", x=x, d=int(op.attribute("axis", 0)), i=index, s=source
    )


def _columns(value: Value | None, drawing: Drawing) -> tuple[list[str], dict[str, Wire]]:
    """Places in a tensor, a row each: the formulas of their columns, and what these read."""
    index = drawing.wire_of(value)
    count = index.type.shape[-1]
    if not isinstance(count, int):
        raise UnreadableError("in how many dimensions its places lie is not known")
    return [f"select({{i}}, {index.rank - 1}, {at})" for at in range(count)], {"i": index}


def _gather_places(op: Op, drawing: Drawing) -> Value:
    x, ahead = drawing.wire_of(op.values[0]), int(op.attribute("batch_dims", 0))
    columns, read = _columns(op.values[1], drawing)
    if ahead > 1:
        raise UnreadableError(f"it keeps {ahead} dimensions; here it can keep that of the samples")
    if ahead:
        ones = ", 1" * (read["i"].rank - 2)
        columns.insert(0, f"reshape(arange({{i}}.shape[0], device={{i}}.device), -1{ones})")
    return drawing.write(f"{{x}}[{', '.join(columns)}]", x=x, **read)


def _scatter_places(op: Op, drawing: Drawing) -> Value:
    x, new = drawing.wire_of(op.values[0]), drawing.wire_of(op.values[2])
    columns, read = _columns(op.values[1], drawing)
    way = str(op.attribute("reduction", "none"))
    if way not in ("none", "add"):
        raise UnreadableError(f"it scatters with {way}")
    adds = ", True" if way == "add" else ""
    return drawing.write(f"index_put({{x}}, ({', '.join(columns)},), {{v}}{adds})", x=x, v=new, **read)


def _pad(op: Op, drawing: Drawing) -> Value:
    x, mode = op.wire(0), str(op.attribute("mode", "constant"))
    pads = op.ints(1, "pads") or op.ints(1, "paddings") or ()
    value = op.number(2, "value", 0.0)
    axes = tuple(int(one) for one in op.known(3, "axes")) if op.has(3) else tuple(range(x.rank))
    before, behind = [0] * x.rank, [0] * x.rank
    for at, axis in enumerate(axes):
        before[axis], behind[axis] = pads[at], pads[at + len(axes)]
    used = [at for at in range(x.rank) if before[at] or behind[at]]
    if not used:
        return x
    first = min(used)
    names = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    if mode not in names:
        raise UnreadableError(f"it pads in the mode {mode}")
    return padded(x, before[first:], behind[first:], drawing, float(value or 0.0), names[mode])


def _range(op: Op, drawing: Drawing) -> Value:
    ends = [as_sizes(one) for one in op.values]
    if any(one is None for one in ends):
        raise UnreadableError("it counts to a value that is computed")
    batch = drawing.symbols[next(iter(drawing.symbols))].wire
    a, b, step = (one for one in ends if one is not None)
    return drawing.write("arange({a}, {b}, {c}, device={x}.device)", x=batch, a=a, b=b, c=step)


def _trilu(op: Op, drawing: Drawing) -> Value:
    diagonal = int(op.known(1, "diagonal")) if op.has(1) else 0
    name = "triu" if op.attribute("upper", 1) else "tril"
    if op.wire(0).type.dtype == "bool":
        text = f"{name}(float({{x}}), {{k}}) > 0"
        return drawing.write(text, x=op.wire(0), k=diagonal)
    return drawing.write(f"{name}({{x}}, {{k}})", x=op.wire(0), k=diagonal)


def _one_hot(op: Op, drawing: Drawing) -> Value:
    depth, values = int(op.known(1, "depth").ravel()[0]), op.known(2, "values")
    if int(op.attribute("axis", -1)) not in (-1, op.wire(0).rank):
        raise UnreadableError("it puts its classes before other dimensions")
    off, on = values.tolist()
    text = "float(one_hot({x}, {d}))"
    if (off, on) != (0, 1):
        text = f"{text} * {on - off} + {off}"
    return drawing.write(text, x=op.wire(0), d=depth)


def _largest(op: Op, drawing: Drawing) -> Sequence[Value]:
    x, axis = op.wire(0), int(op.attribute("axis", -1))
    k = as_sizes(op.values[1]) if op.has(1) else Sizes((int(op.attribute("k")),), scalar=True)
    if k is None:
        raise UnreadableError("how many it takes is computed from values")
    k = Sizes(k.values, scalar=True)
    largest = bool(op.attribute("largest", 1))
    found: list[Value] = []
    for at, used in enumerate(op.used):
        text = f"topk({{x}}, {{k}}, {axis}, {largest})[{at}]"
        found.append(drawing.write(text, x=x, k=k) if used else x)
    return found


PARTS: Mapping[str, Converter] = {
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "ScatterElements": _scatter_elements,
    "GatherND": _gather_places,
    "ScatterND": _scatter_places,
    "Pad": _pad,
    "Range": _range,
    "Trilu": _trilu,
    "OneHot": _one_hot,
    "TopK": _largest,
}
