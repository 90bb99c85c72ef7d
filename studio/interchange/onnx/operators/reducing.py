"""Operators that make one value of many: sums, means, extremes along dimensions."""

from __future__ import annotations

from collections.abc import Mapping

from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import Converter, Op, UnreadableError, Value, bare

LAYERS: Mapping[str, str] = {
    "ReduceMean": "Mean",
    "ReduceSum": "Sum",
    "ReduceMax": "Max",
    "ReduceMin": "Min",
}
FORMULAS: Mapping[str, str] = {
    "ReduceMean": "mean({x}, {d}, keepdim={k})",
    "ReduceSum": "sum({x}, {d}, keepdim={k})",
    "ReduceMax": "max({x}, {d}, keepdim={k})",
    "ReduceMin": "min({x}, {d}, keepdim={k})",
    "ReduceL1": "norm({x}, 1, {d}, keepdim={k})",
    "ReduceL2": "norm({x}, 2, {d}, keepdim={k})",
    "ReduceLogSum": "log(sum({x}, {d}, keepdim={k}))",
    "ReduceLogSumExp": "logsumexp({x}, {d}, keepdim={k})",
    "ReduceSumSquare": "sum({x} * {x}, {d}, keepdim={k})",
}


def _reduce(op: Op, drawing: Drawing) -> Value:
    x, axes, keep = op.wire(0), op.ints(1, "axes"), bool(op.attribute("keepdims", 1))
    if not axes:
        if op.attribute("noop_with_empty_axes", 0):
            return x
        axes = tuple(range(x.rank))
    axes = tuple(sorted(at + x.rank if at < 0 else at for at in axes))
    if op.type in LAYERS and 0 not in axes and x.type.dtype == "float32":
        params = {"dim": bare(axes), **({"keepdim": True} if keep else {})}
        return drawing.one(LAYERS[op.type], {"input": x}, params)
    return drawing.write(FORMULAS[op.type], x=x, d=str(axes), k=keep)


def _product(op: Op, drawing: Drawing) -> Value:
    x, axes, keep = op.wire(0), op.ints(1, "axes"), bool(op.attribute("keepdims", 1))
    if axes is None:
        axes = tuple(range(x.rank))
    for axis in sorted((at % x.rank for at in axes), reverse=True):
        x = drawing.write("prod({x}, {d}, keepdim={k})", x=x, d=axis, k=keep)
    return x


def _place(op: Op, drawing: Drawing) -> Value:
    x, axis, keep = op.wire(0), int(op.attribute("axis", 0)), bool(op.attribute("keepdims", 1))
    if op.attribute("select_last_index", 0):
        raise UnreadableError("of equal values it takes the last")
    if op.type == "ArgMax" and axis % x.rank:
        return drawing.one("ArgMax", {"input": x}, {"dim": axis, **({"keepdim": True} if keep else {})})
    name = "argmax" if op.type == "ArgMax" else "argmin"
    return drawing.write(f"{name}({{x}}, {{d}}, keepdim={{k}})", x=x, d=axis, k=keep)


def _running_sum(op: Op, drawing: Drawing) -> Value:
    axis = int(op.known(1, "axis").ravel()[0])
    x = op.wire(0)
    if op.attribute("exclusive", 0) or op.attribute("reverse", 0):
        raise UnreadableError("it sums backwards, or without the value itself")
    if axis % x.rank:
        return drawing.one("Cumsum", {"input": x}, {"dim": axis})
    return drawing.write("cumsum({x}, {d})", x=x, d=axis)


REDUCING: Mapping[str, Converter] = {
    **dict.fromkeys(FORMULAS, _reduce),
    "ReduceProd": _product,
    "ArgMax": _place,
    "ArgMin": _place,
    "CumSum": _running_sum,
}
