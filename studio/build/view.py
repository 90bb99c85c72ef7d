"""A drawing around a problem, as the search for repairs sees it: what is before a node, and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from studio.build.plan import Checked, TensorType
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer
from studio.errors import Problem
from studio.project.block import inside
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project

FARTHEST = 40
"""Nodes before a mistake that are looked at."""


class View:
    """The graph that holds a problem (the main one or a block's), with the types that are known there."""

    def __init__(self, checked: Checked, problem: Problem, fields: Mapping[str, Field]) -> None:
        self.drawing: Project = inside(checked.project, problem.block)
        self.graph: Graph = self.drawing.graph
        self.known = checked.inside(problem.path) if problem.path else checked
        self.problem = problem
        self._fields = fields
        self._catalog = catalog_of(checked.project)
        self.name = problem.node or ""
        self.free = self._free()

    @property
    def node(self) -> Node:
        """The node of the problem."""
        return self.graph.nodes[self.name]

    @property
    def layer(self) -> Layer | None:
        """The layer of that node."""
        return self.layer_of(self.name)

    def layer_of(self, name: str) -> Layer | None:
        """The layer of any node."""
        return self._catalog.layer_of(self.graph.nodes[name])

    def has(self, type: str) -> bool:
        """Whether there is such a layer."""
        return self._catalog.layer(type) is not None

    def types(self) -> Iterator[str]:
        """All layers there are."""
        return iter(self._catalog.layers)

    def value(self, name: str, param: str) -> Value:
        """A parameter's value, or its default; None where the node has none of that name."""
        layer = self.layer_of(name)
        declared = next((one for one in layer.params if one.name == param), None) if layer else None
        return self.graph.nodes[name].params.get(param, declared.default) if declared else None

    def wires(self) -> list[Edge]:
        """The wires at the port that the problem names; all at its node where it names a parameter."""
        arriving = self.graph.incoming(self.name)
        return [edge for edge in arriving if edge.target.port == self.problem.field] or list(arriving)

    def arriving(self, edge: Edge) -> TensorType | None:
        """What a wire brings, where that is known."""
        return self.known.types.get(Endpoint(edge.source.node, edge.source.port))

    def above(self, edge: Edge) -> Iterator[str]:
        """The nodes before a wire, the nearest first, as far as there is one way."""
        seen: set[str] = set()
        name = edge.source.node
        while name in self.graph.nodes and name not in seen and len(seen) < FARTHEST:
            seen.add(name)
            yield name
            before = self.graph.incoming(name)
            if not before:
                return
            name = before[0].source.node

    def target_size(self) -> int:
        """How many values per sample a loss asks for: the classes, or the values of what it compares with."""
        layer = self.layer
        option = (
            next((port.from_option for port in layer.inputs if port.from_option), None) if layer else None
        )
        name = layer.values(self.node.params).get(option) if layer and option else None
        field = self._fields.get(name) if isinstance(name, str) else None
        if field is None:
            return 1
        return len(field.classes) if field.classes else prod(field.shape)

    def target(self) -> TensorType | None:
        """What a loss compares with."""
        loss = next((one for one in self.known.plan.losses if one.name == self.name), None)
        return loss.type_at("target") if loss else None

    def _free(self) -> int | None:
        """The dimension in which tensors that meet at the node may differ."""
        layer = self.layer if self.name in self.graph.nodes else None
        if layer is None or not layer.as_list or layer.type != "Concat":
            return None
        dim = self.value(self.name, "dim")
        wires = self.wires()
        first = self.arriving(wires[0]) if wires else None
        return dim % len(first.shape) if first and first.shape and isinstance(dim, int) else None
