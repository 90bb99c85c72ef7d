"""The weights of a network as Keras' layers have them, and tensors with their channels last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from studio.build.plan import Plan
from studio.interchange.keras.naming import joint, placed
from studio.interchange.keras.twin import Arrays, Order, no_weights
from studio.interchange.keras.twins import twin_of

LayerWeights = dict[str, list[np.ndarray]]
"""The arrays of each Keras layer by its name, in the order of its weights."""


def keras_weights(plan: Plan, network: nn.Module, renamed: Mapping[str, str]) -> LayerWeights:
    """What `put_weights` puts into the model that the plan's source builds, from a Network of the plan.

    `renamed` are the layers that the source calls otherwise than the drawing.
    """
    found: LayerWeights = {}
    for step, path, node in placed(plan, joint(plan)):
        name = renamed.get(node, node)
        twin = twin_of(step)
        if twin is None or twin.weights is no_weights or not step.layer.is_module:
            continue
        arrays: Arrays = twin.weights(network.get_submodule(path))
        found |= {f"{name}{behind}": list(several) for behind, several in arrays.items()}
    return found


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
