"""Which layer a call on tensors stands for: F.relu(x), torch.cat([a, b]), x.flatten(1), x.view(n, 8), a+b."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from studio.catalog.registry import Layer, Registry
from studio.interchange.pasted.calls import Catalog, made
from studio.interchange.pasted.text import refused
from studio.interchange.pasted.values import Values
from studio.project.params import Value

ALSO = {"interpolate": "upsample", "concat": "cat", "concatenate": "cat"}
"""Functions that have another name than what they do has here."""
SHAPED = {"view": "View", "reshape": "Reshape"}
UNCHANGED = frozenset({"contiguous", "clone"})
SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
WITHOUT_EFFECT = frozenset({"training", "inplace"})


@dataclass(frozen=True, slots=True)
class Applied:
    """A layer with what is set of its parameters, on the tensors that these expressions give."""

    type: str
    params: dict[str, Value]
    tensors: tuple[ast.expr, ...]


class Functions:
    """The functions of a registry by what code calls them."""

    def __init__(self, known: Registry, catalog: Catalog, values: Values) -> None:
        self._catalog, self._values = catalog, values
        self._layers: dict[str, Layer] = {}
        self._signs: dict[str, Layer] = {}
        for layer in known.layers.values():
            if layer.target and layer.target.startswith("torch.") and not layer.is_module:
                self._layers.setdefault(layer.target.rpartition(".")[2], layer)
            if layer.joined:
                self._signs.setdefault(layer.joined, layer)
        if "MatMul" in known.layers:
            self._signs["@"] = known.layers["MatMul"]

    def applied(self, call: ast.Call, name: str, given: Sequence[ast.expr]) -> Applied | None:
        """The layer for a function or method of this bare name; None where there is none.

        `given` are its positional arguments, for a method after what stands before the dot.
        """
        name = ALSO.get(name, name)
        if name in SHAPED:
            return self._shaped(call, SHAPED[name], given)
        if name in self._layers:
            return self._function(call, self._layers[name], given)
        found = self._catalog.layer(name) if name.islower() else None
        if found is None or not given:
            return None
        kept = [one for one in call.keywords if one.arg not in WITHOUT_EFFECT]
        constructor = ast.Call(ast.Name(name), list(given[1:]), kept)
        params = made(ast.copy_location(constructor, call), self._catalog, self._values)[1]
        return Applied(found[0].type, params, (given[0],))

    def sign(self, node: ast.BinOp) -> Applied:
        """The layer that adds, multiplies, … tensors."""
        sign = "@" if isinstance(node.op, ast.MatMult) else SIGNS.get(type(node.op), "")
        layer = self._signs.get(sign)
        if layer is None or any(isinstance(one, ast.Constant) for one in (node.left, node.right)):
            message = f"{ast.unparse(node)[:40]} is not read"
            raise refused(node, message, "Leave it out, and draw it by hand, as an Expression for example.")
        several = layer.inputs[0].variadic
        return Applied(layer.type, {}, tuple(_operands(node, several)))

    def _function(self, call: ast.Call, layer: Layer, given: Sequence[ast.expr]) -> Applied:
        """A function of torch: first its tensors, then its parameters in their order."""
        count = 1 if layer.as_list else len(layer.inputs)
        tensors, rest = list(given[:count]), list(given[count:])
        if layer.as_list and tensors and isinstance(tensors[0], ast.List | ast.Tuple):
            tensors = list(tensors[0].elts)
        params = {param.name: param for param in layer.params}
        named = {one.arg: one.value for one in call.keywords if one.arg is not None}
        if len(params) == 1 and len(rest) > 1:
            rest = [ast.copy_location(ast.Tuple(rest), call)]
        named |= dict(zip(params, rest, strict=False))
        found: dict[str, Value] = {}
        for name, node in named.items():
            if name not in params:
                raise refused(node, f"{name} of {layer.type} cannot be drawn", "Leave it out.")
            try:
                found[name] = params[name].check(self._values.of(node))
            except ValueError as error:
                raise refused(node, str(error), "Write a value that it takes.") from None
        return Applied(layer.type, found, tuple(tensors))

    def _shaped(self, call: ast.Call, type: str, given: Sequence[ast.expr]) -> Applied:
        """x.view(n, …): the first size is the batch's."""
        sizes = list(given[1:])
        if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple | ast.List):
            sizes = list(sizes[0].elts)
        rest = tuple(self._values.of(one) for one in sizes[1:])
        if not rest or not all(isinstance(one, int) for one in rest):
            raise refused(call, f"{ast.unparse(call)[:40]} is not read", "Give the sizes as numbers.")
        joins = len(rest) == 1 and (ast.unparse(sizes[0]) == "-1" or ast.unparse(sizes[1]) == "-1")
        if joins:
            return Applied("Flatten", {}, (given[0],))
        return Applied(type, {"shape": rest}, (given[0],))


def _operands(node: ast.expr, several: bool) -> list[ast.expr]:
    """The operands of a + b + c as one list, where a layer takes several."""
    if not isinstance(node, ast.BinOp):
        return [node]
    left = node.left
    same = several and isinstance(left, ast.BinOp) and type(left.op) is type(node.op)
    return [*(_operands(left, several) if same else [left]), node.right]
