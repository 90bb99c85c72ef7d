"""What a loss compares with: the type of a target not known yet, and how a target is brought to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from studio.build.plan import TensorType
from studio.catalog.registry import Compares, Layer

SETTLED = frozenset({"classes", "chances", "numbers", "counts", "sequence"})
"""What is compared by losses about which our own checks leave torch nothing to say."""
Adaptation = Literal["", "numbers", "signs", "indices"]
"""How a target becomes what torch's loss takes: class indices as numbers, anything as −1 and 1, numbers as
indices, or not at all."""


def assumed_target(layer: Layer, prediction: TensorType) -> TensorType:
    """What a target that is not known yet would have to be."""
    if layer.compares == "classes":
        names = (*prediction.names[:1], *prediction.names[2:])
        return TensorType((*prediction.shape[:1], *prediction.shape[2:]), "int64", names)
    if layer.compares in ("labels", "sequence"):
        return TensorType(prediction.shape[:2], "int64", prediction.names[:2])
    return replace(prediction, dtype="float32")


def adaptation(compares: Compares, target: TensorType) -> Adaptation:
    """How a target of this type is brought to what the loss takes."""
    if compares == "signs":
        return "signs"
    if compares in ("labels", "sequence"):
        return "" if target.dtype == "int64" else "indices"
    whole = target.dtype == "int64" and compares in ("numbers", "counts", "chances")
    return "numbers" if whole else ""


def compared_types(
    layer: Layer, ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> tuple[TensorType, ...]:
    """The types as torch's loss gets them."""
    found = list(inputs)
    for at, port in enumerate(ports):
        if port != "target":
            continue
        way = adaptation(layer.compares, found[at])
        if way == "numbers":
            found[at] = inputs[0]
        elif way == "signs":
            found[at] = TensorType(inputs[0].shape[: layer_rank(layer, inputs[0])])
        elif way == "indices":
            found[at] = replace(found[at], dtype="int64")
    return tuple(found)


def layer_rank(layer: Layer, prediction: TensorType) -> int:
    """The number of dimensions that a target of −1 and 1 has: one a sample where vectors are compared."""
    return 1 if layer.type == "CosineEmbedding" else len(prediction.shape)
