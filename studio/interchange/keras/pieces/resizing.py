# type: ignore
# Keras knows most types at run time only.
"""Ways to change sizes that Keras lacks, or computes otherwise than torch."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


def resize_matrix(
    size: int, wanted: int, ratio: float, mode: str, corners: bool
) -> np.ndarray:
    """What each new place takes of each old one, (wanted, size)."""
    new = np.arange(wanted)
    found = np.zeros((wanted, size), "float32")
    if mode == "area":
        for at in new:
            start, end = at * size // wanted, -(-(at + 1) * size // wanted)
            found[at, start:end] = 1 / (end - start)
        return found
    if mode.startswith("nearest"):
        half = 0.5 if mode == "nearest-exact" else 0.0
        places = np.floor((new + half) * ratio).astype(int)
        found[new, np.clip(places, 0, size - 1)] = 1.0
        return found
    step = (size - 1) / max(wanted - 1, 1)
    source = new * step if corners else (new + 0.5) * ratio - 0.5
    cubic = mode == "bicubic"
    source = source if cubic or corners else np.maximum(source, 0.0)
    floor = np.floor(source).astype(int)
    for step in range(-1, 3) if cubic else range(2):
        apart = np.abs(source - floor - step)
        if cubic:
            near = (1.25 * apart - 2.25) * apart**2 + 1
            far = -0.75 * apart**3 + 3.75 * apart**2 - 6 * apart + 3
            share = np.where(apart <= 1, near, np.where(apart < 2, far, 0.0))
        else:
            share = np.maximum(1 - apart, 0.0)
        np.add.at(found, (new, np.clip(floor + step, 0, size - 1)), share)
    return found


def resized(
    inputs: keras.KerasTensor,
    size: tuple[int, ...] | None,
    mode: str = "nearest",
    factor: float | None = None,
    align_corners: bool = False,
) -> keras.KerasTensor:
    """Bring (N, …, C) to a size as torch does; `factor` is the one that was asked for."""
    size = size or [int(have * factor) for have in inputs.shape[1:-1]]
    for axis, wanted in enumerate(size, 1):
        have = inputs.shape[axis]
        ratio = 1 / factor if factor else have / wanted
        matrix = resize_matrix(have, wanted, ratio, mode, align_corners)
        moved = ops.moveaxis(inputs, axis, -1) @ ops.convert_to_tensor(matrix.T)
        inputs = ops.moveaxis(moved, -1, axis)
    return inputs


def pixel_shuffle(inputs: keras.KerasTensor, factor: int) -> keras.KerasTensor:
    """(N, H, W, C·factor²) to (N, factor·H, factor·W, C)."""
    height, width, channels = inputs.shape[1:]
    channels //= factor**2
    split = ops.reshape(inputs, (-1, height, width, channels, factor, factor))
    turned = ops.transpose(split, (0, 1, 4, 2, 5, 3))
    return ops.reshape(turned, (-1, height * factor, width * factor, channels))


def pixel_unshuffle(inputs: keras.KerasTensor, factor: int) -> keras.KerasTensor:
    """(N, H, W, C) to (N, H/factor, W/factor, C·factor²)."""
    height, width, channels = inputs.shape[1:]
    height, width = height // factor, width // factor
    split = ops.reshape(inputs, (-1, height, factor, width, factor, channels))
    turned = ops.transpose(split, (0, 1, 3, 5, 2, 4))
    return ops.reshape(turned, (-1, height, width, channels * factor**2))


def channel_shuffle(inputs: keras.KerasTensor, groups: int) -> keras.KerasTensor:
    """Mix the channels of all groups of (N, …, C)."""
    *places, channels = inputs.shape[1:]
    split = ops.reshape(inputs, (-1, *places, groups, channels // groups))
    return ops.reshape(ops.swapaxes(split, -1, -2), (-1, *places, channels))


def window_places(
    size: tuple[int, int],
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    stride: tuple[int, int],
) -> np.ndarray:
    """The place of each value of each window in a bordered image, (values, windows)."""
    high, wide = (one + 2 * more for one, more in zip(size, padding, strict=True))
    rows, columns = (
        np.arange(0, have - gap * (window - 1), step)
        for have, window, gap, step in zip(
            (high, wide), kernel, dilation, stride, strict=True
        )
    )
    down, right = (
        np.arange(one) * gap for one, gap in zip(kernel, dilation, strict=True)
    )
    inside = (down[:, None] * wide + right).reshape(-1, 1)
    return inside + (rows[:, None] * wide + columns).reshape(1, -1)


def unfold(
    inputs: keras.KerasTensor,
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    stride: tuple[int, int],
) -> keras.KerasTensor:
    """Cut (N, C, H, W) into windows: (N, C·values, windows)."""
    channels, *size = inputs.shape[1:]
    places = window_places(size, kernel, dilation, padding, stride)
    padded = ops.pad(inputs, ((0, 0), (0, 0), *((one, one) for one in padding)))
    flat = ops.reshape(padded, (-1, channels, padded.shape[2] * padded.shape[3]))
    taken = ops.take(flat, places.reshape(-1), axis=2)
    return ops.reshape(taken, (-1, channels * places.shape[0], places.shape[1]))


def fold(
    inputs: keras.KerasTensor,
    size: tuple[int, int],
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    stride: tuple[int, int],
) -> keras.KerasTensor:
    """Put windows of (N, C·values, windows) back, adding up: (N, C, H, W)."""
    places = window_places(size, kernel, dilation, padding, stride)
    high, wide = (one + 2 * more for one, more in zip(size, padding, strict=True))
    matrix = np.zeros((places.size, high * wide), "float32")
    matrix[np.arange(places.size), places.reshape(-1)] = 1.0
    channels = inputs.shape[1] // places.shape[0]
    rows = ops.reshape(inputs, (-1, channels, places.size))
    image = ops.reshape(
        rows @ ops.convert_to_tensor(matrix), (-1, channels, high, wide)
    )
    top, left = padding
    return image[:, :, top : top + size[0], left : left + size[1]]
