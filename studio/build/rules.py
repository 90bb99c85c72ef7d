"""The table of all checks: of a node by itself, of what arrives at it, and of the whole project.

Node rules run in this order; the first rule of TYPES that finds an error ends the checks of that node, and
what comes after it in the drawing stays unknown, so that one mistake is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio.build import (
    rules_arguments,
    rules_blocks,
    rules_custom,
    rules_graph,
    rules_loss,
    rules_node,
    rules_settings,
    rules_types,
)
from studio.build.plan import Checked
from studio.build.site import Site
from studio.build.whole import Whole
from studio.errors import Problem

NodeRule = Callable[[Site], Iterable[Problem]]
WholeRule = Callable[[Whole], Iterable[Problem]]

NODE: tuple[NodeRule, ...] = (
    rules_node.invalid_name,
    rules_node.unknown_parameters,
    rules_node.wrong_values,
    rules_node.wires_to_nowhere,
    rules_node.wires_from_nowhere,
    rules_node.crowded_ports,
    rules_node.lonely_ports,
    rules_node.input_field,
    rules_custom.readable,
    rules_custom.trusted,
    rules_loss.target_field,
)
TYPES: tuple[NodeRule, ...] = (
    rules_types.kinds_of_values,
    rules_types.dimensions,
    rules_arguments.dims_in_range,
    rules_arguments.batch_mixed,
    rules_arguments.windows,
    rules_arguments.output_padding,
    rules_arguments.idle_dropout,
    rules_loss.prediction_and_target,
)
WHOLE: tuple[WholeRule, ...] = (
    rules_graph.circles,
    rules_graph.unconnected_inputs,
    rules_graph.no_loss,
    rules_graph.unused_nodes,
    rules_graph.nothing_to_learn,
    rules_graph.indices_beyond_table,
    rules_settings.wrong_options,
    rules_settings.wrong_components,
    rules_settings.batch_larger_than_part,
    rules_settings.batch_of_one,
    rules_settings.no_data,
)
INSIDE: tuple[WholeRule, ...] = (
    rules_graph.circles,
    rules_graph.unconnected_inputs,
    rules_graph.unused_nodes,
)
"""Checks of the form of a block's drawing."""
PLACED: tuple[Callable[[Checked], Iterable[Problem]], ...] = (rules_blocks.unused_arguments,)
"""Checks of the blocks that are used."""
