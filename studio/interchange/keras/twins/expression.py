"""Formulas in Keras: the same operators, and of the functions those that keras.ops has alike."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from studio.build.plan import Step
from studio.errors import StudioError
from studio.interchange.keras.naming import OPERATORS
from studio.interchange.keras.twin import Said, Site, Twin, adds_first, narrowed, said
from studio.interchange.keras.twins.formulas.call import Call
from studio.interchange.keras.twins.formulas.gathering import gathered
from studio.interchange.keras.twins.formulas.known import Known, Types, UnsaidError
from studio.interchange.keras.twins.formulas.table import FUNCTIONS, PAIRS

SAME = frozenset(
    (
        *("abs", "arctan2", "ceil", "cos", "cosh", "erf", "exp", "expm1", "floor", "log"),
        *("log10", "log1p", "log2", "logical_and", "logical_not", "logical_or", "matmul", "maximum"),
        *("minimum", "ones_like", "outer", "relu", "round", "rsqrt", "sigmoid", "sign", "silu", "sin"),
        *("sinh", "softplus", "softsign", "sqrt", "square", "tan", "tanh", "where", "zeros_like"),
        *("isfinite", "isinf", "isnan", "logaddexp", "logical_xor", "trunc", "floor_divide", "dot"),
        *("diag", "trace", "deg2rad", "heaviside", "isclose", "vdot", "kron", "sinc", "erfinv"),
    )
)
"""Functions on values that keras.ops calls by the same name, with the same arguments."""
OTHER = {"bmm": "matmul", "mul": "multiply", "sub": "subtract", "div": "divide", "neg": "negative",
         "pow": "power", "acos": "arccos", "asin": "arcsin", "atan": "arctan", "reciprocal": "reciprocal",
         "eq": "equal", "ne": "not_equal", "gt": "greater", "ge": "greater_equal", "lt": "less",
         "le": "less_equal", "add": "add", "atan2": "arctan2", "acosh": "arccosh", "asinh": "arcsinh",
         "atanh": "arctanh", "mv": "matmul", "sgn": "sign", "remainder": "mod", "true_divide": "divide",
         "fmod": "fmod", "special_expit": "sigmoid", "special_erf": "erf"}  # fmt: skip
"""Those that it calls otherwise."""
REDUCING = frozenset(("mean", "sum", "max", "min", "prod", "logsumexp"))
"""Reductions: torch's dim and keepdim are axis and keepdims."""
ALONG = {
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "cumsum": "cumsum",
    "cumprod": "cumprod",
    "squeeze": "squeeze",
    "unsqueeze": "expand_dims",
    "cat": "concatenate",
    "stack": "stack",
    "flip": "flip",
}
"""Functions with one dimension behind the tensor."""
COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
"""Comparisons by name: == on tensors asks whether they are one object."""
NUMBERS = {"pi": "math.pi", "e": "math.e", "inf": "math.inf"}
KEYWORDS = {"dim": "axis", "keepdim": "keepdims"}
NOT_THERE = "Nothing in keras.ops is known for {} in a formula; draw it with layers of the catalog."


Written = TypeVar("Written")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in Keras: its text, and the pieces that the source must hold."""

    text: str
    copies: tuple[str, ...]


@lru_cache(maxsize=1024)
def in_keras(formula: str, names: tuple[tuple[str, str], ...], types: Types = ()) -> Formula:
    """A formula on variables by the names of its tensors, whose types may be known in each use.

    Raises UnsaidError with what Keras lacks.
    """
    written = _Keras(dict(names), Known([name for name, _ in names], types))
    text = ast.unparse(written.visit(ast.parse(formula.strip(), mode="eval").body))
    return Formula(text, tuple(written.copies))


class _Keras(ast.NodeTransformer):
    """Puts keras.ops in place of functions, and variables in place of names."""

    def __init__(self, names: dict[str, str], known: Known) -> None:
        self._names, self._known = names, known
        self.copies: dict[str, None] = {}

    def _said(self, node: ast.expr) -> str:
        return ast.unparse(self.visit(node))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names:
            return ast.Name(self._names[node.id])
        if node.id in NUMBERS:
            return ast.parse(NUMBERS[node.id], mode="eval").body
        raise UnsaidError(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """The sizes of a tensor, which are numbers where they are known."""
        return _constant(self._known.value(node))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """An operator; a new tensor on its left does not know it everywhere, so it is called by name."""
        turned = isinstance(node.op, ast.Add) and self._adds_first(node.right)
        sides = [self.visit(one) for one in ((node.right, node.left) if turned else (node.left, node.right))]
        read = {one.id for one in ast.walk(sides[0]) if isinstance(one, ast.Name)}
        made = "ops" in read and read.isdisjoint(self._names.values())
        if made and type(node.op) in OPERATORS:
            return _ops(OPERATORS[type(node.op)], sides)
        return ast.BinOp(sides[0], node.op, sides[1])

    def _adds_first(self, node: ast.expr) -> bool:
        try:
            return adds_first(self._known.shape(node))
        except UnsaidError:
            return False

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """One comparison of two sides."""
        if len(node.ops) != 1 or type(node.ops[0]) not in COMPARED:
            raise UnsaidError(ast.unparse(node))
        sides = [self.visit(node.left), self.visit(node.comparators[0])]
        return _ops(COMPARED[type(node.ops[0])], sides)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """A size, one of two results, or parts of a tensor."""
        if isinstance(node.value, ast.Attribute):
            return _constant(self._known.value(node))
        pair = self._called(node.value, PAIRS) if isinstance(node.value, ast.Call) else None
        if pair is not None:
            call, write = pair
            return self._parsed(write(call, self._known.value(node.slice)), call)
        if (text := gathered(node, self._known, self._said)) is not None:
            return ast.parse(text, mode="eval").body
        alone = isinstance(node.slice, ast.Slice)  # which Keras does not take as it stands
        places = ast.Tuple([node.slice, ast.Constant(...)]) if alone else node.slice
        return ast.Subscript(self.visit(node.value), self._places(places))

    def _places(self, node: ast.expr) -> ast.expr:
        """Plain places, in which sizes of tensors are numbers."""
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self._places(one) for one in node.elts])
        if isinstance(node, ast.Slice):
            ends = (self._places(one) if one else None for one in (node.lower, node.upper, node.step))
            return ast.Slice(*ends)
        return node if isinstance(node, ast.Constant) else _constant(self._known.value(node))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        told = self._called(node, FUNCTIONS)
        if told is not None:
            call, write = told
            try:
                return self._parsed(write(call), call)
            except UnsaidError:
                if self._known.types:
                    raise
                raise UnsaidError(call.name) from None  # what it would have to know are its tensors
        name, first = _function(node)
        if name == "add" and len((*first, *node.args)) == 2 and not node.keywords:
            return self.visit_BinOp(ast.BinOp((*first, *node.args)[0], ast.Add(), node.args[-1]))
        args = [self.visit(one) for one in (*first, *node.args)]
        named = {one.arg or "": one.value for one in node.keywords}
        if named.pop("dtype", None) is not None:
            args[0] = _ops("cast", [args[0], ast.Constant(narrowed(self._known.dtype(node)))])
        given = {KEYWORDS.get(key, key): self.visit(one) for key, one in named.items()}
        return _plainly(name, args, given)

    def _called(
        self, node: ast.Call, table: Mapping[str, tuple[str, Written]]
    ) -> tuple[Call, Written] | None:
        name, first = _function(node)
        if name not in table:
            return None
        signature, write = table[name]
        call = Call(node, (name, first), self._said, self._known)
        call.bind(signature)
        return call, write

    def _parsed(self, text: str, call: Call) -> ast.expr:
        self.copies |= call.copies
        return ast.parse(text, mode="eval").body


def _function(node: ast.Call) -> tuple[str, list[ast.expr]]:
    """The name of a function, and the tensor whose method it is."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr, [node.func.value]
    assert isinstance(node.func, ast.Name)
    return node.func.id, []


def _constant(value: object) -> ast.expr:
    return ast.parse(repr(tuple(value) if isinstance(value, tuple) else value), mode="eval").body


def _plainly(name: str, args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    if name in SAME and not given:
        return _ops(name, args)
    if name in OTHER and not given:
        return _ops(OTHER[name], args)
    if name in REDUCING:
        return _ops(name, args[:1], dict(zip(("axis", "keepdims"), args[1:], strict=False)) | given)
    if name in ALONG:
        return _ops(ALONG[name], args[:1], _axis(name, args[1:]) | given)
    raise UnsaidError(name)


def _axis(name: str, others: list[ast.expr]) -> dict[str, ast.expr]:
    """Where nothing is said, torch joins along the first dimension."""
    if others:
        return {"axis": others[0]}
    return {"axis": ast.Constant(0)} if name in ("cat", "stack") else {}


def _ops(name: str, args: list[ast.expr], given: dict[str, ast.expr] | None = None) -> ast.expr:
    keywords = [ast.keyword(key, value) for key, value in (given or {}).items()]
    return ast.Call(ast.Attribute(ast.Name("ops"), name), args, keywords)


def _expression(site: Site) -> Said:
    names = tuple(zip(site.step.ports, site.inputs, strict=True))
    types = tuple(use.inputs for use in site.uses)
    try:
        found = in_keras(site.value("expression"), names, types)
    except UnsaidError as absent:  # of sizes that are known in each use, but not the same in all
        message = f"{site.step.name}: {NOT_THERE.format(absent)}"
        raise StudioError(
            message, "Its block is used with several sizes: unpack the uses that differ."
        ) from None
    return said(found.text, copies=found.copies)


def _lacks(step: Step) -> str:
    try:
        in_keras(step.kwargs["expression"], tuple((name, name) for name in step.ports), (step.inputs,))
    except UnsaidError as absent:
        return NOT_THERE.format(absent)
    return ""


EXPRESSION = {"Expression": Twin(_expression, "torch", lacks=_lacks)}
