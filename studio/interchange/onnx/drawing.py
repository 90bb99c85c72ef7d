"""The drawing that grows while an ONNX graph is read: each node is placed with the type of what it gives."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.build.evaluation import evaluate, site_of
from studio.build.plan import Step
from studio.build.site import Arrival
from studio.build.sizes import Dim, Size, TensorType
from studio.catalog.registry import registry
from studio.interchange.imported import ModulePath
from studio.interchange.onnx.values import Array, Filled, Held, Sizes, UnreadableError, Value, Wire, settled
from studio.project.block import as_listed
from studio.project.graph import Edge, Endpoint, Graph, Node, free_name
from studio.project.params import Value as Param

VARIABLES = ("x", "y", "z", "u", "v", "w", "q", "r")
MOST_WRITTEN = 256
"""Numbers of a constant that stand in the drawing; more are held with the weights where they can be."""
MOST_WHOLE = 20_000
Operand = Value | float | bool | str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the size of a symbol can be read: a tensor, and its dimension."""

    wire: Wire
    dim: int


class Drawing:
    """Nodes and wires so far, the weights of nodes, and what nodes stand for ("" of the ONNX graph)."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.weights: dict[str, Tensor] = {}
        self.symbols: dict[str, Source] = {}
        self.steps: dict[str, Step] = {}
        """What a node with inputs calls."""
        self.types: dict[Endpoint, TensorType] = {}
        self.known: dict[Endpoint, Tensor] = {}
        """Constants, but for those that were learned."""
        self.takers: Counter[Endpoint] = Counter()
        """How often operators of the file, or its results, take a tensor."""
        self.origin: dict[str, ModulePath] = {}
        """The module that each node comes from, where the file says it."""
        self._constants: dict[tuple[str, int], tuple[Held, Wire]] = {}
        """With the numbers themselves: as long as they are there, no others have their id."""
        self.moved: dict[Endpoint, tuple[Wire, tuple[int, ...]]] = {}
        """Tensors that are others with their dimensions in another order: of which, and in which order."""
        self.shaped: dict[Endpoint, Wire] = {}
        """Tensors that are others in another shape."""
        self.fixed_batch: int | None = None
        """The number of samples that the file was written for, where it is not free there."""
        self._hint = ""
        self._path: ModulePath = ()

    @property
    def graph(self) -> Graph:
        """All of it."""
        return Graph(as_listed(self.nodes.values()), tuple(self.edges))

    def forget(self, names: set[str]) -> None:
        """Nodes that are no more: constants among them may be made again."""
        self._constants = {key: one for key, one in self._constants.items() if one[1].end.node not in names}
        self.moved = {end: one for end, one in self.moved.items() if end.node not in names}
        self.shaped = {end: one for end, one in self.shaped.items() if end.node not in names}

    def begin(self, hint: str, path: ModulePath = ()) -> None:
        """The next nodes are called like that, and come from that module."""
        self._hint, self._path = hint, path

    @property
    def hint(self) -> str:
        """What the next node would be called."""
        return self._hint

    def input(self, name: str, shape: Sequence[Size], dtype: str, params: Mapping[str, Param]) -> Wire:
        """An Input node; `shape` with the batch."""
        free = free_name(name, self.nodes)
        self.nodes[free] = Node(free, "Input", {"field": free, **params})
        wire = Wire(Endpoint(free, "output"), TensorType(tuple(shape), dtype))
        self.types[wire.end] = wire.type
        for at, size in enumerate(shape):
            if isinstance(size, Dim) and len(size.symbols) == 1:
                self.symbols.setdefault(next(iter(size.symbols)), Source(wire, at))
        return wire

    def output(self, name: str, wire: Wire) -> None:
        """An Output node."""
        free = free_name(name, self.nodes)
        self.nodes[free] = Node(free, "Output", {})
        self.edges.append(Edge(wire.end, Endpoint(free, "input")))

    def place(
        self,
        type: str,
        inputs: Mapping[str, Wire | Sequence[Wire]],
        params: Mapping[str, Param] | None = None,
        weights: Mapping[str, Array | Tensor] | None = None,
        name: str = "",
    ) -> list[Wire]:
        """A node with what arrives at its ports; what leaves it. Raises UnreadableError."""
        free = free_name(name or self._hint or type.lower(), self.nodes)
        node = Node(free, type, dict(params or {}))
        edges, arrivals = list[Edge](), list[Arrival]()
        for port, given in inputs.items():
            for at, wire in enumerate([given] if isinstance(given, Wire) else given):
                edge = Edge(wire.end, Endpoint(free, port, at))
                edges.append(edge)
                arrivals.append(Arrival(edge, wire.end, wire.type))
        wires, step = _typed(node, tuple(arrivals))
        self.nodes[free], self.steps[free], self.origin[free] = node, step, self._path
        self.types |= {wire.end: wire.type for wire in wires}
        self.edges += edges
        for key, one in (weights or {}).items():
            self.weights[f"{free}.{key}"] = one if isinstance(one, Tensor) else tensor_of(one)
        return wires

    def one(
        self,
        type: str,
        inputs: Mapping[str, Wire | Sequence[Wire]],
        params: Mapping[str, Param] | None = None,
        weights: Mapping[str, Array | Tensor] | None = None,
        name: str = "",
    ) -> Wire:
        """A node of one result."""
        return self.place(type, inputs, params, weights, name)[0]

    def write(self, text: str, /, **operands: Operand) -> Wire:
        """An Expression: a line of torch in which {name} stands for an operand."""
        names: dict[Endpoint, str] = {}
        wires: dict[str, Wire] = {}

        def variable(wire: Wire) -> str:
            if wire.end not in names:
                if len(names) == len(VARIABLES):
                    raise UnreadableError("it reads more tensors than a formula can have")
                names[wire.end] = VARIABLES[len(names)]
                wires[names[wire.end]] = wire
            return names[wire.end]

        for one in operands.values():
            if isinstance(one, Wire):
                variable(one)
        written = {key: self._text(one, variable) for key, one in operands.items()}
        formula = text.format(**written)
        if not wires:
            raise UnreadableError("nothing of it depends on what the network is given")
        return self.one("Expression", wires, {"expression": formula})

    def _text(self, value: Operand, variable: Any) -> str:  # noqa: ANN401
        if isinstance(value, str):
            return value
        if isinstance(value, Wire):
            return variable(value)
        if isinstance(value, Sizes):
            parts = [self.size_text(one, variable) for one in value.values]
            return parts[0] if value.scalar else f"({', '.join(parts)},)"
        if isinstance(value, Filled):
            return variable(self.wire_of(value))
        if isinstance(value, Held):
            return (
                number_text(value.array.item()) if value.array.size == 1 else variable(self.constant(value))
            )
        return number_text(value)

    def size_text(self, size: Size, variable: Any) -> str:  # noqa: ANN401
        """A size as a formula of the sizes of tensors."""
        if isinstance(size, int):
            return str(size)
        below = math.lcm(*(factor.denominator for _, factor in size.terms))
        parts: list[str] = []
        for symbols, factor in size.terms:
            read = [self._size_of(symbol, variable) for symbol in symbols]
            number = int(factor * below)
            parts.append("*".join([*read, *([str(number)] if number != 1 or not read else [])]))
        total = " + ".join(parts)
        if below != 1:
            return f"({total})//{below}"
        return f"({total})" if len(parts) > 1 else total

    def _size_of(self, symbol: str, variable: Any) -> str:  # noqa: ANN401
        source = self.symbols.get(symbol)
        if source is None:
            raise UnreadableError(f"the size {symbol} is that of no input")
        return f"{variable(source.wire)}.shape[{source.dim}]"

    def wire_of(self, value: Value | None) -> Wire:
        """Any value as a tensor of the drawing: known numbers become a node."""
        if isinstance(value, Wire):
            return value
        if isinstance(value, Filled):
            source = next(iter(self.symbols.values())).wire
            sizes = Sizes(value.sizes)
            return self.write("full({s}, {n}, device={x}.device)", x=source, s=sizes, n=value.number)
        if isinstance(value, Sizes):
            value = settled(value)
        if isinstance(value, Held):
            return self.constant(value)
        raise UnreadableError("a size is used as a tensor")

    def constant(self, held: Held) -> Wire:
        """Known numbers as a node: learned ones where they were weights of the file."""
        key = (held.name, id(held.array) if not held.name else 0)
        if key not in self._constants:
            before, self._hint = self._hint, held.name or f"{self._hint}_value"
            try:
                self._constants[key] = held, self._constant(held)
            finally:
                self._hint = before
        return self._constants[key][1]

    def _constant(self, held: Held) -> Wire:
        tensor = tensor_of(held.array)
        if not tensor.numel():
            raise UnreadableError("one of its constants is empty")
        wire = self._placed(held, tensor)
        if not held.name:
            self.known[wire.end] = tensor.reshape(wire.type.at(1))
        return wire

    def _placed(self, held: Held, tensor: Tensor) -> Wire:
        shape = tuple(tensor.shape) or (1,)
        floating = tensor.is_floating_point()
        name = stem(held.name) if held.name else ""
        finite = bool(tensor.isfinite().all())
        if floating and (held.name or tensor.numel() > MOST_WRITTEN or not finite):
            params: dict[str, Param] = {"shape": shape, "start": "constant", "value": 0.0}
            if not held.name:
                params["freeze"] = True
            return self.one("Parameter", {}, params, {"weight": tensor.reshape(shape)}, name)
        dtype = "float32" if floating else "bool" if tensor.dtype is torch.bool else "int64"
        if tensor.numel() > MOST_WRITTEN and registry().layer("Buffer") is not None:
            return self.one(
                "Buffer", {}, {"shape": shape, "dtype": dtype}, {"value": tensor.reshape(shape)}, name
            )
        if tensor.numel() > MOST_WHOLE:
            raise UnreadableError(f"one of its constants has {tensor.numel():,} whole numbers")
        values = tuple(float(one) for one in tensor.ravel().tolist())
        value = values[0] if len(set(values)) == 1 else values
        return self.one("Constant", {}, {"value": value, "shape": shape, "dtype": dtype}, name=name)

    def without_dead_ends(self, ends: Iterable[str]) -> None:
        """Take out what leads to no result, nor to one of the nodes named."""
        feeding: dict[str, set[str]] = {}
        for edge in self.edges:
            feeding.setdefault(edge.target.node, set()).add(edge.source.node)
        kept = {name for name, node in self.nodes.items() if node.type in ("Output", "Input")} | {*ends}
        waiting = list(kept)
        for name in waiting:
            new = feeding.get(name, set()) - kept
            kept |= new
            waiting += new
        self.nodes = {name: node for name, node in self.nodes.items() if name in kept}
        self.edges = [edge for edge in self.edges if edge.target.node in kept]
        self.weights = {key: one for key, one in self.weights.items() if key.partition(".")[0] in kept}


def _typed(node: Node, arrivals: tuple[Arrival, ...]) -> tuple[list[Wire], Step]:
    layer = registry().layer_of(node)
    assert layer is not None, node.type
    answer = evaluate(site_of(node, layer, arrivals, {}, {}, {}))
    wrong = next((one for one in answer.problems if one.severity == "error"), None)
    if wrong is not None or len(answer.outputs) < len(layer.outputs):
        raise UnreadableError(wrong.message if wrong else "what it gives cannot be found out")
    ends = zip(layer.outputs, answer.outputs, strict=True)
    assert isinstance(answer.made, Step)
    return [
        Wire(Endpoint(node.name, port.name), type) for port, type in ends if type is not None
    ], answer.made


def stem(name: str) -> str:
    """What a node is called after an initializer: layers.0.attention.weight gives layers_0_attention."""
    parts = [part for part in name.replace("/", ".").replace("::", ".").split(".") if part]
    if len(parts) > 1 and parts[-1] in ("weight", "bias", "kernel", "W", "gamma", "scale"):
        parts.pop()
    name = "_".join(parts) or "value"
    return name.removesuffix("_weight").removesuffix("_bias") or name


def tensor_of(array: Array) -> Tensor:
    """Numbers as a tensor of a kind that the drawing has: float32, int64 or bool."""
    if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
        return torch.from_numpy(np.array(array, np.float32, order="C"))
    if array.dtype.kind == "b":
        return torch.from_numpy(np.array(array, order="C"))
    if array.dtype.kind in "iu":
        return torch.from_numpy(np.array(array, np.int64, order="C"))
    raise UnreadableError(f"its numbers are of the kind {array.dtype.name}")


def number_text(value: Any) -> str:  # noqa: ANN401
    """A number as a formula has it."""
    if isinstance(value, bool | int):
        return str(value)
    number = float(np.float32(value))
    if math.isnan(number):
        return "(inf - inf)"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    short = float(f"{number:.7g}")
    exact = short if np.float32(short) == np.float32(number) else number
    return repr(exact)
