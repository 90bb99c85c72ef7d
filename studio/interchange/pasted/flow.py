"""What forward does with tensors, as nodes and wires: layers that it calls, functions, sums, picked parts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from studio.build import calls
from studio.catalog.registry import Layer, Registry
from studio.interchange.pasted.calls import HOMES, Catalog
from studio.interchange.pasted.functions import UNCHANGED, Applied, Functions
from studio.interchange.pasted.piece import Piece
from studio.interchange.pasted.text import dotted, refused, said
from studio.interchange.pasted.values import Values
from studio.project import edits
from studio.project.graph import Endpoint, free_name
from studio.project.params import Value
from studio.project.project import Project

STEP = 232.0
"""From one node to the next."""
Tensor = Endpoint | None
"""An output; None for what comes from outside."""
Results = Mapping[calls.Path, Tensor]
"""What a call gives, by where it lies in the result."""


class Flow:
    """Follows tensors through statements; `modules` are the layers that the text has made so far."""

    def __init__(
        self, known: Registry, catalog: Catalog, values: Values, modules: Mapping[str, Sequence[Piece]]
    ) -> None:
        self._known, self._modules = known, modules
        self._functions = Functions(known, catalog, values)
        self._aliases = catalog.aliases
        self.project = Project()
        self.tensors: dict[str, Tensor] = {}
        self.used: set[str] = set()

    def follows(self, node: ast.AST) -> bool:
        """Whether a statement does something with tensors, and makes no layer."""
        return any(
            (isinstance(part, ast.Call) and dotted(part.func) in self._modules)
            or (isinstance(part, ast.Name) and part.id in self.tensors)
            for part in ast.walk(node)
        )

    def read(self, body: Iterable[ast.stmt]) -> None:
        """Follow statements in their order."""
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.tensors[name] = self._tensor(value)
            case ast.Assign(targets=[ast.Tuple() as target], value=ast.Call() as value):
                self._unpack(target, (), self._call(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                whole = ast.copy_location(ast.BinOp(ast.Name(name), op, value), statement)
                self.tensors[name] = self._tensor(whole)
            case ast.Expr(value=ast.Constant()):
                pass  # what the function is for
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                for part in _parts(value):
                    self._tensor(part)
            case _:
                raise refused(statement, f"{ast.unparse(statement)[:40]} is not read")

    def _tensor(self, node: ast.expr) -> Tensor:
        """Where the tensor that an expression gives comes from."""
        match node:
            case ast.Name(id=name):
                return self.tensors.setdefault(name, None)
            case ast.Call():
                found = self._call(node)
                return found.get((), next(iter(found.values()), None))
            case ast.BinOp():
                return self._apply(self._functions.sign(node))[()]
            case ast.Subscript():
                return self._picked(node)
            case _:
                raise refused(node, f"{said(node)} is not read")

    def _call(self, call: ast.Call) -> Results:
        name = dotted(call.func)
        if name in self._modules:
            return self._module(name, call)
        given = list(call.args)
        if isinstance(call.func, ast.Attribute) and not self._is_home(name.rpartition(".")[0]):
            given.insert(0, call.func.value)
            name = call.func.attr
        bare = name.rpartition(".")[2]
        if bare in UNCHANGED and given:
            return {(): self._tensor(given[0])}
        applied = self._functions.applied(call, bare, given)
        if applied is None:
            message = f"{name or said(call)} is nothing that Neuroloom can draw"
            raise refused(call, message, "Leave it out, and draw it by hand.")
        return self._apply(applied)

    def _is_home(self, name: str) -> bool:
        first, dot, rest = name.partition(".")
        return (
            bool(first)
            and first not in self.tensors
            and self._aliases.get(first, first) + dot + rest in HOMES
        )

    def _apply(self, applied: Applied) -> Results:
        sources = [self._tensor(one) for one in applied.tensors]
        return self._place(Piece("", applied.type, applied.params), sources)

    def _module(self, name: str, call: ast.Call) -> Results:
        """A layer that was made before is called: it is placed now."""
        pieces = self._modules[name]
        if name in self.used and any(map(self._learns, pieces)):
            hint = "Make a block of it by hand, and share the weights of its repeats."
            raise refused(call, f"{name} is called twice with the same weights, which is not read", hint)
        self.used.add(name)
        sources = [self._tensor(one) for argument in call.args for one in _parts(argument)]
        results: Results = {(): sources[0] if sources else None}
        for place, piece in enumerate(pieces):
            results = self._place(piece, sources if place == 0 else [next(iter(results.values()))])
        return results

    def _learns(self, piece: Piece) -> bool:
        layer = self._known.layer(piece.type)
        return layer is not None and any(option.name == "lr_factor" for option in layer.options)

    def _place(self, piece: Piece, sources: Sequence[Tensor]) -> Results:
        """A node for a layer, wired to what it takes."""
        nodes = self.project.graph.nodes
        name = free_name(piece.name or edits.name_for(piece.type), nodes)
        at = (len(nodes) * STEP, 0.0)
        self.project, name = edits.add_node(self.project, piece.type, at, piece.params, name)
        layer = self._known.layer_of(self.project.graph.nodes[name])
        assert layer is not None
        for source, target in zip(sources, _ports(layer, name, len(sources)), strict=False):
            if source is not None:
                self.project = edits.connect(self.project, source, target, layer.inputs[0].variadic)
        return {
            path: Endpoint(name, port.name)
            for path, port in zip(calls.paths(layer), layer.outputs, strict=False)
        }

    def _unpack(self, target: ast.expr, path: calls.Path, results: Results) -> None:
        """out, (hidden, cell) = …"""
        if isinstance(target, ast.Tuple):
            for place, part in enumerate(target.elts):
                self._unpack(part, (*path, place), results)
        elif isinstance(target, ast.Name):
            self.tensors[target.id] = results.get(path)

    def _picked(self, node: ast.Subscript) -> Tensor:
        """x[:, -1], or a part of what a call gives."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        whole = [isinstance(part, ast.Slice) and ast.unparse(part) == ":" for part in parts]
        index = _number(parts[whole.index(False)]) if whole.count(False) == 1 else None
        if index is None:
            raise refused(node, f"{said(node)} is not read", "Draw it by hand, as Slice or Select.")
        if len(parts) == 1 and isinstance(node.value, ast.Call):
            found = self._call(node.value)
            if (index,) in found:
                return found[(index,)]
        params: dict[str, Value] = {"dim": whole.index(False), "index": index}
        return self._place(Piece("", "Select", params), [self._tensor(node.value)])[()]


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node]


def _ports(layer: Layer, name: str, count: int) -> list[Endpoint]:
    if layer.inputs and layer.inputs[0].variadic:
        return [Endpoint(name, layer.inputs[0].name, place) for place in range(count)]
    return [Endpoint(name, port.name) for port in layer.inputs]


def _number(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) else None
