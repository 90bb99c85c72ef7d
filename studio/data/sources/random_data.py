"""Random samples of any shape, to try a drawing before there is data, or to measure its speed.

What is to be predicted follows from the input by a random rule of its own, so that a network can learn it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import Array, DataError, RawData, class_field
from studio.project.fields import Field

MOST_NUMBERS = 2**28
"""One GiB of single precision."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """None: everything is made up."""
    return ()


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """Fields `input`, `label` or `target` as asked for, and `segment` for texts of several parts."""
    shape = _shape(params)
    random = np.random.default_rng(params["seed"])
    fields: dict[str, Field] = {}
    arrays: dict[str, Array] = {}
    if params["content"] == "tokens":
        arrays["input"] = random.integers(params["vocabulary"], size=shape)
        fields["input"] = Field("input", shape[1:], "int64", low=0.0, high=params["vocabulary"] - 1.0)
        if params["segments"] > 1:
            arrays["segment"] = _segments(shape, params["segments"])
            fields["segment"] = Field("segment", shape[1:], "int64", low=0.0, high=params["segments"] - 1.0)
    else:
        arrays["input"] = random.standard_normal(shape, np.float32)
        picture = len(shape) == 4 and shape[1] in (1, 3)
        fields["input"] = Field("input", shape[1:], picture=picture)
    made = _TARGETS[params["target"]](params, arrays["input"], random)
    if made is not None:
        fields[made[0].name], arrays[made[0].name] = made
    return RawData(arrays, fields)


def _shape(params: Mapping[str, Any]) -> tuple[int, ...]:
    given = params["shape"]
    shape = (params["samples"], *(given if isinstance(given, tuple) else (given,)))
    if prod(shape) > MOST_NUMBERS:
        raise DataError(
            f"{params['samples']} samples of {'×'.join(map(str, shape[1:]))} are {prod(shape):,} numbers; "
            f"at most {MOST_NUMBERS:,} fit.",
            "Make fewer samples or a smaller shape.",
            "samples",
        )
    return shape


def _segments(shape: tuple[int, ...], count: int) -> Array:
    """Which part each place belongs to: all parts equally long, the last perhaps shorter."""
    parts = np.arange(shape[-1]) * count // shape[-1]
    return np.broadcast_to(parts, shape).astype(np.int64)


Made = tuple[Field, Array] | None


def _none(params: Mapping[str, Any], inputs: Array, random: np.random.Generator) -> Made:
    return None


def _classes(params: Mapping[str, Any], inputs: Array, random: np.random.Generator) -> Made:
    """The largest of as many random mixtures of a sample's values."""
    count = params["classes"]
    return class_field("label", map(str, range(count))), _mixed(inputs, count, random).argmax(1)


def _numbers(params: Mapping[str, Any], inputs: Array, random: np.random.Generator) -> Made:
    """Random mixtures of a sample's values."""
    field = Field("target", (params["outputs"],), role="target")
    return field, _mixed(inputs, params["outputs"], random).astype(np.float32)


def _class_map(params: Mapping[str, Any], inputs: Array, random: np.random.Generator) -> Made:
    """At each place the largest of as many random mixtures of its channels."""
    if inputs.ndim < 3:
        raise DataError(
            "A class for each place needs a shape of channels and places, such as 3, 64, 64.",
            "Give the shape more dimensions, or choose another target.",
            "shape",
        )
    count, channels = params["classes"], inputs.shape[1]
    mixture = random.standard_normal((count, channels)).astype(np.float32)
    labels = np.stack([np.tensordot(mixture, sample, 1).argmax(0) for sample in inputs])
    names = tuple(map(str, range(count)))
    return Field("label", labels.shape[1:], "int64", names, "target", 0.0, count - 1.0), labels


def _tokens(params: Mapping[str, Any], inputs: Array, random: np.random.Generator) -> Made:
    """At each place the token that a random table gives for the token there."""
    if params["content"] != "tokens":
        raise DataError(
            "A token for each place can only be predicted from tokens.",
            "Choose tokens as the content, or another target.",
            "target",
        )
    labels = random.permutation(params["vocabulary"])[inputs]
    high = params["vocabulary"] - 1.0
    return Field("label", labels.shape[1:], "int64", role="target", low=0.0, high=high), labels


_TARGETS = {
    "classes": _classes,
    "numbers": _numbers,
    "class map": _class_map,
    "tokens": _tokens,
    "none": _none,
}


def _mixed(inputs: Array, count: int, random: np.random.Generator) -> Array:
    """Mixtures of mean 0 and deviation 1 of at most the first 4096 values of each sample."""
    flat = inputs.reshape(len(inputs), -1)[:, :4096].astype(np.float32)
    flat = (flat - flat.mean()) / max(float(flat.std()), 1e-6)
    mixture = random.standard_normal((flat.shape[1], count)).astype(np.float32)
    return flat @ mixture / np.sqrt(flat.shape[1])
