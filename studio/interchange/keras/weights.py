"""The weights of a network as Keras' layers have them, and tensors with their channels last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from studio.build.plan import Plan, Step
from studio.interchange.keras.twin import Arrays, Order, no_weights
from studio.interchange.keras.twins import twin_of

LayerWeights = dict[str, list[np.ndarray]]
"""The arrays of each Keras layer by its name, in the order of its weights."""


def keras_weights(plan: Plan, network: nn.Module) -> LayerWeights:
    """What `put_weights` puts into the model that the plan's source builds, from a Network of the plan."""
    found: LayerWeights = {}
    for step, path, name in _placed(plan):
        twin = twin_of(step)
        if twin is None or twin.weights is no_weights or not step.layer.is_module:
            continue
        arrays: Arrays = twin.weights(network.get_submodule(path))
        found |= {f"{name}{behind}": list(several) for behind, several in arrays.items()}
    return found


def _placed(plan: Plan, path: str = "", name: str = "") -> Iterator[tuple[Step, str, str]]:
    """Each step with the path of its torch module and the name of its Keras layer."""
    for step in plan.steps:
        if not step.inner:
            yield step, f"{path}{step.name}", f"{name}{step.name}"
        for turn, inner in enumerate(step.inner):
            one = len(step.inner) == 1
            yield from _placed(
                inner,
                f"{path}{step.name}." + ("" if one else f"{turn}."),
                f"{name}{step.name}_" + ("" if one else f"{turn}_"),
            )


def in_order(tensor: Tensor, order: Order) -> np.ndarray:
    """A tensor of the drawing as Keras has it: channels last where that is so, whole numbers of 32 bits."""
    array: Any = tensor.detach().cpu().numpy()
    if array.dtype == np.int64:
        array = array.astype(np.int32)
    moved = order == "last" and array.ndim > 2
    return np.array(np.moveaxis(array, 1, -1) if moved else array, order="C")


def samples_in_order(samples: Mapping[str, Tensor], orders: Mapping[str, Order]) -> dict[str, np.ndarray]:
    """Tensors by name as Keras has them."""
    return {name: in_order(tensor, orders[name]) for name, tensor in samples.items()}
