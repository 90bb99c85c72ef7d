"""Operators that slide over places: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import Converter, Held, Op, UnreadableError, Value, Wire
from studio.project.params import Value as Param

MOST_DIMS = 3


def _spatial(x: Wire) -> int:
    dims = x.rank - 2
    if not 1 <= dims <= MOST_DIMS:
        raise UnreadableError(f"it works on {x.rank} dimensions; layers here on 3, 4 or 5")
    return dims


def _numbers(values: Sequence[int]) -> Param:
    """One number where all are alike, as people write it."""
    return int(values[0]) if len(set(values)) == 1 else tuple(int(one) for one in values)


def _list(op: Op, name: str, dims: int, default: int) -> list[int]:
    given = op.attribute(name)
    return [int(one) for one in given] if given is not None else [default] * dims


def _borders(op: Op, x: Wire, kernel: Sequence[int], strides: Sequence[int]) -> tuple[list[int], list[int]]:
    """What is put before and behind in each dimension."""
    dims, way = len(kernel), op.attribute("auto_pad", "NOTSET")
    if way in ("NOTSET", "VALID"):
        pads = _list(op, "pads", 2 * dims, 0) if way == "NOTSET" else [0] * 2 * dims
        return pads[:dims], pads[dims:]
    before, behind = [], []
    for at in range(dims):
        size, dilation = x.type.shape[2 + at], _list(op, "dilations", dims, 1)[at]
        if not isinstance(size, int) and strides[at] != 1:
            raise UnreadableError(
                f"its auto_pad {way} depends on a size that is open", "Give the borders as pads."
            )
        reach = (kernel[at] - 1) * dilation + 1
        total = reach - 1
        if isinstance(size, int):
            total = max((-(-size // strides[at]) - 1) * strides[at] + reach - size, 0)
        less, more = total // 2, total - total // 2
        before.append(less if way == "SAME_UPPER" else more)
        behind.append(more if way == "SAME_UPPER" else less)
    return before, behind


def padded(
    x: Wire,
    before: Sequence[int],
    behind: Sequence[int],
    drawing: Drawing,
    value: float = 0.0,
    mode: str = "constant",
) -> Wire:
    """The tensor with borders of its last dimensions, which may differ from side to side."""
    pads = [one for at in reversed(range(len(before))) for one in (before[at], behind[at])]
    if value in (float("inf"), float("-inf")):
        return drawing.write("pad({x}, {p}, value={v})", x=x, p=str(tuple(pads)), v=value)
    params: dict[str, Param] = {"pad": tuple(pads)}
    if mode != "constant":
        params["mode"] = mode
    elif value:
        params["value"] = value
    return drawing.one("Pad", {"input": x}, params)


def _convolution(op: Op, drawing: Drawing) -> Value:
    x, weight, bias = op.wire(0), op.values[1], op.values[2] if op.has(2) else None
    dims = _spatial(x)
    if not isinstance(weight, Held) or not (bias is None or isinstance(bias, Held)):
        raise UnreadableError(
            "its weights are computed while the network runs", "Make its weights constants."
        )
    array = weight.array
    kernel, strides = list(array.shape[2:]), _list(op, "strides", dims, 1)
    before, behind = _borders(op, x, kernel, strides)
    if before != behind:
        x, before = padded(x, before, behind, drawing), [0] * dims
    params: dict[str, Param] = {"out_channels": array.shape[0], "kernel_size": _numbers(kernel)}
    wanted = {"stride": strides, "padding": before, "dilation": _list(op, "dilations", dims, 1)}
    defaults = {"stride": 1, "padding": 0, "dilation": 1}
    params |= {name: _numbers(one) for name, one in wanted.items() if _numbers(one) != defaults[name]}
    if (groups := int(op.attribute("group", 1))) != 1:
        params["groups"] = groups
    weights = {"weight": array}
    if isinstance(bias, Held):
        weights["bias"] = bias.array
    else:
        params["bias"] = False
    return drawing.one(f"Conv{dims}d", {"input": x}, params, weights)


def _transposed(op: Op, drawing: Drawing) -> Value:
    x, weight, bias = op.wire(0), op.values[1], op.values[2] if op.has(2) else None
    dims = _spatial(x)
    if not isinstance(weight, Held) or not (bias is None or isinstance(bias, Held)):
        raise UnreadableError(
            "its weights are computed while the network runs", "Make its weights constants."
        )
    array, groups = weight.array, int(op.attribute("group", 1))
    kernel, strides = list(array.shape[2:]), _list(op, "strides", dims, 1)
    dilations, more = _list(op, "dilations", dims, 1), _list(op, "output_padding", dims, 0)
    before, behind = _transposed_borders(op, x, kernel, strides, dilations, more)
    padding = [min(one, other) for one, other in zip(before, behind, strict=True)]
    extra = [(b - p, e - p) for b, e, p in zip(before, behind, padding, strict=True)]
    params: dict[str, Param] = {"out_channels": array.shape[1] * groups, "kernel_size": _numbers(kernel)}
    wanted = {"stride": strides, "padding": padding, "dilation": dilations, "output_padding": more}
    defaults = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
    params |= {name: _numbers(one) for name, one in wanted.items() if _numbers(one) != defaults[name]}
    if groups != 1:
        params["groups"] = groups
    weights = {"weight": array}
    if isinstance(bias, Held):
        weights["bias"] = bias.array
    else:
        params["bias"] = False
    found = drawing.one(f"ConvTranspose{dims}d", {"input": x}, params, weights)
    if any(one != (0, 0) for one in extra):  # cut off what only one side loses
        found = padded(found, [-b for b, _ in extra], [-e for _, e in extra], drawing)
    return found


def _transposed_borders(
    op: Op, x: Wire, kernel: list[int], strides: list[int], dilations: list[int], more: list[int]
) -> tuple[list[int], list[int]]:
    """What is cut off before and behind; from the shape that is to come out where that is given."""
    dims, way, wanted = len(kernel), op.attribute("auto_pad", "NOTSET"), op.attribute("output_shape")
    if wanted is None and way in ("NOTSET", "VALID"):
        pads = _list(op, "pads", 2 * dims, 0) if way == "NOTSET" else [0] * 2 * dims
        return pads[:dims], pads[dims:]
    before, behind = [], []
    for at in range(dims):
        size = x.type.shape[2 + at]
        if not isinstance(size, int):
            raise UnreadableError("its borders depend on a size that is open", "Give the borders as pads.")
        target = wanted[-dims:][at] if wanted is not None else size * strides[at]
        total = strides[at] * (size - 1) + more[at] + (kernel[at] - 1) * dilations[at] + 1 - target
        less = total // 2
        first = less if way == "SAME_UPPER" else total - less
        before.append(first)
        behind.append(total - first)
    return before, behind


def _pool(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    dims, kernel = _spatial(x), [int(one) for one in op.attribute("kernel_shape")]
    maximum = op.type == "MaxPool"
    if len(op.outputs) > 1 and op.used[1]:
        raise UnreadableError("the places of its largest values are used")
    strides, dilations = _list(op, "strides", dims, 1), _list(op, "dilations", dims, 1)
    params: dict[str, Param] = {"kernel_size": _numbers(kernel)}
    if strides != kernel:
        params["stride"] = _numbers(strides)
    if any(one != 1 for one in dilations):
        if not maximum:
            raise UnreadableError("its mean has gaps between the places (dilations)")
        params["dilation"] = _numbers(dilations)
    if op.attribute("ceil_mode", 0):
        params["ceil_mode"] = True
    x = _with_borders(op, x, kernel, strides, params, drawing)
    return drawing.one(f"{'Max' if maximum else 'Avg'}Pool{dims}d", {"input": x}, params)


def _with_borders(
    op: Op, x: Wire, kernel: list[int], strides: list[int], params: dict[str, Param], drawing: Drawing
) -> Wire:
    """The borders of a pool: as the layer's own where it can have them, else put around before."""
    maximum = op.type == "MaxPool"
    before, behind = _borders(op, x, kernel, strides)
    if not any((*before, *behind)):
        return x
    counted = maximum or bool(op.attribute("count_include_pad", 0))
    too_wide = any(2 * one > size for one, size in zip(before, kernel, strict=True))
    if before != behind or too_wide:
        if not counted:
            raise UnreadableError("its mean leaves out borders that differ from side to side")
        return padded(x, before, behind, drawing, float("-inf") if maximum else 0.0)
    params["padding"] = _numbers(before)
    if not counted:
        params["count_include_pad"] = False
    return x


def _global(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    way = "Max" if op.type == "GlobalMaxPool" else "Avg"
    return drawing.one(f"Adaptive{way}Pool{_spatial(x)}d", {"input": x}, {"output_size": 1})


def _power_pool(op: Op, drawing: Drawing) -> Value:
    x, p = op.wire(0), float(op.attribute("p", 2))
    dims = _spatial(x)
    if op.type == "GlobalLpPool":
        places = f"({', '.join(str(at) for at in range(2, x.rank))},)"
        return drawing.write("norm({x}, {p}, {d}, keepdim=True)", x=x, p=p, d=places)
    kernel = [int(one) for one in op.attribute("kernel_shape")]
    strides = _list(op, "strides", dims, 1)
    if any(_list(op, "pads", 2 * dims, 0)) or dims > 2:
        raise UnreadableError("it pools by powers with borders")
    return drawing.write(
        f"(avg_pool{dims}d(abs({{x}}) ** {{p}}, {{k}}, {{s}}) * {{n}}) ** (1 / {{p}})",
        x=x,
        p=p,
        k=str(tuple(kernel)),
        s=str(tuple(strides)),
        n=prod(kernel),
    )


WINDOWS: Mapping[str, Converter] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalAveragePool": _global,
    "GlobalMaxPool": _global,
    "LpPool": _power_pool,
    "GlobalLpPool": _power_pool,
}
