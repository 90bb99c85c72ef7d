"""One walk over a drawing in running order: what arrives at each node, and the answer for it."""

from __future__ import annotations

from collections.abc import Mapping

from studio.build import rules_node
from studio.build.evaluation import Answer, evaluate
from studio.build.plan import Ref, TensorType
from studio.build.site import Arrival
from studio.catalog.registry import Registry
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node

Memory = dict[str, tuple[Node, tuple[Arrival, ...], Answer]]
"""The last answer for each node, with what it was given for."""


class Walk:
    """Visits nodes in order; `types`, `answers` and `mutes` hold what was found so far."""

    def __init__(
        self, graph: Graph, catalog: Registry, fields: Mapping[str, Field] | None, memory: Memory
    ) -> None:
        self.types: dict[Endpoint, TensorType] = {}
        self.answers: dict[str, Answer] = {}
        self._graph, self._catalog, self._fields, self._memory = graph, catalog, fields, memory
        self._ports: dict[str, tuple[str, ...] | None] = {}
        self._passed: dict[Endpoint, Ref | None] = {}
        self._origins: dict[Ref, Field] = {}

    def visit(self, name: str) -> None:
        """Look at one node; all that it depends on was visited before, but for wires of a circle."""
        node = self._graph.nodes[name]
        arrivals = tuple(map(self._arrival, self._graph.incoming(name)))
        if node.muted:
            self._pass_on(node, arrivals)
            return
        known = self._memory.get(name)
        if known and known[0] == node and known[1] == arrivals:
            answer = known[2]
        else:
            answer = self._evaluate(node, arrivals)
            self._memory[name] = (node, arrivals, answer)
        self.answers[name] = answer
        for port, type in zip(self._outputs(node) or (), answer.outputs, strict=False):
            self.types[Endpoint(name, port)] = type
        if answer.field is not None:
            self._origins[Endpoint(name, "output")] = answer.field

    def _evaluate(self, node: Node, arrivals: tuple[Arrival, ...]) -> Answer:
        layer = self._catalog.layer_of(node)
        if layer is None:
            return Answer(problems=(rules_node.unknown_layer(node, self._catalog),))
        return evaluate(node, layer, arrivals, self._fields)

    def _arrival(self, edge: Edge) -> Arrival:
        source = edge.source
        node = self._graph.nodes.get(source.node)
        if node is None:
            return Arrival(edge, None, None, None, "node")
        ports = self._outputs(node)
        if ports is not None and source.port not in ports:
            return Arrival(edge, None, None, None, " ".join(("port", *ports)))
        ref = source
        if node.muted:
            found = self._passed.get(source)
            if found is None:
                return Arrival(edge, None, None, None, "muted")
            assert isinstance(found, Endpoint)
            ref = found
        return Arrival(edge, ref, self.types.get(ref), self._origins.get(ref))

    def _outputs(self, node: Node) -> tuple[str, ...] | None:
        """The output ports of a node, None where its type is unknown."""
        if node.name not in self._ports:
            layer = self._catalog.layer_of(node)
            self._ports[node.name] = tuple(port.name for port in layer.outputs) if layer else None
        return self._ports[node.name]

    def _pass_on(self, node: Node, arrivals: tuple[Arrival, ...]) -> None:
        """A muted node gives what arrives at its first input to all its outputs."""
        layer = self._catalog.layer_of(node)
        order = [port.name for port in layer.inputs] if layer else []
        fitting = [one for one in arrivals if one.ref is not None and one.edge.target.port in order]
        first = min(fitting, key=lambda one: order.index(one.edge.target.port), default=None)
        for port in layer.outputs if layer else ():
            endpoint = Endpoint(node.name, port.name)
            self._passed[endpoint] = first.ref if first else None
            if first and first.type is not None:
                self.types[endpoint] = first.type
