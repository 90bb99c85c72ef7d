# type: ignore
# Keras knows most types at run time only.
"""Windows and borders that Keras lacks: places of the largest values, and sides of any kind."""

from __future__ import annotations

from itertools import product

import keras
import numpy as np
from keras import layers, ops


def bordered(
    inputs: keras.KerasTensor, sides: tuple[tuple[int, int], ...], mode: str
) -> keras.KerasTensor:
    """Add places around (N, …, C) from within: reflect, replicate or circular."""
    for axis, (before, behind) in enumerate(sides, 1):
        size = inputs.shape[axis]
        places = np.arange(-before, size + behind)
        if mode == "reflect":
            places = np.abs(places)
            places = size - 1 - np.abs(size - 1 - places)
        elif mode == "replicate":
            places = np.clip(places, 0, size - 1)
        inputs = ops.take(inputs, places % size, axis=axis)
    return inputs


def windows_of(
    inputs: keras.KerasTensor, size: tuple[int, ...], step: tuple[int, ...]
) -> keras.KerasTensor:
    """The values of each window of (N, …, C), row by row in a new last axis."""
    counts = [
        (have - one) // stride + 1
        for have, one, stride in zip(inputs.shape[1:-1], size, step, strict=True)
    ]
    found = []
    for offset in product(*map(range, size)):
        slices = [
            slice(start, start + (count - 1) * stride + 1, stride)
            for start, count, stride in zip(offset, counts, step, strict=True)
        ]
        found.append(inputs[(slice(None), *slices)])
    return ops.stack(found, axis=-1)


def max_pool_with_places(
    inputs: keras.KerasTensor,
    size: tuple[int, ...],
    step: tuple[int, ...],
    sides: tuple[tuple[int, int], ...],
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The largest value of each window of (N, …, C), and its place counted row by row."""
    sizes = inputs.shape[1:-1]
    numbers = np.arange(int(np.prod(sizes)), dtype="int32").reshape(1, *sizes, 1)
    around = ((0, 0), *sides, (0, 0))
    places = ops.convert_to_numpy(windows_of(np.pad(numbers, around), size, step))
    padded = ops.pad(inputs, around, constant_values=float("-inf"))
    values = windows_of(padded, size, step)
    chosen = ops.one_hot(ops.argmax(values, axis=-1), values.shape[-1], dtype="int32")
    return ops.max(values, axis=-1), ops.sum(chosen * places, axis=-1)


def average_pool(
    inputs: keras.KerasTensor,
    size: tuple[int, ...],
    step: tuple[int, ...],
    sides: tuple[tuple[int, int], ...],
    counted: tuple[int, ...],
) -> keras.KerasTensor:
    """The mean of each window of (N, …, C); of the border only `counted` places count."""
    around = ((0, 0), *sides, (0, 0))
    outside = [
        (max(before - count, 0), max(behind - count, 0))
        for (before, behind), count in zip(sides, counted, strict=True)
    ]
    within = [
        (before - more[0], behind - more[1])
        for (before, behind), more in zip(sides, outside, strict=True)
    ]
    ones = np.ones((1, *inputs.shape[1:-1], 1), "float32")
    ones = np.pad(ones, ((0, 0), *within, (0, 0)), constant_values=1.0)
    ones = np.pad(ones, ((0, 0), *outside, (0, 0)))
    counts = ops.convert_to_numpy(ops.sum(windows_of(ones, size, step), axis=-1))
    total = ops.average_pool(ops.pad(inputs, around), size, step) * float(np.prod(size))
    return total / counts


@keras.saving.register_keras_serializable("neuroloom")
class MaxUnpooling(layers.Layer):
    """Puts each value of (N, …, C) back to its place, counted row by row, and zeros elsewhere."""

    def __init__(self, size: tuple[int, ...], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.size = tuple(size)

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Values and places of one shape to the size of before."""
        values, places = inputs
        channels, count = values.shape[-1], int(np.prod(self.size))
        rows = ops.shape(values)[0] * channels
        first = np.arange(channels) * count
        samples = ops.arange(ops.shape(values)[0]) * (channels * count)
        samples = ops.reshape(samples, (-1, *([1] * (len(values.shape) - 1))))
        index = ops.cast(places, "int32") + first + ops.cast(samples, "int32")
        flat = ops.zeros((rows * count,), dtype=values.dtype)
        index, values = ops.reshape(index, (-1, 1)), ops.reshape(values, (-1,))
        found = ops.scatter_update(flat, index, values)
        found = ops.reshape(found, (-1, channels, *self.size))
        return ops.moveaxis(found, 1, -1)

    def compute_output_shape(
        self, input_shape: list[tuple[int | None, ...]]
    ) -> tuple[int | None, ...]:
        """The size of before."""
        return (input_shape[0][0], *self.size, input_shape[0][-1])

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "size": self.size}


def local_response_norm(
    inputs: keras.KerasTensor, size: int, alpha: float, beta: float, k: float
) -> keras.KerasTensor:
    """Damp every value of (N, …, C) by its neighbours in the channels next to it."""
    channels = inputs.shape[-1]
    around = [(0, 0)] * (len(inputs.shape) - 1) + [(size // 2, (size - 1) // 2)]
    squares = ops.pad(ops.square(inputs), around)
    total = sum(squares[..., at : at + channels] for at in range(size))
    return inputs / (k + total * (alpha / size)) ** beta
