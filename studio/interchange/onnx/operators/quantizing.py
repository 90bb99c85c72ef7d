"""Operators of quantized networks: numbers rounded to steps of a scale, kept as fractions all the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import Array, Converter, Held, Op, UnreadableError, Value, Wire

KINDS: Mapping[int, str] = {2: "uint8", 3: "int8", 4: "uint16", 5: "int16"}
"""ONNX's numbers of the kinds that it rounds to."""


def _quantize(op: Op, drawing: Drawing) -> Value:
    x, scale, zero = _parts(op)
    kind = op.known(2, "zero point").dtype.name if op.has(2) else KINDS.get(_wanted(op), "")
    if kind not in KINDS.values():
        raise UnreadableError(f"it rounds to numbers of the kind {kind or _wanted(op)}")
    ends = np.iinfo(kind)
    text = "clamp(round({x} / {s}) + {z}, {a}, {b})"
    return drawing.write(text, x=x, s=Held(scale), z=Held(zero), a=float(ends.min), b=float(ends.max))


def _wanted(op: Op) -> int:
    return int(op.attribute("output_dtype", 0)) or 2


def _dequantize(op: Op, drawing: Drawing) -> Value:
    x, scale, zero = _parts(op)
    whole = "float({x})" if x.type.dtype != "float32" else "{x}"
    return drawing.write(f"({whole} - {{z}}) * {{s}}", x=x, s=Held(scale), z=Held(zero))


def _parts(op: Op) -> tuple[Wire, Array, Array]:
    """What is rounded, and the scale and zero point as they meet it."""
    x, scale = op.wire(0), op.known(1, "scale")
    zero = op.known(2, "zero point") if op.has(2) else np.zeros_like(scale)
    if op.attribute("block_size", 0):
        raise UnreadableError("its scale is one of blocks")
    axis = int(op.attribute("axis", 1))
    shape = [1] * x.rank
    if scale.size > 1:
        shape[axis] = -1
    fitting = [np.asarray(one, np.float32).reshape(shape if scale.size > 1 else ()) for one in (scale, zero)]
    return x, fitting[0], fitting[1]


QUANTIZING: Mapping[str, Converter] = {"QuantizeLinear": _quantize, "DequantizeLinear": _dequantize}
