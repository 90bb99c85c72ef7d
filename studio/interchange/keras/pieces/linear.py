# type: ignore
# Keras knows most types at run time only.
"""Linear layers, scales and a way to drop branches that Keras lacks."""

from __future__ import annotations

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("neuroloom")
class Scale(layers.Layer):
    """Multiplies by a learned factor: one, or one for each place along an axis."""

    def __init__(
        self, axis: int | None = None, factor: float = 1.0, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.factor = axis, factor

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The factors, in a shape that meets the tensor's."""
        size = 1 if self.axis is None else input_shape[self.axis]
        start = keras.initializers.Constant(self.factor)
        self.scale = self.add_weight(shape=(size,), initializer=start, name="scale")
        self.sizes = [1] * len(input_shape)
        self.sizes[-1 if self.axis is None else self.axis] = size

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """A tensor in its shape, scaled."""
        return inputs * ops.reshape(self.scale, self.sizes)

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "axis": self.axis, "factor": self.factor}


@keras.saving.register_keras_serializable("neuroloom")
class Bilinear(layers.Layer):
    """Joins two tensors: every unit is a learned weighting of all products of their features."""

    def __init__(self, units: int, use_bias: bool = True, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        """A matrix for each unit."""
        shape = (self.units, input_shape[0][-1], input_shape[1][-1])
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.units,), initializer="zeros", name="bias"
            )

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """(…, one) and (…, other) to (…, units)."""
        found = ops.einsum("...i,kij,...j->...k", inputs[0], self.kernel, inputs[1])
        return found + self.bias if self.use_bias else found

    def compute_output_shape(
        self, input_shape: list[tuple[int | None, ...]]
    ) -> tuple[int | None, ...]:
        """The shape of the first with the units last."""
        return (*input_shape[0][:-1], self.units)

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "units": self.units, "use_bias": self.use_bias}


@keras.saving.register_keras_serializable("neuroloom")
class LoRADense(layers.Layer):
    """A Dense layer that stays as it is; two small matrices learn what to change about it.

    Hu et al. 2021, https://arxiv.org/abs/2106.09685.
    """

    def __init__(
        self,
        units: int,
        rank: int = 8,
        alpha: float = 16.0,
        dropout: float = 0.0,
        use_bias: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.rank, self.alpha, self.use_bias = units, rank, alpha, use_bias
        self.dropout = layers.Dropout(dropout)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The two small matrices, and the plain layer's weights, which do not train."""
        size = input_shape[-1]
        self.down = self.add_weight(shape=(size, self.rank), name="down")
        self.up = self.add_weight(
            shape=(self.rank, self.units), initializer="zeros", name="up"
        )
        self.kernel = self.add_weight(
            shape=(size, self.units), trainable=False, name="kernel"
        )
        if self.use_bias:
            shape = (self.units,)
            self.bias = self.add_weight(
                shape=shape, initializer="zeros", trainable=False, name="bias"
            )

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        """(…, features) to (…, units)."""
        change = self.dropout(inputs, training=training) @ self.down @ self.up
        found = inputs @ self.kernel + change * (self.alpha / self.rank)
        return found + self.bias if self.use_bias else found

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        kept = {"units": self.units, "rank": self.rank, "alpha": self.alpha}
        more = {"dropout": self.dropout.rate, "use_bias": self.use_bias}
        return {**super().get_config(), **kept, **more}


@keras.saving.register_keras_serializable("neuroloom")
class StochasticDepth(layers.Layer):
    """In training, zeroes whole samples (row) or the whole batch at random, and scales up the rest.

    Huang et al. 2016, https://arxiv.org/abs/1603.09382.
    """

    def __init__(self, rate: float = 0.1, mode: str = "row", **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.rate, self.mode = rate, mode
        self.seeds = keras.random.SeedGenerator()

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        """(N, …) to the same."""
        if not training or self.rate == 0.0:
            return inputs
        rows = ops.shape(inputs)[0] if self.mode == "row" else 1
        shape = (rows, *([1] * (len(inputs.shape) - 1)))
        kept = keras.random.uniform(shape, seed=self.seeds) >= self.rate
        return inputs * ops.cast(kept, inputs.dtype) / max(1 - self.rate, 1e-7)

    def get_config(self) -> dict[str, object]:
        """What makes the layer again."""
        return {**super().get_config(), "rate": self.rate, "mode": self.mode}


def convolved(
    inputs: keras.KerasTensor,
    kernel: keras.KerasTensor,
    strides: tuple[int, ...],
    sides: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int = 1,
) -> keras.KerasTensor:
    """(N, C, …) and kernels (out, in, …) to (N, out, …), with zeros at the sides."""
    dims = range(2, len(kernel.shape))
    last = ops.transpose(inputs, (0, *dims, 1))
    last = ops.pad(last, ((0, 0), *((one, one) for one in sides), (0, 0)))
    turned = ops.transpose(kernel, (*dims, 1, 0))
    given = (strides, "valid", "channels_last", dilation)
    if groups == inputs.shape[1] and groups > 1:
        each = (*turned.shape[:-2], groups, kernel.shape[0] // groups)
        found = ops.depthwise_conv(last, ops.reshape(turned, each), *given)
    else:
        parts = ops.split(last, groups, axis=-1)
        kernels = ops.split(turned, groups, axis=-1)
        found = [ops.conv(*pair, *given) for pair in zip(parts, kernels, strict=True)]
        found = ops.concatenate(found, axis=-1)
    return ops.moveaxis(found, -1, 1)
