# type: ignore
# Keras knows most types at run time only.
"""Layers of the Transformer and stacks of them, made of Keras' own layers."""

from __future__ import annotations

import keras
from keras import layers


def attended(
    query: keras.KerasTensor,
    value: keras.KerasTensor,
    heads: int,
    dropout: float,
    use_bias: bool,
    mask: keras.KerasTensor | None,
    causal: bool,
    name: str,
) -> keras.KerasTensor:
    """Attention of (N, L, features) to (N, S, features), then dropout."""
    attention = layers.MultiHeadAttention(
        heads, query.shape[-1] // heads, dropout=dropout, use_bias=use_bias, name=name
    )
    found = attention(query, value, attention_mask=mask, use_causal_mask=causal)
    return layers.Dropout(dropout, name=f"{name}_dropout")(found)


def fed_forward(
    inputs: keras.KerasTensor,
    width: int,
    dropout: float,
    activation: str,
    use_bias: bool,
    name: str,
) -> keras.KerasTensor:
    """The small network that works on every place by itself."""
    wide = layers.Dense(width, use_bias=use_bias, name=f"{name}_linear1")(inputs)
    wide = layers.Activation(activation, name=f"{name}_activation")(wide)
    wide = layers.Dropout(dropout, name=f"{name}_dropout")(wide)
    size = inputs.shape[-1]
    narrow = layers.Dense(size, use_bias=use_bias, name=f"{name}_linear2")(wide)
    return layers.Dropout(dropout, name=f"{name}_dropout2")(narrow)


def transformer_encoder_layer(
    inputs: keras.KerasTensor,
    heads: int,
    width: int = 2048,
    dropout: float = 0.1,
    activation: str = "relu",
    epsilon: float = 1e-5,
    norm_first: bool = False,
    use_bias: bool = True,
    mask: keras.KerasTensor | None = None,
    causal: bool = False,
    *,
    name: str,
) -> keras.KerasTensor:
    """Self-attention and a small network, each with a skip; True in the mask lets look."""
    norm1, norm2 = (
        layers.LayerNormalization(
            epsilon=epsilon, center=use_bias, name=f"{name}_norm{at}"
        )
        for at in (1, 2)
    )
    looking = (heads, dropout, use_bias, mask, causal, f"{name}_self_attn")
    feeding = (width, dropout, activation, use_bias, name)
    if norm_first:
        x = norm1(inputs)
        x = layers.Add()([inputs, attended(x, x, *looking)])
        return layers.Add()([x, fed_forward(norm2(x), *feeding)])
    x = norm1(layers.Add()([inputs, attended(inputs, inputs, *looking)]))
    return norm2(layers.Add()([x, fed_forward(x, *feeding)]))


def transformer_decoder_layer(
    inputs: keras.KerasTensor,
    memory: keras.KerasTensor,
    heads: int,
    width: int = 2048,
    dropout: float = 0.1,
    activation: str = "relu",
    epsilon: float = 1e-5,
    norm_first: bool = False,
    use_bias: bool = True,
    mask: keras.KerasTensor | None = None,
    memory_mask: keras.KerasTensor | None = None,
    causal: bool = False,
    *,
    name: str,
) -> keras.KerasTensor:
    """Attention to itself, to a memory, and a small network, each with a skip."""
    norm1, norm2, norm3 = (
        layers.LayerNormalization(
            epsilon=epsilon, center=use_bias, name=f"{name}_norm{at}"
        )
        for at in (1, 2, 3)
    )
    own = (heads, dropout, use_bias, mask, causal, f"{name}_self_attn")
    other = (heads, dropout, use_bias, memory_mask, False, f"{name}_multihead_attn")
    feeding = (width, dropout, activation, use_bias, name)
    if norm_first:
        x = norm1(inputs)
        x = layers.Add()([inputs, attended(x, x, *own)])
        x = layers.Add()([x, attended(norm2(x), memory, *other)])
        return layers.Add()([x, fed_forward(norm3(x), *feeding)])
    x = norm1(layers.Add()([inputs, attended(inputs, inputs, *own)]))
    x = norm2(layers.Add()([x, attended(x, memory, *other)]))
    return norm3(layers.Add()([x, fed_forward(x, *feeding)]))


def transformer_encoder(
    inputs: keras.KerasTensor,
    depth: int,
    final_norm: bool = False,
    *,
    name: str,
    **settings: object,
) -> keras.KerasTensor:
    """Encoder layers on top of each other."""
    x = inputs
    for index in range(depth):
        x = transformer_encoder_layer(x, name=f"{name}_{index}", **settings)
    if not final_norm:
        return x
    epsilon, bias = settings.get("epsilon", 1e-5), settings.get("use_bias", True)
    return layers.LayerNormalization(epsilon=epsilon, center=bias, name=f"{name}_norm")(
        x
    )


def transformer_decoder(
    inputs: keras.KerasTensor,
    memory: keras.KerasTensor,
    depth: int,
    final_norm: bool = False,
    *,
    name: str,
    **settings: object,
) -> keras.KerasTensor:
    """Decoder layers on top of each other, all looking at one memory."""
    x = inputs
    for index in range(depth):
        x = transformer_decoder_layer(x, memory, name=f"{name}_{index}", **settings)
    if not final_norm:
        return x
    epsilon, bias = settings.get("epsilon", 1e-5), settings.get("use_bias", True)
    return layers.LayerNormalization(epsilon=epsilon, center=bias, name=f"{name}_norm")(
        x
    )
