"""Functions of formulas that give a tensor another shape, take parts of it, or make a new one."""

from __future__ import annotations

from itertools import accumulate

from studio.interchange.keras.twin import narrowed
from studio.interchange.keras.twins.formulas.call import Call

BEGINS = {"zeros": "0", "new_zeros": "0", "ones": "1", "new_ones": "1"}
"""What new tensors are filled with."""
KINDS = {"float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
         "int": "int32", "bool": "bool"}  # fmt: skip
"""The types of numbers that functions are named after."""


def reshaped(call: Call) -> str:
    """Any call whose result has the same values in the same order; −1 stands for the size that is open."""
    sizes = ["-1" if size is None else str(size) for size in call.result()]
    for at, size in enumerate(sizes):
        if size == "-1" and sizes.count("-1") > 1:
            sizes[at] = call.same_size(at) or size
    if sizes.count("-1") > 1:
        raise call.refused()
    return f"ops.reshape({call.code('x')}, ({', '.join(sizes)}{',' if len(sizes) == 1 else ''}))"


def expanded(call: Call) -> str:
    """Copies along the dimensions of 1 that grow, and along new ones in front."""
    have, wanted, text = call.shape("x"), call.result(), call.code("x")
    for _ in range(len(wanted) - len(have)):
        text, have = f"ops.expand_dims({text}, axis=0)", (1, *have)
    for axis, size in enumerate(wanted):
        if have[axis] == size or have[axis] != 1:
            continue
        if size is not None:
            text = f"ops.repeat({text}, {size}, axis={axis})"
        elif axis == 0:
            text = call.per_sample(text)
        else:
            raise call.refused()
    return text


def filled(call: Call) -> str:
    """A new tensor of one number, as long as the batch where that is asked for."""
    shape = call.result()
    if None in shape[1:]:
        raise call.refused()
    number = BEGINS.get(call.name) or call.code("fill_value")
    fixed = tuple(1 if size is None else size for size in shape)
    text = f'ops.full({fixed}, {number}, dtype="{call.dtype()}")'
    return call.per_sample(text) if shape[:1] == (None,) else text


def counted(call: Call) -> str:
    """Numbers one after the other; those of the samples are counted as there are."""
    if call.result() == (None,) and call.is_batch("ends"):
        ones = call.per_sample(f'ops.ones((1,), dtype="{call.dtype()}")')
        return f"(ops.cumsum({ones}) - 1)"
    ends = call.value("ends")
    given = ", ".join(map(repr, ends if isinstance(ends, tuple) else (ends,)))
    return f'ops.arange({given}, dtype="{call.dtype()}")'


def permuted(call: Call) -> str:
    """The dimensions in another order."""
    rank = len(call.shape("x"))
    return f"ops.transpose({call.code('x')}, {tuple(dim % rank for dim in call.value('dims'))})"


def cast(call: Call) -> str:
    """Numbers of another type."""
    dtype = narrowed(KINDS[call.name]) if call.name in KINDS else call.dtype()
    return f'ops.cast({call.code("x")}, "{dtype}")'


def padded(call: Call) -> str:
    """More places at the sides, which torch counts from the last dimension on."""
    pads, rank = list(call.value("pad")), len(call.shape("x"))
    sides = [(0, 0)] * rank
    for at in range(len(pads) // 2):
        sides[rank - 1 - at] = (pads[2 * at], pads[2 * at + 1])
    mode, text = call.value("mode", "constant"), call.code("x")
    if mode != "constant":
        if min(pads) < 0 or any(sides[0]):
            raise call.refused()
        return f"{call.copied('bordered')}({text}, {tuple(sides[1:])}, {mode!r})"
    if min(pads) < 0:
        cuts = ", ".join(f"{-min(one, 0) or ''}:{min(other, 0) or ''}" for one, other in sides)
        text, sides = f"{text}[{cuts}]", [(max(one, 0), max(other, 0)) for one, other in sides]
    if not any(map(any, sides)):
        return text
    value = f", constant_values={call.number('value', 0)}" if call.value("value", 0) else ""
    return f"ops.pad({text}, {tuple(sides)}{value})"


def resized(call: Call) -> str:
    """An image of another size, its channels first as torch has them."""
    size, factor = call.result()[2:], _factor(call)
    if call.value("antialias", False) or not call.is_image("x") or (None in size and factor is None):
        raise call.refused()
    wanted = "None" if None in size else repr(size)
    given = [f"ops.moveaxis({call.code('x')}, 1, -1)", wanted, repr(call.value("mode", "nearest"))]
    given += [f"factor={factor!r}"] if factor is not None else []
    given += ["align_corners=True"] if call.value("align_corners", None) else []
    return f"ops.moveaxis({call.copied('resized')}({', '.join(given)}), -1, 1)"


def _factor(call: Call) -> float | None:
    """How many times larger an image becomes, in all directions alike."""
    given = call.value("scale_factor", None)
    factors = set(given) if isinstance(given, tuple | list) else {given}
    if len(factors) > 1:
        raise call.refused()
    (factor,) = factors
    return None if factor is None else float(factor)


def rolled(call: Call) -> str:
    """Values moved along, those that leave coming in at the other side."""
    shifts, text = call.value("shifts"), call.code("x")
    if not call.has("dims"):
        return f"ops.roll({text}, {shifts})"
    dims = call.value("dims")
    shifts = shifts if isinstance(shifts, tuple | list) else (shifts,)
    for shift, axis in zip(shifts, dims if isinstance(dims, tuple | list) else (dims,), strict=True):
        text = f"ops.roll({text}, {shift}, axis={axis})"
    return text


def divided(call: Call) -> str:
    """Pieces one after the other."""
    axis = int(call.value("dim", 0))
    lengths = call.lengths(axis)
    if len(set(lengths)) == 1:
        return f"ops.split({call.code('x')}, {len(lengths)}, axis={axis})"
    return f"ops.split({call.code('x')}, {list(accumulate(lengths))[:-1]}, axis={axis})"


def unbound(call: Call) -> str:
    """Every place along a dimension."""
    axis = int(call.value("dim", 0))
    size = call.shape("x")[axis]
    if size is None:
        raise call.refused()
    return f"ops.unstack({call.code('x')}, {size}, axis={axis})"


def cut(call: Call) -> str:
    """A part along one dimension, or one place of it."""
    axis = int(call.value("dim")) % len(call.shape("x"))
    if call.name == "select":
        place = str(call.value("index"))
    else:
        start = int(call.value("start"))
        place = f"{start}:{start + int(call.value('length'))}"
    return f"{call.code('x')}[{':, ' * axis}{place}]"


def taken(call: Call) -> str:
    """Values by their places, which Keras takes as torch does only where the other dimensions are alike."""
    axis = int(call.value("dim")) % len(call.shape("x"))
    have, places = list(call.shape("x")), list(call.shape("index"))
    if [*have[:axis], *have[axis + 1 :]] != [*places[:axis], *places[axis + 1 :]]:
        raise call.refused()
    return f"ops.take_along_axis({call.code('x')}, {call.code('index')}, axis={axis})"


def embedded(call: Call) -> str:
    """Rows of a table by their numbers."""
    if call.has("max_norm"):
        raise call.refused()
    return f"ops.take({call.code('weight')}, {call.code('x')}, axis=0)"


def in_order(call: Call, which: int) -> str:
    """The values in order, or their places."""
    axis, down, text = call.value("dim", -1), bool(call.value("descending", False)), call.code("x")
    if which:
        return f"ops.argsort({f'-{text}' if down else text}, axis={axis})"
    text = f"ops.sort({text}, axis={axis})"
    return f"ops.flip({text}, axis={axis})" if down else text


def largest(call: Call, which: int) -> str:
    """The k largest values, or their places; Keras finds them along the last dimension."""
    rank = len(call.shape("x"))
    axis, text = int(call.value("dim", -1)) % rank, call.code("x")
    least, turned = not call.value("largest", True), axis != rank - 1
    text = f"ops.swapaxes({text}, {axis}, -1)" if turned else text
    text = f"ops.top_k({f'-{text}' if least else text}, {call.value('k')})[{which}]"
    text = f"(-{text})" if least and not which else text
    return f"ops.swapaxes({text}, {axis}, -1)" if turned else text
