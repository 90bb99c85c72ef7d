"""One node with what arrives at it: what the checks of a single node look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from studio.build.plan import Dim, FieldRef, Ref, TensorType
from studio.build.sizes import loosened
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.fields import Field
from studio.project.graph import Edge, Node
from studio.project.params import Value


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a wire brings: the tensor's origin (muted nodes seen through) and type, None while unknown.

    `field` is the field of the data that arrives as it is, if one does; `fault` says what is wrong with the
    wire's source.
    """

    edge: Edge
    ref: Ref | None
    type: TensorType | None
    field: Field | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor argument: its port, and origin, type (None while unknown) and field as of an Arrival."""

    port: str
    ref: Ref
    type: TensorType | None
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A node of a known layer, its parameters (checked; defaults stand in for wrong ones), and what arrives.

    `fields` is None while the data is not known. `tensors` are the arguments in order; `missing` the required
    ports that nothing arrives at, `names` what formulas can read here.
    """

    node: Node
    layer: Layer
    values: Mapping[str, Value]
    wrong: Mapping[str, str]
    arrivals: tuple[Arrival, ...]
    fields: Mapping[str, Field] | None
    tensors: tuple[Tensor, ...] = ()
    missing: tuple[str, ...] = ()
    names: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The node's name."""
        return self.node.name

    @property
    def first(self) -> TensorType | None:
        """The type of the first argument, None while unknown."""
        return self.tensors[0].type if self.tensors else None

    def inputs(self) -> tuple[TensorType, ...]:
        """The types of all arguments, once all are known."""
        return tuple(tensor.type for tensor in self.tensors if tensor.type is not None)

    def at(self, port: str) -> Tensor | None:
        """The first tensor at a port."""
        return next((tensor for tensor in self.tensors if tensor.port == port), None)

    def problem(self, message: str, hint: str = "", field: str | None = None, *fixes: Fix) -> Problem:
        """An error at this node; the message starts with the node's name."""
        return Problem("error", f"{self.name}: {message}", hint, self.name, field, fixes)

    def warning(self, message: str, hint: str = "", field: str | None = None, *fixes: Fix) -> Problem:
        """A warning at this node; the message starts with the node's name."""
        return Problem("warning", f"{self.name}: {message}", hint, self.name, field, fixes)


def same(some: tuple[Arrival, ...], others: tuple[Arrival, ...]) -> bool:
    """Whether the same arrives, under the same names too."""
    return some == others and all(
        one.type is other.type or (one.type and one.type.names) == (other.type and other.type.names)
        for one, other in zip(some, others, strict=True)
    )


def alike(node: Node, other: Node) -> bool:
    """Whether two nodes are the same, values that only count as equal (0 and False) told apart."""
    if node is other:
        return True
    pairs = zip(node.params.values(), other.params.values(), strict=True)
    return node == other and all(type(a) is type(b) for a, b in pairs)


def field_type(field: Field) -> TensorType:
    """A field of the data as a batch."""
    return TensorType((Dim(), *field.shape), field.dtype)


def tensors_of(
    layer: Layer,
    arrivals: tuple[Arrival, ...],
    values: Mapping[str, Value],
    fields: Mapping[str, Field] | None,
) -> tuple[tuple[Tensor, ...], tuple[str, ...]]:
    """The tensor arguments in the order of the ports, and the required ports that nothing arrives at."""
    chosen: dict[str, list[Tensor]] = {}
    missing: list[str] = []
    for port in layer.inputs:
        here = [
            Tensor(port.name, one.ref, one.type, one.field)
            for one in sorted(arrivals, key=lambda one: one.edge.target.index)
            if one.edge.target.port == port.name and one.ref is not None
        ]
        if here:
            chosen[port.name] = here if port.variadic else here[:1]
        elif port.same_as:
            chosen[port.name] = [replace(one, port=port.name) for one in chosen.get(port.same_as, [])]
        elif port.from_option:
            name = str(values[port.from_option])
            known = (fields or {}).get(name)
            guess = next((one.type for here in chosen.values() for one in here), None)
            type = field_type(known) if known else None
            type = loosened(type, guess) if type and guess else type
            chosen[port.name] = [Tensor(port.name, FieldRef(name), type, known)]
        elif not port.optional and not any(one.edge.target.port == port.name for one in arrivals):
            missing.append(port.name)
    return tuple(tensor for port in layer.inputs for tensor in chosen.get(port.name, ())), tuple(missing)
