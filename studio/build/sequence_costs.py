"""Multiply-adds of recurrent layers, attention, Transformers and matrix products, for one sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from studio.build.plan import Step

Counter = Callable[[Step], int]


def _recurrent(gates: int) -> Counter:
    def count(step: Step) -> int:
        k = step.kwargs
        length, hidden = step.inputs[0].at(1)[1], k["hidden_size"]
        given = k.get("proj_size", 0) or hidden
        directions = 2 if k["bidirectional"] else 1
        sizes = [k["input_size"], *[given * directions] * (k["num_layers"] - 1)]
        projection = given * hidden if given != hidden else 0
        return length * directions * sum(gates * hidden * (size + given) + projection for size in sizes)

    return count


def _cell(gates: int) -> Counter:
    def count(step: Step) -> int:
        hidden = step.kwargs["hidden_size"]
        return gates * hidden * (step.kwargs["input_size"] + hidden)

    return count


def _attention(step: Step) -> int:
    """Projections of queries, keys, values and result, scores, and mixing."""
    (_, places, size), (_, others, keys), (_, _, values) = (type.at(1) for type in step.inputs[:3])
    projections = places * size * size * 2 + others * size * (keys + values)
    return projections + _mixing(places, others, size)


def _dot_product(step: Step) -> int:
    query, key, value = (type.at(1) for type in step.inputs[:3])
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _mixing(places: int, others: int, size: int) -> int:
    """Scores of every place with every other, and the values mixed by them."""
    return 2 * places * others * size


def _encoder(step: Step) -> int:
    _, places, size = step.inputs[0].at(1)
    return step.kwargs.get("num_layers", 1) * _encoding(places, size, step.kwargs)


def _decoder(step: Step) -> int:
    (_, places, size), (_, others, _) = (type.at(1) for type in step.inputs[:2])
    return step.kwargs.get("num_layers", 1) * _decoding(places, others, size, step.kwargs)


def _transformer(step: Step) -> int:
    (_, others, size), (_, places, _) = (type.at(1) for type in step.inputs[:2])
    encoder = step.kwargs["num_encoder_layers"] * _encoding(others, size, step.kwargs)
    return encoder + step.kwargs["num_decoder_layers"] * _decoding(places, others, size, step.kwargs)


def _encoding(places: int, size: int, kwargs: Mapping[str, Any]) -> int:
    attention = 4 * places * size * size + _mixing(places, places, size)
    return attention + 2 * places * size * kwargs["dim_feedforward"]


def _decoding(places: int, others: int, size: int, kwargs: Mapping[str, Any]) -> int:
    """An encoder layer, and attention to the memory."""
    memory = 2 * (places + others) * size * size + _mixing(places, others, size)
    return _encoding(places, size, kwargs) + memory


def _matmul(step: Step) -> int:
    return prod(step.outputs[0].at(1)) * step.inputs[0].at(1)[-1]


def _einsum(step: Step) -> int:
    """Every letter runs over its size once; a single tensor is summed without products."""
    letters = step.kwargs["equation"].replace(" ", "").partition("->")[0].split(",")
    if len(step.inputs) < 2 or "." in step.kwargs["equation"] or len(letters) != len(step.inputs):
        return 0
    shapes = (type.at(1) for type in step.inputs)
    sizes = dict(
        pair for row, shape in zip(letters, shapes, strict=True) for pair in zip(row, shape, strict=True)
    )
    return prod(sizes.values()) * (len(letters) - 1)


COUNTERS: Mapping[str, Counter] = {
    "RNN": _recurrent(1),
    "GRU": _recurrent(3),
    "LSTM": _recurrent(4),
    "RNNCell": _cell(1),
    "GRUCell": _cell(3),
    "LSTMCell": _cell(4),
    "MultiheadAttention": _attention,
    "ScaledDotProductAttention": _dot_product,
    "TransformerEncoderLayer": _encoder,
    "TransformerDecoderLayer": _decoder,
    "TransformerEncoder": _encoder,
    "TransformerDecoder": _decoder,
    "Transformer": _transformer,
    "MatMul": _matmul,
    "Einsum": _einsum,
}
