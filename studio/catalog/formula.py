"""Formulas on tensors, such as `a * sigmoid(b)`: which names they read, and the PyTorch they stand for.

Only what is listed here is understood; a formula is never run as Python at large.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2000
LARGEST_POWER = 64
"""Of numbers; powers of tensors are not bound."""
TORCH = (
    *("abs", "acos", "asin", "atan", "atan2", "bmm", "ceil", "clamp", "cos", "cosh", "cumsum", "cumprod"),
    *("einsum", "erf", "exp", "expm1", "flip", "floor", "log", "log10", "log1p", "log2", "logsumexp"),
    *("matmul", "maximum", "mean", "minimum", "numel", "outer", "pow", "prod", "relu", "round", "rsqrt"),
    *("sigmoid", "sign", "sin", "sinh", "softmax", "log_softmax", "sqrt", "square", "std", "sum", "tan"),
    *("tanh", "transpose", "var", "where", "zeros_like", "ones_like", "cat", "stack", "unsqueeze", "squeeze"),
    *("flatten", "movedim", "roll", "lerp", "logical_not"),
)
FUNCTIONS: Mapping[str, str] = {
    **{name: f"torch.{name}" for name in TORCH},
    **{
        name: f"F.{name}"
        for name in ("embedding", "gelu", "silu", "elu", "softplus", "softsign", "mish", "normalize")
    },
    "max": "torch.amax",
    "min": "torch.amin",
    "norm": "torch.linalg.vector_norm",
    "float": "torch.Tensor.float",
    "cosine_similarity": "F.cosine_similarity",
}
"""What may be called, and what it is in PyTorch: max and min along dimensions, maximum and minimum of two."""
CONSTANTS: Mapping[str, str] = {"pi": "math.pi", "e": "math.e"}
PACKAGES = ("torch", "F", "nn", "np", "numpy", "math")
"""Names that people put in front of a function out of habit."""
OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.USub, ast.UAdd, ast.Invert),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood: the names it reads in order of appearance, and its code on them.

    In `code` the names stand in braces, as in "{a} * torch.sigmoid({b})".
    """

    text: str
    names: tuple[str, ...]
    code: str


@lru_cache(maxsize=1024)
def read_formula(text: str) -> Formula:
    """Understand a formula. Raises ValueError that says what is not understood."""
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters; this one has {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        at = f" at character {error.offset}" if error.offset else ""
        raise ValueError(f"this is no formula{at}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"this is no formula: {error}") from None
    names: dict[str, None] = {}
    try:
        code = ast.unparse(_Reader(names).visit(tree))
    except RecursionError:
        raise ValueError("this formula is nested too deeply") from None
    if not names:
        raise ValueError("a formula reads at least one tensor; give it a name, such as x")
    for name in names:
        code = code.replace(_held(name), f"{{{name}}}")
    return Formula(text, tuple(names), code)


def _held(name: str) -> str:
    """What stands for a variable until the code is text."""
    return f"__{name}__"


class _Reader(ast.NodeTransformer):
    """Refuses everything that is not listed, collects names, and puts PyTorch in place of functions."""

    def __init__(self, names: dict[str, None]) -> None:
        self._names = names

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Only what this class visits by name is known."""
        if isinstance(node, (ast.expr_context, *OPERATORS)):
            return node
        shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
        raise ValueError(f"{shown} is not understood in a formula")

    def _inside(self, node: ast.AST) -> ast.AST:
        return super().generic_visit(node)

    visit_UnaryOp = visit_Compare = visit_Tuple = visit_List = visit_Slice = _inside  # noqa: N815

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A tensor, or a constant."""
        if node.id in CONSTANTS:
            return ast.parse(CONSTANTS[node.id], mode="eval").body
        if node.id in FUNCTIONS:
            raise ValueError(f"{node.id} is a function: write {node.id}(…)")
        if node.id.startswith("_"):
            raise ValueError(f"a name starts with a letter, not as {node.id}")
        self._names[node.id] = None
        return ast.Name(_held(node.id), ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A power of plain numbers stays small: Python would compute any, for as long as it takes."""
        if isinstance(node.op, ast.Pow) and not any(isinstance(one, ast.Name) for one in ast.walk(node)):
            right = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
            plain = isinstance(node.left, ast.Constant) and isinstance(right, ast.Constant)
            power = right.value if isinstance(right, ast.Constant) else None
            if not plain or not isinstance(power, int | float) or power > LARGEST_POWER:
                raise ValueError(f"{ast.unparse(node)} is too large a power; write the number itself")
        return self._inside(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Numbers, and the texts of einsum."""
        if node.value is None or node.value is ... or isinstance(node.value, bool | int | float):
            return node
        if isinstance(node.value, str) and all(c.isalpha() or c in " ,->." for c in node.value):
            return node
        raise ValueError(f"{node.value!r} is not understood in a formula")

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        """Parts of a tensor: x[:, 0]."""
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """A function of those listed; x.mean(1) is mean(x, 1)."""
        name, first = node.func, list[ast.expr]()
        if isinstance(name, ast.Attribute):
            if isinstance(name.value, ast.Name) and name.value.id in PACKAGES:
                raise ValueError(f"write {name.attr}(…) without {name.value.id} in front")
            name, first = ast.Name(name.attr), [name.value]
        if not isinstance(name, ast.Name) or name.id not in FUNCTIONS:
            raise ValueError(
                f"there is no function {ast.unparse(name)}; there are: {', '.join(sorted(FUNCTIONS))}"
            )
        args = [self.visit(one) for one in (*first, *node.args)]
        keywords = [ast.keyword(one.arg, self.visit(one.value)) for one in node.keywords]
        if any(one.arg is None for one in keywords):
            raise ValueError("** is not understood in a formula")
        return ast.Call(ast.parse(FUNCTIONS[name.id], mode="eval").body, args, keywords)
