"""Formulas of a drawing as Python expressions, and formulas put into each other."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from studio.project.expressions import computed, names_in
from studio.project.params import Value

FROM_MATH = frozenset({"ceil", "floor", "sqrt"})
SIMPLE = (ast.Name, ast.Constant, ast.Attribute)


@dataclass(frozen=True, slots=True)
class Code:
    """Python text that stands where a value could stand; `several` where it is a tuple."""

    text: str
    several: bool = False

    @property
    def bracketed(self) -> str:
        """The text, in brackets where an operator beside it could tear it apart."""
        tree = _tree(self.text)
        alone = isinstance(tree, (*SIMPLE, ast.Call, ast.Subscript, ast.Tuple))
        return self.text if alone else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's text without the sign "="."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """What it reads."""
        return names_in("=" + self.text)

    def at(self, names: Mapping[str, Value]) -> Value:
        """What it comes to. Raises ValueError."""
        return computed("=" + self.text, names)

    def stands(self, value: Value, names: Mapping[str, Value]) -> bool:
        """Whether Python has the value from the formula, and a whole number as such: 8 / 2 is 4.0 there."""
        try:
            found = self.at(names)
        except ValueError:
            return False
        if isinstance(value, tuple) and self.parts:
            return len(value) == len(self.parts) and all(
                one.stands(item, names) for one, item in zip(self.parts, value, strict=True)
            )
        equal = found == value and isinstance(found, bool) == isinstance(value, bool)
        return equal and not (isinstance(value, int) and _is_float(_tree(self.text), names))

    def put(self, values: Mapping[str, Formula]) -> Formula:
        """The formula with other formulas in the place of names."""
        trees = {name: _tree(one.text) for name, one in values.items()}
        return Formula(ast.unparse(_Put(trees).visit(_tree(self.text))))

    def whole(self) -> Formula:
        """The formula with divisions that leave no rest."""
        return Formula(ast.unparse(_Whole().visit(_tree(self.text))))

    @property
    def parts(self) -> tuple[Formula, ...]:
        """What a tuple is made of, () for another formula."""
        tree = _tree(self.text)
        if not isinstance(tree, ast.Tuple | ast.List):
            return ()
        return tuple(Formula(ast.unparse(one)) for one in tree.elts)

    def less_one(self) -> Formula:
        """One less: depth becomes depth - 1, depth - 1 becomes depth - 2."""
        match _tree(self.text):
            case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int(number))):
                return Formula(f"{ast.unparse(left)} - {number + 1}")
            case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=1)):
                return Formula(ast.unparse(left))
            case tree:
                one = ast.BinOp(left=tree, op=ast.Sub(), right=ast.Constant(1))
                return Formula(ast.unparse(one))

    def code(self, names: Mapping[str, str] | None = None, several: bool = False) -> Code:
        """The Python text, with other texts for its names where they are called otherwise."""
        tree = _Python(names or {}).visit(_tree(self.text))
        return Code(_styled(ast.unparse(tree)), several)


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_float(tree: ast.expr, names: Mapping[str, Value]) -> bool:
    """Whether Python would compute a float, perhaps a whole one."""
    match tree:
        case ast.Constant(value=value):
            return isinstance(value, float)
        case ast.Name(id=name):
            return isinstance(names.get(name), float)
        case ast.BinOp(left=left, op=op, right=right):
            return isinstance(op, ast.Div) or _is_float(left, names) or _is_float(right, names)
        case ast.UnaryOp(operand=operand):
            return _is_float(operand, names)
        case ast.IfExp(body=body, orelse=other):
            return _is_float(body, names) or _is_float(other, names)
        case ast.Call(func=ast.Name(id="min" | "max" | "abs"), args=args):
            return any(_is_float(one, names) for one in args)
        case ast.Call(func=ast.Name(id="sqrt")):
            return True
        case _:
            return False


class _Put(ast.NodeTransformer):
    def __init__(self, trees: Mapping[str, ast.expr]) -> None:
        self._trees = trees

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._trees.get(node.id, node)


class _Whole(ast.NodeTransformer):
    def visit_Div(self, node: ast.Div) -> ast.operator:
        return ast.FloorDiv()


class _Python(ast.NodeTransformer):
    """Functions from where Python has them, and names as the code has them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Call(self, node: ast.Call) -> ast.expr:
        args = [self.visit(one) for one in node.args]
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return ast.Call(ast.Name(f"math.{name}" if name in FROM_MATH else name), args, [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self._names.get(node.id, node.id))


def _styled(text: str) -> str:
    """Double quotes, and no room around a power of simple things."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    at = 0
    parts: list[str] = []
    for token in tokens:
        start, end = token.start[1], token.end[1]
        between, at = text[at:start], end
        if token.type == tokenize.STRING:
            parts += [between, json.dumps(ast.literal_eval(token.string), ensure_ascii=False)]
        else:
            parts += [between, token.string]
    joined = "".join(parts).rstrip()
    return joined.replace(" ** ", "**") if _simple_powers(joined) else joined


def _simple_powers(text: str) -> bool:
    powers = [one for one in ast.walk(_tree(text)) if isinstance(one, ast.BinOp)]
    return all(
        isinstance(one.left, SIMPLE) and isinstance(one.right, SIMPLE)
        for one in powers
        if isinstance(one.op, ast.Pow)
    )
