# type: ignore
# Keras knows most types at run time only.
"""Positions, tokens of the model's own, attention, and tensors that no data brings."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("neuroloom")
class LearnedPositions(layers.Layer):
    """Adds a learned vector for each place of a sequence."""

    def __init__(self, length: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.length = length

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """One vector for each place."""
        shape = (self.length, input_shape[-1])
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.positions = self.add_weight(
            shape=shape, initializer=start, name="positions"
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """(N, L, features) to the same."""
        return inputs + self.positions[: ops.shape(inputs)[1]]

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """The shape stays."""
        return input_shape

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "length": self.length}


@keras.saving.register_keras_serializable("neuroloom")
class ClassToken(layers.Layer):
    """Puts learned places in front of every sequence; what they gather stands for the whole."""

    def __init__(self, tokens: int = 1, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.tokens = tokens

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """One vector for each token."""
        shape = (1, self.tokens, input_shape[-1])
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(shape=shape, initializer=start, name="token")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """(N, L, features) to (N, tokens + L, features)."""
        tokens = ops.repeat(self.token, ops.shape(inputs)[0], axis=0)
        return ops.concatenate([tokens, inputs], axis=1)

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "tokens": self.tokens}


@keras.saving.register_keras_serializable("neuroloom")
class ForEachSample(layers.Layer):
    """Repeats what has one row, once for every sample of another tensor."""

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """(1, …) and (N, …) to (N, …)."""
        row, samples = inputs
        return ops.repeat(row, ops.shape(samples)[0], axis=0)


def scaled_to_one(
    inputs: keras.KerasTensor, axes: tuple[int, ...], epsilon: float
) -> keras.KerasTensor:
    """Some dimensions with a mean of 0 and a variance of 1."""
    apart = inputs - ops.mean(inputs, axis=axes, keepdims=True)
    spread = ops.mean(ops.square(apart), axis=axes, keepdims=True)
    return apart * ops.rsqrt(spread + epsilon)


@keras.saving.register_keras_serializable("neuroloom")
class Constant(layers.Layer):
    """A fixed tensor, once for each sample of the tensor it is called on, or once for all."""

    def __init__(
        self,
        value: float | tuple[float, ...],
        shape: tuple[int, ...],
        dtype: str = "float32",
        per_sample: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.value, self.shape, self.kind, self.per_sample = (
            value,
            shape,
            dtype,
            per_sample,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """(N, *shape), or the shape alone."""
        values = np.broadcast_to(np.ravel(self.value), (int(np.prod(self.shape)),))
        fixed = ops.convert_to_tensor(values.reshape(self.shape), dtype=self.kind)
        if not self.per_sample:
            return fixed
        return ops.broadcast_to(fixed, (ops.shape(inputs)[0], *self.shape))

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        kept = {"value": self.value, "shape": self.shape, "dtype": self.kind}
        return {**super().get_config(), **kept, "per_sample": self.per_sample}


@keras.saving.register_keras_serializable("neuroloom")
class Parameter(layers.Layer):
    """A tensor that is learned by itself, once for each sample of what it is called on, or once for all."""

    def __init__(
        self,
        shape: tuple[int, ...],
        initializer: object = "zeros",
        per_sample: bool = True,
        dtype: str = "float32",
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.shape, self.per_sample, self.kind = tuple(shape), per_sample, dtype
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The tensor itself."""
        self.value = self.add_weight(
            shape=self.shape,
            initializer=self.initializer,
            dtype=self.kind,
            trainable=self.kind == "float32",
            name="value",
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """(N, *shape), or the shape alone."""
        if not self.per_sample:
            return ops.convert_to_tensor(self.value)
        return ops.broadcast_to(self.value, (ops.shape(inputs)[0], *self.shape))

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        start = keras.initializers.serialize(self.initializer)
        kept = {
            "shape": self.shape,
            "initializer": start,
            "per_sample": self.per_sample,
            "dtype": self.kind,
        }
        return {**super().get_config(), **kept}


def sinusoidal_positions(
    inputs: keras.KerasTensor, base: float = 10000.0
) -> keras.KerasTensor:
    """Add sines and cosines of the place, of ever longer waves, to (N, L, features)."""
    length, size = inputs.shape[1:]
    rates = np.exp(np.arange(0, size, 2) * (-np.log(base) / size))
    angles = np.arange(length)[:, None] * rates
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, -1)
    return inputs + ops.convert_to_tensor(waves[:, :size], dtype=inputs.dtype)


def rotary_embedding(
    inputs: keras.KerasTensor, base: float = 10000.0, interleaved: bool = False
) -> keras.KerasTensor:
    """Turn pairs of features of (N, heads, L, features) by angles that grow with the place."""
    length, size = inputs.shape[-2:]
    angles = np.arange(length)[:, None] * base ** (-np.arange(0, size, 2) / size)
    cos = ops.convert_to_tensor(np.cos(angles), dtype=inputs.dtype)
    sin = ops.convert_to_tensor(np.sin(angles), dtype=inputs.dtype)
    if interleaved:
        one, two = inputs[..., ::2], inputs[..., 1::2]
        turned = ops.stack([one * cos - two * sin, one * sin + two * cos], axis=-1)
        return ops.reshape(turned, (-1, *inputs.shape[1:]))
    one, two = ops.split(inputs, 2, axis=-1)
    return ops.concatenate([one * cos - two * sin, one * sin + two * cos], axis=-1)


def dot_product_attention(
    query: keras.KerasTensor,
    key: keras.KerasTensor,
    value: keras.KerasTensor,
    mask: keras.KerasTensor | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> keras.KerasTensor:
    """Mix values of (…, S, features) by how well keys agree with queries of (…, L, features).

    True in a mask lets a place be looked at; a mask of numbers is added to the scores.
    """
    scores = query @ ops.swapaxes(key, -1, -2) * (scale or query.shape[-1] ** -0.5)
    if causal:
        ahead = np.triu(np.full(scores.shape[-2:], -1e9, "float32"), 1)
        scores = scores + ops.convert_to_tensor(ahead)
    if mask is not None and mask.dtype == "bool":
        scores = ops.where(mask, scores, -1e9)
    elif mask is not None:
        scores = scores + mask
    return ops.softmax(scores) @ value
