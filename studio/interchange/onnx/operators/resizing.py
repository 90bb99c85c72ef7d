"""Operators that make pictures larger or smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from studio.build.sizes import Size
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.operators.shaping import braces, operands, reshaped
from studio.interchange.onnx.values import (
    Converter,
    Op,
    UnreadableError,
    Value,
    Wire,
    as_sizes,
    quotient,
)
from studio.project.params import Value as Param

PIXELS = 4


def _resize(op: Op, drawing: Drawing) -> Value:
    x, scales, sizes = op.wire(0), _scales(op), None
    if scales is None:
        given = as_sizes(op.values[3] if op.has(3) else None)
        if given is None:
            raise UnreadableError("the size that it resizes to is computed from values")
        sizes = given.values
    if op.attribute("axes") is not None:
        raise UnreadableError("it names the axes that it resizes")
    mode, way = str(op.attribute("mode", "nearest")), str(op.attribute("coordinate_transformation_mode", ""))
    way = way or ("half_pixel" if op.type == "Resize" and op.opset >= 11 else "asymmetric")
    nearest = str(op.attribute("nearest_mode", "round_prefer_floor" if op.opset >= 11 else "floor"))
    return _upsampled(x, scales, sizes, _mode(x, mode, way, nearest, scales), drawing)


def _scales(op: Op) -> tuple[float, ...] | None:
    if op.type == "Upsample" or op.opset < 11:
        given = op.attribute("scales")
        array = np.array(given) if given is not None else op.known(1, "scales")
        return tuple(float(one) for one in array)
    if not op.has(2):
        return None
    array = op.known(2, "scales")
    return tuple(float(one) for one in array) if array.size else None


def _mode(x: Wire, mode: str, way: str, nearest: str, scales: tuple[float, ...] | None) -> dict[str, Param]:
    """torch's word for a way of resizing; UnreadableError where it has none."""
    whole = scales is not None and all(one == int(one) for one in scales)
    plain = {3: "linear", 4: "bilinear", 5: "trilinear"}
    if mode == "nearest":
        if (way == "asymmetric" and nearest == "floor") or (whole and way != "align_corners"):
            return {"mode": "nearest"}
    elif mode in ("linear", "cubic"):
        word = "bicubic" if mode == "cubic" else plain.get(x.rank, "")
        known = {"half_pixel": False, "pytorch_half_pixel": False, "align_corners": True}
        if word and way in known and (mode == "linear" or x.rank == PIXELS):
            return {"mode": word, "align_corners": known[way]}
    raise UnreadableError(f"torch has no way of resizing like {mode} with {way} ({nearest})")


def _upsampled(
    x: Wire,
    scales: tuple[float, ...] | None,
    sizes: Sequence[Size] | None,
    mode: dict[str, Param],
    drawing: Drawing,
) -> Wire:
    if scales is not None:
        if scales[:2] != (1.0, 1.0):
            raise UnreadableError("it resizes samples or channels")
        factors = scales[2:]
        return drawing.one("Upsample", {"input": x}, {"scale_factor": _alike(factors), **mode})
    assert sizes is not None
    wanted = sizes[2:]
    if all(isinstance(one, int) for one in wanted):
        return drawing.one("Upsample", {"input": x}, {"size": _alike(cast(Sequence[int], wanted)), **mode})
    options = ", ".join(f"{key}={one!r}" for key, one in mode.items())
    text = f"interpolate({{x}}, ({braces(wanted)}), {options})"
    return drawing.write(text, x=x, **operands(wanted))


def _alike(values: Sequence[float]) -> Param:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _depth_to_space(op: Op, drawing: Drawing) -> Value:
    x, size = op.wire(0), int(op.attribute("blocksize"))
    if op.attribute("mode", "DCR") == "CRD":
        return drawing.one("PixelShuffle", {"input": x}, {"upscale_factor": size})
    n, c, h, w = x.type.shape
    if not isinstance(c, int):
        raise UnreadableError("the number of its channels is not known")
    parted: list[Size] = [n, size, size, c // size**2, h, w]
    joined: list[Size] = [n, c // size**2, h * size, w * size]
    apart = reshaped(x, parted, drawing)
    return reshaped(drawing.one("Permute", {"input": apart}, {"dims": (0, 3, 4, 1, 5, 2)}), joined, drawing)


def _space_to_depth(op: Op, drawing: Drawing) -> Value:
    x, size = op.wire(0), int(op.attribute("blocksize"))
    n, c, h, w = x.type.shape
    parted: list[Size] = [n, c, quotient(h, size), size, quotient(w, size), size]
    apart = drawing.one("Permute", {"input": reshaped(x, parted, drawing)}, {"dims": (0, 3, 5, 1, 2, 4)})
    channels = c * size**2
    return reshaped(apart, [n, channels, quotient(h, size), quotient(w, size)], drawing)


RESIZING: Mapping[str, Converter] = {
    "Resize": _resize,
    "Upsample": _resize,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth,
}
