"""Input and Output as they are inside a block: ports, which have a place and no field of the data."""

from __future__ import annotations

from dataclasses import replace

from studio.catalog.registry import Layer, Registry
from studio.project.graph import Node
from studio.project.placements import PORTS

KEPT = ("place",)
"""What a port of a block can be told."""


def layer_in(catalog: Registry, node: Node, block: str | None) -> Layer | None:
    """The layer of a node in the main graph (`block` None) or in a block, as its parameters make it."""
    layer = catalog.layer_of(node)
    if block is None or layer is None or node.type not in PORTS:
        return layer
    options = tuple(replace(one, advanced=False) for one in layer.options if one.name in KEPT)
    return replace(layer, options=options)
