"""A form as a drawing: a node for each call, wires, and the weights by the keys of a state_dict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from studio.catalog.registry import registry
from studio.interchange.imported import ModulePath, Told
from studio.interchange.modules.expressions import Writer
from studio.interchange.modules.fitting import Fitted, Form
from studio.interchange.modules.layer_call import Raised
from studio.interchange.modules.raising import raised
from studio.interchange.modules.values import Op, Place, UndrawableError, Value, values_in
from studio.project.block import as_listed
from studio.project.graph import Edge, Endpoint, Graph, Node, free_name
from studio.project.params import Value as Plain

SMALL = 16
"""A fixed tensor of at most so many numbers stands in the drawing itself."""
BUFFER_DTYPES = frozenset(
    {
        *("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"),
        *("complex64", "complex128"),
    }
)
CASTS = frozenset(
    {
        *("to", "type", "float", "double", "half", "bfloat16", "long", "int", "bool", "type_as", "short"),
        *("cfloat", "byte", "char"),
    }
)
SHAPING = frozenset({"expand", "reshape", "view", "expand_as"})
NOTHING = frozenset({"clone", "alias"})
SPOKEN = {"getitem": "part", "to": "cast", "t": "transpose", "scaled_dot_product_attention": "attention"}
"""Calls whose nodes have another name."""
DROPOUTS = frozenset({"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout"})


class Drawing:
    """Draws a form node by node; what was drawn lies in its attributes."""

    def __init__(self, form: Form, module: nn.Module) -> None:
        self.form = form
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.origin: dict[str, ModulePath] = {}
        self.weights: dict[str, Tensor] = {}
        self.told: list[Told] = []
        self.inputs: dict[str, str] = {}
        self.outputs: dict[Place, str] = {}
        self._ends: dict[int, Endpoint] = {}
        self._drawn: list[tuple[Value, ModulePath]] = []
        self._parameters = dict(module.named_parameters())
        self._path: ModulePath = ()
        needed = _needed(form)
        self._uses = _uses(needed, form)
        self._begin()
        for op in needed:
            try:
                self._op(op)
            except UndrawableError as error:
                raise UndrawableError(str(error), op.path) from error
        self._end()

    @property
    def graph(self) -> Graph:
        """All that was drawn."""
        return Graph(as_listed(self.nodes.values()), tuple(self.edges))

    def taken(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Tensors by the names of their Input nodes, as these take them."""
        rows = {name: one.reshape(-1, 1) if one.dim() == 1 else one for name, one in tensors.items()}
        return {self.inputs[name]: one for name, one in rows.items()}

    def _begin(self) -> None:
        for name, value in self.form.inputs.items():
            dtype = {torch.float32: "float32", torch.bool: "bool"}.get(value.dtype)
            dtype = dtype or ("float32" if value.dtype.is_floating_point else "int64")
            params: dict[str, Plain] = {"field": name, "shape": value.shape[1:] or 1, "dtype": dtype}
            node = self._node(name, "Input", params)
            self.inputs[name] = node
            self._ends[value.number] = Endpoint(node, "output")
            self._drawn.append((value, ()))
            if len(value.shape) == 1:
                self._patched(value, "reshape(x, -1)")
            if dtype != str(value.dtype).removeprefix("torch."):
                self._patched(value, f"to(x, {str(value.dtype).removeprefix('torch.')})")

    def _patched(self, value: Value, text: str) -> None:
        """A formula behind the node of a value, in its place."""
        end = self._ends[value.number]
        node = self._node(f"{end.node}_value", "Expression", {"expression": text})
        self.edges.append(Edge(end, Endpoint(node, "x")))
        self._ends[value.number] = Endpoint(node, "output")

    def _end(self) -> None:
        self._path = ()
        for place, value in self.form.results.items():
            wanted = "_".join(str(part) for part in place) or "output"
            wanted = f"output{wanted}" if wanted[0].isdigit() else wanted
            node = self._node(wanted, "Output", {})
            self.outputs[place] = node
            self.edges.append(Edge(self.end(value), Endpoint(node, "input")))

    def _node(self, wanted: str, type: str, params: Mapping[str, Plain]) -> str:
        name = free_name(wanted, self.nodes)
        self.nodes[name] = Node(name, type, params)
        self.origin[name] = self._path
        return name

    def _named(self, op: Op) -> str:
        """What the node of a call is called: by the module's path, and the function where it is not all."""
        called = SPOKEN.get(op.name, op.name.strip("_.").lower())
        parts = [*op.path] if op.leaf is not None and op.path else [*op.path, called]
        return "_".join(parts)

    def end(self, value: Value) -> Endpoint:
        """Where a value comes out; parameters and fixed tensors are drawn when they are first needed."""
        if value.number not in self._ends:
            if value.kind == "parameter":
                self._parameter(value)
            else:
                self._fixed(value)
        return self._ends[value.number]

    def _owner(self, value: Value) -> ModulePath:
        return tuple(value.name.split(".")[:-1])

    def _parameter(self, value: Value) -> None:
        before, self._path = self._path, self._owner(value)
        tensor = self._parameters[value.name].detach()
        params: dict[str, Plain] = {"shape": _sizes(tensor)}
        if not self._parameters[value.name].requires_grad:
            params["freeze"] = True
        name = self._node(value.name.replace(".", "_"), "Parameter", params)
        self.weights[f"{name}.weight"] = tensor.reshape(_sizes(tensor)).float()
        self._ends[value.number] = Endpoint(name, "output")
        if not tensor.dim():
            self._patched(value, "reshape(x, ())")
        if tensor.dtype is not torch.float32:
            self._patched(value, f"to(x, {str(tensor.dtype).removeprefix('torch.')})")
        self._path = before

    def _fixed(self, value: Value) -> None:
        tensor = self.form.settled.get(value.number)
        if tensor is None:
            raise UndrawableError(
                f"a tensor of {_told(value)} comes out of code whose calls cannot be seen (such as torch.jit)"
            )
        before = self._path
        self._path = self._owner(value) if value.kind == "buffer" else self._path
        wanted = value.name.replace(".", "_") or "_".join((*self._path, "constant"))
        dtype = str(tensor.dtype).removeprefix("torch.")
        if dtype not in BUFFER_DTYPES:
            raise UndrawableError(f"a fixed tensor of the type {dtype} cannot be drawn")
        numbers = _numbers(tensor)
        if numbers is not None and dtype in ("float32", "int64", "bool") and 0 not in tensor.shape:
            params: dict[str, Plain] = {"value": numbers, "shape": _sizes(tensor), "dtype": dtype}
            name = self._node(wanted, "Constant", params)
        else:
            name = self._node(wanted, "Buffer", {"shape": _sizes(tensor), "dtype": dtype})
            self.weights[f"{name}.value"] = tensor.reshape(_sizes(tensor)).clone()
        self._ends[value.number] = Endpoint(name, "output")
        if not tensor.dim():
            self._patched(value, "reshape(x, ())")
        self._path = before

    def _op(self, op: Op) -> None:
        self._path = op.path
        if op.leaf is not None:
            self._leaf(op)
        elif not self._passed(op):
            self._called(op)
        self._drawn += [(value, op.path) for value in op.results if value.number in self._ends]

    def _passed(self, op: Op) -> bool:
        """Calls that change nothing are no nodes."""
        source = next(values_in(op.args), None)
        if source is None or len(op.results) != 1:
            return False
        if _changes_nothing(op, source):
            self._ends[op.results[0].number] = self.end(source)
            return True
        if op.name in CASTS:
            op.name, op.args = "to", (source,)
        return False

    def _leaf(self, op: Op) -> None:
        assert op.leaf
        inputs = tuple(zip(op.leaf.inputs, op.args, strict=True))
        params = dict(op.leaf.params)
        if not any(value.number in self._uses for value in op.results[1:]):
            params.pop("need_weights", None)
            params.pop("average_attn_weights", None)
        name = self._placed(Raised(op.leaf.type, params, inputs, op.leaf.outputs), op)
        for key, tensor in op.leaf.module.state_dict().items():
            self.weights[f"{name}.{key}"] = tensor.detach().clone()

    def _called(self, op: Op) -> None:
        found = raised(op, self._owned)
        if found:
            name = self._placed(found, op)
            for key, value in found.weights.items():
                self.weights[f"{name}.{key}"] = self._tensor(value)
            if found.type.startswith("BatchNorm"):
                self.weights[f"{name}.num_batches_tracked"] = torch.tensor(0)
            return
        for value in op.results:
            if value.number in self._uses and value.number not in self.form.settled:
                self._formula(op, value)

    def _tensor(self, value: Value) -> Tensor:
        if value.kind == "parameter":
            return self._parameters[value.name].detach().clone()
        return self.form.settled[value.number].clone()

    def _owned(self, value: Value) -> bool:
        """Whether a layer may take a weight over: nothing else reads it."""
        if self._uses.get(value.number, 0) > 1 or value.dtype is not torch.float32:
            return False
        return value.kind == "parameter" or (value.kind == "buffer" and value.number in self.form.settled)

    def _placed(self, found: Raised, op: Op) -> str:
        params = dict(found.params)
        weights = [self._parameters[one.name] for one in found.weights.values() if one.kind == "parameter"]
        if weights and not any(one.requires_grad for one in weights):
            params["freeze"] = True
        ends = [(port, self.end(value)) for port, value in found.inputs]
        name = self._node(self._named(op), found.type, params)
        layer = registry().layer(found.type)
        assert layer
        counts: dict[str, int] = {}
        for port, end in ends:
            self.edges.append(Edge(end, Endpoint(name, port, counts.get(port, 0))))
            declared = layer.port(port, "in")
            counts[port] = counts.get(port, 0) + (1 if declared and declared.variadic else 0)
        for value in op.results:
            if value.place in found.outputs:
                self._ends[value.number] = Endpoint(name, found.outputs[value.place])
        return name

    def _formula(self, op: Op, value: Value) -> None:
        writer = Writer(self._near, self._number)
        text = writer.text(op, value)
        ends = [(port, self.end(one)) for port, one in writer.names.items()]
        name = self._node(self._named(op), "Expression", {"expression": text})
        for port, end in ends:
            self.edges.append(Edge(end, Endpoint(name, port)))
        self._ends[value.number] = Endpoint(name, "output")

    def _near(self) -> Value:
        """A tensor with as many samples as the whole, of the same module where there is one."""
        fitting = [(v, path) for v, path in reversed(self._drawn) if Fitted(1, 0) in v.shape]
        here = (v for v, path in fitting if path == self._path)
        first = (v for v in self.form.inputs.values() if Fitted(1, 0) in v.shape)
        found = next(here, None) or next(first, None)
        if found is None:
            raise UndrawableError("no input tells the number of samples")
        return found

    def _number(self, value: Value) -> Any:  # noqa: ANN401
        """The number that a tensor is, None for another tensor."""
        tensor = self.form.settled.get(value.number)
        if tensor is None or tensor.dim() or tensor.is_complex():
            return None
        number = tensor.item()
        return None if number != number else number


def _told(value: Value) -> str:
    return "×".join("N" if one == Fitted(1, 0) else str(one) for one in value.shape) or "one number"


def _changes_nothing(op: Op, source: Value) -> bool:
    """Whether the result of a call is what went in."""
    if op.name in CASTS:
        return source.dtype == op.results[0].dtype and not source.dtype.is_complex
    if op.name in DROPOUTS:
        return op.kwargs.get("p", op.args[1] if len(op.args) > 1 else 0.5) == 0
    if op.name in SHAPING:
        return source.shape == op.results[0].shape
    return op.name in NOTHING or (op.name == "cat" and len(op.args[0]) == 1)


def _sizes(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape) or (1,)


def _numbers(tensor: Tensor) -> Plain:
    """The numbers of a small tensor, or the one that all are; None for another one."""
    if not tensor.numel() or tensor.is_complex() or not torch.isfinite(tensor.float()).all():
        return None
    flat = tensor.reshape(-1)
    if bool((flat == flat[0]).all()):
        return float(flat[0].item())
    if tensor.numel() > SMALL:
        return None
    return tuple(float(one) for one in flat.tolist())


def _needed(form: Form) -> list[Op]:
    """The calls that the results depend on, but for those whose result is the same every time."""
    for op in form.ops:
        _without_empty(op)
    wanted = {value.number for value in form.results.values()}
    found: list[Op] = []
    for op in reversed(form.ops):
        here = [value for value in op.results if value.number in wanted and value.number not in form.settled]
        if here:
            found.append(op)
            wanted |= {value.number for value in values_in((op.args, op.kwargs))}
    return found[::-1]


def _without_empty(op: Op) -> None:
    """Joining leaves out tensors that hold nothing."""
    joined = op.args[0] if op.name == "cat" and op.args else None
    if isinstance(joined, list | tuple):
        full = [one for one in joined if isinstance(one, Value) and 0 not in one.shape]  # pyright: ignore[reportUnknownVariableType]
        op.args = (full or joined, *op.args[1:])


def _uses(ops: Iterable[Op], form: Form) -> dict[int, int]:
    """How many calls read each value, or return it."""
    found: dict[int, int] = {}
    for op in ops:
        for number in {value.number for value in values_in((op.args, op.kwargs))}:
            found[number] = found.get(number, 0) + 1
    for value in form.results.values():
        found[value.number] = found.get(value.number, 0) + 1
    return found
