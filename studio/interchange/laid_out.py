"""Places for the nodes of a drawing that was made by a program: those of the automatic layout, without Qt."""

from __future__ import annotations

from dataclasses import replace

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.project.arranging import Box, arranged
from studio.project.graph import Endpoint, Graph, Node
from studio.project.layers import Wire
from studio.project.project import Project

HEAD, PORT, LETTER = 44.0, 22.0, 8.0
LEAST_WIDTH, MOST_WIDTH = 152.0, 264.0
"""About the sizes of a node on the canvas, in pixels: a little more than it needs."""
MOST_ROWS = 7
"""A node shows no more values than this."""
LONGEST_VALUE = 15
"""Nor more letters of one."""


def laid_out(project: Project) -> Project:
    """The project with every node of its drawing and of its blocks in a place of its own."""
    catalog = catalog_of(project)
    blocks = {
        name: replace(block, graph=_placed(block.graph, catalog)) for name, block in project.blocks.items()
    }
    return replace(project, graph=_placed(project.graph, catalog), blocks=blocks)


def _placed(graph: Graph, catalog: Registry) -> Graph:
    layers = {name: catalog.layer_of(node) for name, node in graph.nodes.items()}
    boxes = {name: _box(node, layers[name], graph) for name, node in graph.nodes.items()}
    wires = [
        Wire(
            edge.source.node,
            edge.target.node,
            _height(layers[edge.source.node], edge.source, "out"),
            _height(layers[edge.target.node], edge.target, "in"),
        )
        for edge in graph.edges
    ]
    places = arranged(boxes, wires)
    return graph.with_nodes(*(replace(node, position=places[name]) for name, node in graph.nodes.items()))


def _box(node: Node, layer: Layer | None, graph: Graph) -> Box:
    inputs = max(len(graph.incoming(node.name)), len(layer.inputs) if layer else 0)
    ports = max(inputs, len(layer.outputs) if layer else 0, 1)
    shown = len(node.params.keys() | {one.name for one in layer.all_params if one.essential} if layer else ())
    rows = ports + min(shown, MOST_ROWS)
    values = (len(name) + min(len(str(value)), LONGEST_VALUE) for name, value in node.params.items())
    letters = max(len(node.name) + len(node.type), *values, 0)
    return Box(0.0, 0.0, min(max(LEAST_WIDTH, letters * LETTER + 56.0), MOST_WIDTH), HEAD + rows * PORT)


def _height(layer: Layer | None, end: Endpoint, side: str) -> float:
    names = [port.name for port in (layer.inputs if side == "in" else layer.outputs)] if layer else []
    at = names.index(end.port) if end.port in names else 0
    return HEAD + (at + end.index + 0.5) * PORT
