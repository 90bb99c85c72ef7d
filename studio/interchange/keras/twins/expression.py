"""Formulas in Keras: the same operators, and of the functions those that keras.ops has alike."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache

from studio.build.plan import Step
from studio.interchange.keras.twin import Said, Site, Twin, said

SAME = frozenset(
    (
        *("abs", "arctan2", "ceil", "cos", "cosh", "einsum", "erf", "exp", "expm1", "floor", "gelu", "log"),
        *("log10", "log1p", "log2", "logical_and", "logical_not", "logical_or", "matmul", "maximum"),
        *("minimum", "ones_like", "outer", "relu", "round", "rsqrt", "sigmoid", "sign", "silu", "sin"),
        *("sinh", "softplus", "softsign", "sqrt", "square", "tan", "tanh", "where", "zeros_like", "mish"),
    )
)
"""Functions on values that keras.ops calls by the same name, with the same arguments."""
OTHER = {"bmm": "matmul", "mul": "multiply", "sub": "subtract", "div": "divide", "neg": "negative",
         "pow": "power", "acos": "arccos", "asin": "arcsin", "atan": "arctan", "reciprocal": "reciprocal",
         "eq": "equal", "ne": "not_equal", "gt": "greater", "ge": "greater_equal", "lt": "less",
         "le": "less_equal", "add": "add", "atan2": "arctan2"}  # fmt: skip
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


class UnsaidError(ValueError):
    """A part of a formula that has no twin."""


@lru_cache(maxsize=1024)
def in_keras(formula: str, names: tuple[tuple[str, str], ...]) -> str:
    """A formula on variables by the names of its tensors. Raises UnsaidError with what Keras lacks."""
    return ast.unparse(_Keras(dict(names)).visit(ast.parse(formula.strip(), mode="eval").body))


class _Keras(ast.NodeTransformer):
    """Puts keras.ops in place of functions, and variables in place of names."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names:
            return ast.Name(self._names[node.id])
        if node.id in NUMBERS:
            return ast.parse(NUMBERS[node.id], mode="eval").body
        raise UnsaidError(node.id)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """One comparison of two sides."""
        if len(node.ops) != 1 or type(node.ops[0]) not in COMPARED:
            raise UnsaidError(ast.unparse(node))
        sides = [self.visit(node.left), self.visit(node.comparators[0])]
        return _ops(COMPARED[type(node.ops[0])], sides)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name, first = node.func, list[ast.expr]()
        if isinstance(name, ast.Attribute):
            name, first = ast.Name(name.attr), [name.value]
        assert isinstance(name, ast.Name)
        args = [self.visit(one) for one in (*first, *node.args)]
        given = {KEYWORDS.get(one.arg or "", one.arg or ""): self.visit(one.value) for one in node.keywords}
        return _called(name.id, args, given)


def _called(name: str, args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    if name in SAME and not given:
        return _ops(name, args)
    if name in OTHER and not given:
        return _ops(OTHER[name], args)
    if name in REDUCING:
        return _ops(name, args[:1], dict(zip(("axis", "keepdims"), args[1:], strict=False)) | given)
    if name in ALONG:
        return _ops(ALONG[name], args[:1], _axis(name, args[1:]) | given)
    if name in MADE:
        return MADE[name](args, given)
    raise UnsaidError(name)


def _axis(name: str, others: list[ast.expr]) -> dict[str, ast.expr]:
    """Where nothing is said, torch joins along the first dimension."""
    if others:
        return {"axis": others[0]}
    return {"axis": ast.Constant(0)} if name in ("cat", "stack") else {}


def _ops(name: str, args: list[ast.expr], given: dict[str, ast.expr] | None = None) -> ast.expr:
    keywords = [ast.keyword(key, value) for key, value in (given or {}).items()]
    return ast.Call(ast.Attribute(ast.Name("ops"), name), args, keywords)


def _transpose(args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    return _ops("swapaxes", args)


def _embedding(args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    return _ops("take", [args[1], args[0]], {"axis": ast.Constant(0)})


def _float(args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    return _ops("cast", [args[0], ast.Constant("float32")])


def _clamp(args: list[ast.expr], given: dict[str, ast.expr]) -> ast.expr:
    """Keras wants both bounds."""
    bounds = dict(zip(("min", "max"), args[1:], strict=False)) | given
    if set(bounds) == {"min", "max"}:
        return _ops("clip", [args[0], bounds["min"], bounds["max"]])
    return _ops("maximum" if "min" in bounds else "minimum", [args[0], *bounds.values()])


Make = Callable[[list[ast.expr], dict[str, ast.expr]], ast.expr]
MADE: dict[str, Make] = {
    "transpose": _transpose,
    "embedding": _embedding,
    "float": _float,
    "clamp": _clamp,
}
"""Functions that are said with other arguments."""


def _expression(site: Site) -> Said:
    names = tuple(zip(site.step.ports, site.inputs, strict=True))
    return said(in_keras(site.value("expression"), names))


def _lacks(step: Step) -> str:
    try:
        in_keras(step.kwargs["expression"], tuple((name, name) for name in step.ports))
    except UnsaidError as absent:
        return NOT_THERE.format(absent)
    return ""


EXPRESSION = {"Expression": Twin(_expression, "torch", lacks=_lacks)}
