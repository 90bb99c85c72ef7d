"""What formulas and overrides make of a node's parameters: in the main drawing, or in one use of a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from studio.build.plan import TensorType
from studio.catalog.registry import Layer
from studio.project.block import overridden
from studio.project.expressions import is_formula, resolved
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value

PORTS = frozenset({"Input", "Output"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where nodes are looked at: what formulas can read, and what a use of a block says about its inside.

    `overrides` are parameters by "node.param". `bound` are the types that arrive at the Input nodes of a
    block by their names, None in the main drawing, whose Inputs take the data's fields. `block` is the block
    that the nodes are in, `fields` what is known of the data that reaches its Input nodes.
    """

    names: Mapping[str, Value] = field(default_factory=dict)
    overrides: Mapping[str, Value] = field(default_factory=dict)
    bound: Mapping[str, TensorType | None] | None = None
    block: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)


def resolve(node: Node, scope: Scope, layer: Layer | None) -> tuple[Node, dict[str, str]]:
    """A node with the values that its parameters have here, and by parameter what is wrong with a formula.

    A block's ports cannot be muted: what uses the block relies on them.
    """
    params = (overridden(node, scope.overrides) if scope.overrides else node).params
    wrong: dict[str, str] = {}
    if any(is_formula(value) for value in params.values()):
        params, wrong = resolved(params, scope.names)
    if layer is not None and layer.block is not None:
        params, faults = _with_defaults(params, layer, wrong)
        wrong |= faults
    muted = node.muted and not (scope.bound is not None and node.type in PORTS)
    if params is node.params and muted == node.muted:
        return node, wrong
    return replace(node, params=params, muted=muted), wrong


def _with_defaults(
    params: Mapping[str, Value], layer: Layer, wrong: Mapping[str, str]
) -> tuple[Mapping[str, Value], dict[str, str]]:
    """The arguments of a use; a default that is a formula reads the arguments before it."""
    assert layer.block is not None
    found, faults = dict(params), dict[str, str]()
    names: dict[str, Value] = {}
    for argument in layer.block.arguments:
        name = argument.name
        if name not in params and is_formula(argument.default):
            values, bad = resolved({name: argument.default}, names)
            found |= values
            faults |= bad
        names[name] = found.get(name, argument.default)
    return (found, faults) if found.keys() != params.keys() else (params, {})
