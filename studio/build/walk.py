"""One walk over a drawing in running order: what arrives at each node, and the answer for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.build import rules_blocks, rules_node
from studio.build.evaluation import Answer, evaluate, evaluate_port, site_of
from studio.build.plan import Ref, TensorType
from studio.build.scope import Scope, resolve
from studio.build.site import Arrival, alike, same
from studio.catalog.registry import Registry
from studio.project.block import block_name
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value

if TYPE_CHECKING:
    from studio.build.family import Closure
    from studio.build.uses import Uses


@dataclass(frozen=True, slots=True)
class _Known:
    """The last answer for a node, and what it was given for: `node` is `raw` with its formulas computed."""

    raw: Node
    node: Node
    faults: Mapping[str, str]
    arrivals: tuple[Arrival, ...]
    closure: Closure
    answer: Answer


@dataclass(slots=True)
class Memory:
    """What the last walk over a drawing found, and the scope in which it was found."""

    names: Mapping[str, Value] = field(default_factory=dict)
    overrides: Mapping[str, Value] = field(default_factory=dict)
    nodes: dict[str, _Known] = field(default_factory=dict)

    def copied(self) -> Memory:
        """A memory that starts with the same."""
        return Memory(self.names, self.overrides, dict(self.nodes))


class Walk:
    """Visits nodes in order; `types`, `answers` and `nodes` (formulas computed) hold what it found so far."""

    def __init__(
        self,
        graph: Graph,
        catalog: Registry,
        fields: Mapping[str, Field] | None,
        memory: Memory,
        scope: Scope,
        uses: Uses,
    ) -> None:
        self.types: dict[Endpoint, TensorType] = {}
        self.answers: dict[str, Answer] = {}
        self.nodes: dict[str, Node] = {}
        self.graph = graph
        self._catalog, self._fields, self._memory = catalog, fields, memory
        self._scope, self._uses = scope, uses
        self._same_scope = memory.names == scope.names and memory.overrides == scope.overrides
        self._faults: dict[str, Mapping[str, str]] = {}
        self._ports: dict[str, tuple[str, ...] | None] = {}
        self._passed: dict[Endpoint, Ref | None] = {}
        self._origins: dict[Ref, Field] = {}

    def run(self, order: Iterable[str]) -> None:
        """Visit all nodes; the memory then holds those of this drawing and no others."""
        for name in order:
            self._visit(name)
        self._memory.names, self._memory.overrides = self._scope.names, self._scope.overrides
        for name in self._memory.nodes.keys() - self.graph.nodes.keys():
            del self._memory.nodes[name]

    def recall(self, types: Mapping[Endpoint, TensorType], origins: Mapping[Ref, Field]) -> None:
        """Take over what a walk before found: the types, and the fields of the data that pass as they are."""
        self.types.update(types)
        self._origins.update(origins)
        muted = (ref for ref in types if ref.node in self.graph.nodes and self.graph.nodes[ref.node].muted)
        self._passed.update((ref, ref) for ref in muted)

    def forget(self, name: str) -> None:
        """A node is another one now."""
        self.nodes.pop(name, None)
        self._ports.pop(name, None)

    def foresee(self, name: str, wires: Iterable[Edge]) -> Answer:
        """The answer for a node if these wires and no others arrived at it; nothing of it is kept."""
        node = self._node(name)
        return self._evaluate(node, self.graph.nodes[name], tuple(map(self._arrival, wires)))

    def resolved(self) -> Graph:
        """The drawing with all formulas computed."""
        changed = [node for name, node in self.nodes.items() if node is not self.graph.nodes[name]]
        return self.graph.with_nodes(*changed) if changed else self.graph

    def _visit(self, name: str) -> None:
        """Look at one node; all that it depends on was visited before, but for wires of a circle."""
        node = self._node(name)
        arrivals = tuple(map(self._arrival, self.graph.incoming(name)))
        if node.muted:
            self._pass_on(node, arrivals)
            return
        answer = self._answer(node, arrivals)
        self.answers[name] = answer
        for port, type in zip(self._outputs(node) or (), answer.outputs, strict=False):
            if type is not None:
                self.types[Endpoint(name, port)] = type
        if answer.field is not None:
            self._origins[Endpoint(name, "output")] = answer.field

    def _answer(self, node: Node, arrivals: tuple[Arrival, ...]) -> Answer:
        raw, faults = self.graph.nodes[node.name], self._faults[node.name]
        closure = self._uses.closure(node.type)
        known = self._memory.nodes.get(node.name)
        if (
            known is not None
            and alike(known.node, node)
            and known.faults == faults
            and same(known.arrivals, arrivals)
            and known.closure == closure
            and (not closure or known.raw == raw)
            and not self._is_port(node)
        ):
            answer = known.answer
            if known.raw is raw:
                return answer
        else:
            answer = self._evaluate(node, raw, arrivals)
        self._memory.nodes[node.name] = _Known(raw, node, faults, arrivals, closure, answer)
        return answer

    def _evaluate(self, node: Node, raw: Node, arrivals: tuple[Arrival, ...]) -> Answer:
        scope, layer = self._scope, self._catalog.layer_of(node)
        if layer is None:
            block = block_name(node.type)
            missing = rules_blocks.no_such_block(node, self._catalog) if block is not None else None
            return Answer(problems=(missing or rules_node.unknown_layer(node, self._catalog),))
        if scope.block is not None and layer.category == "Loss":
            return Answer(problems=(rules_blocks.loss_inside(node, scope.block),))
        faults = self._faults[node.name]
        site = site_of(node, layer, arrivals, self._fields, faults, scope.names)
        if self._is_port(node):
            return evaluate_port(site, (scope.bound or {}).get(node.name), scope.fields.get(node.name))
        if layer.block is not None:
            return self._uses.answer(site, raw.params.get("overrides"), scope.block)
        return evaluate(site)

    def _is_port(self, node: Node) -> bool:
        return self._scope.bound is not None and node.type == "Input"

    def _node(self, name: str) -> Node:
        """A node with its formulas computed; read off the memory where nothing about it has changed."""
        if name in self.nodes:
            return self.nodes[name]
        raw = self.graph.nodes[name]
        known = self._memory.nodes.get(name)
        if known is not None and self._same_scope and known.raw is raw and not known.closure:
            node, self._faults[name] = known.node, known.faults
        else:
            layer = self._catalog.layer(raw.type)
            node, self._faults[name] = resolve(raw, self._scope, layer)
        self.nodes[name] = node
        return node

    def _arrival(self, edge: Edge) -> Arrival:
        source = edge.source
        if source.node not in self.graph.nodes:
            return Arrival(edge, None, None, None, "node")
        node = self._node(source.node)
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
