"""Which checks concern a layer at all, found once for each: a node is asked nothing that cannot apply."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from studio.build import (
    rules_arguments,
    rules_counts,
    rules_loss,
    rules_node,
    rules_open,
    rules_tensors,
)
from studio.build.rules import NodeRule
from studio.catalog.registry import Layer

MOST = 2000
"""Layers whose checks are remembered: those of a registry, and of nodes with a declaration of their own."""


def _typed(*types: str) -> Callable[[Layer], bool]:
    return lambda layer: layer.type in types


def _with(*params: str) -> Callable[[Layer], bool]:
    return lambda layer: any(param.name in params for param in layer.params)


def _is_loss(layer: Layer) -> bool:
    return layer.category == "Loss"


_SOME: tuple[tuple[NodeRule, Callable[[Layer], bool]], ...] = (
    (rules_node.lonely_ports, lambda layer: any(port.variadic for port in layer.inputs)),
    (rules_node.input_field, _typed("Input")),
    (rules_open.open_shape, _typed("Input")),
    (rules_loss.target_field, lambda layer: any(port.from_option for port in layer.inputs)),
    (rules_arguments.dims_in_range, _with("dim", "dims", "start_dim", "end_dim", "dim0", "dim1")),
    (rules_arguments.batch_mixed, _with("dim")),
    (rules_arguments.windows, _with("kernel_size")),
    (rules_arguments.output_padding, _with("output_padding")),
    (rules_arguments.idle_dropout, _with("num_layers")),
    (rules_loss.prediction_and_target, _is_loss),
    (rules_tensors.batch_touched, lambda layer: layer.type in rules_tensors.TAKING),
    (rules_tensors.batch_moved, lambda layer: layer.type in rules_tensors.MOVING),
    (rules_tensors.pieces, _typed("Split", "Chunk", "Unbind")),
    (rules_tensors.pairs_of_states, lambda layer: bool(layer.together)),
    (rules_tensors.crossed_batches, lambda layer: len(layer.inputs) > 1 or _joins(layer)),
    (rules_tensors.too_long, _typed("LearnedPositions")),
    (rules_tensors.unfilled, _typed("Constant")),
    (rules_counts.together, lambda layer: bool({layer.type, layer.category} & rules_counts.OF.keys())),
)
CONCERNS: Mapping[str, Callable[[Layer], bool]] = {rule.__name__: concerned for rule, concerned in _SOME}
"""By the name of a check, the layers that it can have something to say about; others concern all layers."""

_found: dict[tuple[int, int], tuple[Layer, Sequence[NodeRule], tuple[NodeRule, ...]]] = {}


def concerning(layer: Layer, rules: Sequence[NodeRule]) -> Collection[NodeRule]:
    """Those of some checks that can have something to say about a layer, in their order."""
    key = (id(layer), id(rules))
    known = _found.get(key)
    if known is None or known[0] is not layer or known[1] is not rules:
        asked = (rule for rule in rules if CONCERNS.get(rule.__name__, _always)(layer))
        known = (layer, rules, tuple(asked))
        if len(_found) >= MOST:
            _found.clear()
        _found[key] = known
    return known[2]


def _joins(layer: Layer) -> bool:
    return bool(layer.joined) or any(port.variadic for port in layer.inputs)


def _always(layer: Layer) -> bool:
    return True
