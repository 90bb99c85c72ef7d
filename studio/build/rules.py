"""The table of all checks: of a node by itself, of what arrives at it, and of the whole project.

Node rules run in this order; the first rule of TYPES that finds an error ends the checks of that node, and
what comes after it in the drawing stays unknown, so that one mistake is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from studio.build import (
    rules_arguments,
    rules_blocks,
    rules_counts,
    rules_custom,
    rules_graph,
    rules_layers,
    rules_loss,
    rules_memory,
    rules_mixing,
    rules_node,
    rules_open,
    rules_processes,
    rules_results,
    rules_settings,
    rules_tensors,
    rules_training,
    rules_types,
    rules_windows,
)
from studio.build.flow import Flow
from studio.build.plan import Checked
from studio.build.site import Site
from studio.build.whole import Whole
from studio.errors import Problem

NodeRule = Callable[[Site], Iterable[Problem]]
WholeRule = Callable[[Whole], Iterable[Problem]]
DesignRule = Callable[[Flow], Iterable[Problem]]

NODE: tuple[NodeRule, ...] = (
    rules_node.invalid_name,
    rules_node.unknown_parameters,
    rules_node.wrong_values,
    rules_node.wires_to_nowhere,
    rules_node.wires_from_nowhere,
    rules_node.crowded_ports,
    rules_node.lonely_ports,
    rules_node.input_field,
    rules_open.open_shape,
    rules_custom.readable,
    rules_custom.trusted,
    rules_loss.target_field,
)
TYPES: tuple[NodeRule, ...] = (
    rules_tensors.truth_values,
    rules_types.kinds_of_values,
    rules_types.dimensions,
    rules_arguments.dims_in_range,
    rules_tensors.batch_touched,
    rules_tensors.batch_moved,
    rules_tensors.pieces,
    rules_tensors.pairs_of_states,
    rules_tensors.crossed_batches,
    rules_tensors.too_long,
    rules_tensors.unfilled,
    rules_arguments.batch_mixed,
    rules_arguments.windows,
    rules_arguments.output_padding,
    rules_counts.together,
    rules_arguments.idle_dropout,
    rules_loss.prediction_and_target,
)
WHOLE: tuple[WholeRule, ...] = (
    rules_graph.circles,
    rules_graph.unconnected_inputs,
    rules_graph.no_loss,
    rules_custom.names_twice,
    rules_graph.unused_nodes,
    rules_graph.nothing_to_learn,
    rules_graph.all_frozen,
    rules_graph.indices_beyond_table,
    rules_settings.wrong_options,
    rules_settings.wrong_components,
    rules_settings.batch_larger_than_part,
    rules_settings.batch_of_one,
    rules_settings.no_data,
    rules_mixing.mixed_targets,
    rules_training.standing_still,
    rules_training.vain_patience,
    rules_training.vain_schedule,
    rules_training.unknown_judge,
    rules_training.unfit_precision,
    rules_training.mean_of_one,
    rules_processes.several_of_both,
    rules_processes.unfit_sharding,
    rules_processes.idle_processes,
    rules_processes.no_cuda,
    rules_training.too_many_parameters,
    rules_memory.memory,
)
INSIDE: tuple[WholeRule, ...] = (
    rules_graph.circles,
    rules_graph.unconnected_inputs,
    rules_graph.unused_nodes,
    rules_graph.indices_beyond_table,
)
"""Checks of the form of a block's drawing."""
PLACED: tuple[Callable[[Checked], Iterable[Problem]], ...] = (rules_blocks.unused_arguments,)
"""Checks of the blocks that are used."""
DESIGN: tuple[DesignRule, ...] = (
    rules_results.squeezed_scores,
    rules_results.raw_scores,
    rules_results.cut_off_results,
    rules_results.dropped_results,
    rules_results.repeated_losses,
    rules_results.idle_losses,
    rules_results.untrained_outputs,
    rules_layers.linear_rows,
    rules_layers.repeated_activations,
    rules_layers.bias_before_norm,
    rules_layers.dropout_before_norm,
    rules_layers.lone_values,
    rules_layers.bottlenecks,
    rules_layers.saturating_rows,
    rules_layers.total_dropout,
    rules_windows.gaps,
    rules_windows.windows_on_one,
    rules_windows.wide_borders,
)
"""Doubts about designs that can be run, in the main drawing and in blocks."""


def doubts(whole: Whole) -> Iterator[Problem]:
    """What all checks of the design have to say."""
    flow = Flow(whole)
    for rule in DESIGN:
        yield from rule(flow)
