"""Transforms of pictures (channels, rows, columns), and of masks (rows, columns) in register with them.

A mask's points are never blended, and what is added to one counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.scale import Scale
from studio.data.transforms.step import Params, State, Transform

PICTURE = frozenset({"image"})
EITHER = frozenset({"image", "mask"})
IGNORED = -100
"""The class that losses leave out where nothing else is set."""
MEASURED = 1024
"""Pictures that mean and deviation are learned from."""
IMAGENET: dict[str, tuple[float, ...]] = {
    "mean": (0.485, 0.456, 0.406),
    "deviation": (0.229, 0.224, 0.225),
}
GREY = np.array([19595, 38470, 7471], np.uint32)
"""Shares of red, green and blue in what is seen as grey, in parts of 65536 (ITU-R 601)."""
Box = tuple[float, float, float, float]


def _resize(values: Values, params: Params, state: State) -> Values:
    size = int(params["width"]), int(params["height"])
    return [_resized(np.asarray(one), size, params) for one in values]


def resized(one: Array, size: tuple[int, int]) -> Array:
    """A picture brought to a size (width, height), whatever its shape was."""
    return _resized(one, size, {"keep": "stretch", "by": "bilinear"})


def _resized(one: Array, size: tuple[int, int], params: Params) -> Array:
    rows, columns = one.shape[-2:]
    width, height = size
    if (columns, rows) == size:
        return one
    if params["keep"] == "pad":
        factor = min(width / columns, height / rows)
        inner = max(1, round(columns * factor)), max(1, round(rows * factor))
        return _padded(_drawn(one, inner, (0, 0, columns, rows), params), size, params["fill"])
    box: Box = (0, 0, columns, rows)
    if params["keep"] == "crop":
        factor = max(width / columns, height / rows)
        left, top = (columns - width / factor) / 2, (rows - height / factor) / 2
        box = (left, top, columns - left, rows - top)
    return _drawn(one, size, box, params)


def _drawn(one: Array, size: tuple[int, int], box: Box, params: Params) -> Array:
    """What lies in a box, at another size."""
    if one.ndim == 2 or params["by"] == "nearest":
        at_x, at_y = (
            np.floor(low + (np.arange(count) + 0.5) * (high - low) / count).astype(np.int64)
            for count, low, high in zip(size, box[:2], box[2:], strict=True)
        )
        return one[..., at_y.clip(0, one.shape[-2] - 1)[:, None], at_x.clip(0, one.shape[-1] - 1)]
    if one.dtype == np.uint8 and len(one) == 3:
        return _blended(np.ascontiguousarray(one.transpose(1, 2, 0)), size, box).transpose(2, 0, 1)
    return np.stack([_blended(channel, size, box) for channel in one])


def _blended(pixels: Array, size: tuple[int, int], box: Box) -> Array:
    from PIL import Image

    plain = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    image = Image.fromarray(plain).resize(size, Image.Resampling.BILINEAR, box)
    found = np.asarray(image)
    return np.rint(found).astype(pixels.dtype) if pixels.dtype.kind in "iu" else found.astype(pixels.dtype)


def _padded(one: Array, size: tuple[int, int], fill: float) -> Array:
    """Points added on all sides; those of a mask of classes count for nothing."""
    rows, columns = one.shape[-2:]
    extra = [(rest // 2, rest - rest // 2) for rest in (size[1] - rows, size[0] - columns)]
    if any(before < 0 or after < 0 for before, after in extra):
        raise DataError(
            f"A picture of {columns}×{rows} points is padded to no less than that: {size[0]}×{size[1]}.",
            "Put Resize before, or choose a larger size.",
            "fields",
        )
    value = fill if one.ndim == 3 else IGNORED if one.dtype.kind == "i" else 0
    return np.pad(one, [(0, 0)] * (one.ndim - 2) + extra, constant_values=value)


def _pad(values: Values, params: Params, state: State) -> Values:
    size = int(params["width"]), int(params["height"])
    return [_padded(np.asarray(one), size, params["fill"]) for one in values]


def _center_crop(values: Values, params: Params, state: State) -> Values:
    return [_cropped(np.asarray(one), int(params["width"]), int(params["height"])) for one in values]


def _cropped(one: Array, width: int, height: int) -> Array:
    rows, columns = one.shape[-2:]
    if rows < height or columns < width:
        raise DataError(
            f"A picture of {columns}×{rows} points has no middle of {width}×{height}.",
            "Put Resize or PadPicture before, or choose a smaller size.",
            "fields",
        )
    top, left = (rows - height) // 2, (columns - width) // 2
    return one[..., top : top + height, left : left + width]


def _grayscale(values: Values, params: Params, state: State) -> Values:
    return [_grey(np.asarray(one)) for one in values]


def _grey(one: Array) -> Array:
    if len(one) == 1:
        return one
    if len(one) < 3:
        raise DataError(f"Colour has 3 channels; this has {len(one)}.", "Take Grayscale away.", "fields")
    if one.dtype.kind == "f":
        return np.tensordot(GREY / 65536, one[:3], 1)[None].astype(one.dtype)
    return ((np.tensordot(GREY, one[:3].astype(np.uint32), 1) + 32768) >> 16)[None].astype(one.dtype)


def _color(values: Values, params: Params, state: State) -> Values:
    return [one if len(one) == 3 else np.repeat(np.asarray(one)[:1], 3, 0) for one in values]


def _measure(parts: Iterable[Values], params: Params) -> State:
    """Mean and deviation of each channel, in double precision."""
    if params["by"] != "learned":
        return {}
    count, sums, squares = 0, np.zeros(()), np.zeros(())
    for one in (np.asarray(one, np.float64) for part in parts for one in part):
        flat = one.reshape(len(one), -1)
        count, sums, squares = count + flat.shape[1], sums + flat.sum(1), squares + np.square(flat).sum(1)
    if not count:
        raise DataError("The training part has no pictures.", "Choose other data.", "fields")
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    return {"mean": mean.tolist(), "deviation": np.where(deviation > 1e-9, deviation, 1.0).tolist()}


def _normal_scale(params: Params, state: State, low: float, high: float) -> Scale:
    """Learned numbers are those of the values themselves, others those of values from 0 to 1."""
    if params["by"] == "learned":
        mean, deviation = np.array(state["mean"]), np.array(state["deviation"])
    else:
        told: Any = IMAGENET if params["by"] == "imagenet" else params
        mean = low + np.array(told["mean"], np.float64) * (high - low)
        deviation = np.array(told["deviation"], np.float64) * (high - low)
    return Scale(mean.reshape(-1, 1, 1), 1.0 / deviation.reshape(-1, 1, 1))


def _unit_scale(params: Params, state: State, low: float, high: float) -> Scale:
    return Scale(np.full((1, 1, 1), low), np.full((1, 1, 1), 1.0 / ((high - low) or 1.0)))


def bounds(dtype: np.dtype[Any]) -> tuple[float, float]:
    """What values of pictures of a type lie between."""
    return (0.0, float(np.iinfo(dtype).max)) if dtype.kind == "u" else (0.0, 1.0)


def _normalized(values: Values, params: Params, state: State) -> Values:
    return [
        _normal_scale(params, state, *bounds(one.dtype)).apply(one) for one in (np.asarray(v) for v in values)
    ]


def _rescaled(values: Values, params: Params, state: State) -> Values:
    return [
        _unit_scale(params, state, *bounds(one.dtype)).apply(one) for one in (np.asarray(v) for v in values)
    ]


TRANSFORMS = {
    "Resize": Transform(EITHER, _resize),
    "CenterCrop": Transform(EITHER, _center_crop),
    "PadPicture": Transform(EITHER, _pad),
    "Grayscale": Transform(PICTURE, _grayscale),
    "Color": Transform(PICTURE, _color),
    "Normalize": Transform(PICTURE, _normalized, _measure, most=MEASURED, scale=_normal_scale),
    "Rescale": Transform(PICTURE, _rescaled, scale=_unit_scale),
}
GEOMETRY = frozenset({"Resize", "CenterCrop", "PadPicture"})
"""Transforms that move points: a picture's mask takes the same."""
