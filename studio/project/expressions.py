"""Formulas in place of a number: a text that begins with "=" such as "= 4 * width", computed from names.

A name may have one dot in it: image.shape and label.classes are names like any other. Only arithmetic is
understood; nothing of a formula is ever run as Python.
"""

from __future__ import annotations

import ast
import copy
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from studio.project.params import LARGEST, Value, shown

Names = Mapping[str, Value]
LONGEST = 500
MOST_TOLD = 20
"""Names that a message lists."""
LARGEST_POWER = 64
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": round,
    "int": int,
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "sqrt": math.sqrt,
}


def is_formula(value: Value) -> bool:
    """Whether a parameter's value is a formula."""
    return isinstance(value, str) and value.startswith("=")


def names_in(formula: str) -> frozenset[str]:
    """The names that a formula reads; none where it cannot be understood."""
    try:
        tree = _parsed(formula)
    except ValueError:
        return frozenset()
    return frozenset(_names(tree)) - _FUNCTIONS.keys()


def is_computed(formula: str) -> bool:
    """Whether a formula says how to compute something: a name, or more than a value or a list of such."""
    try:
        tree = _parsed(formula)
    except ValueError:
        return False
    return any(isinstance(node, ast.Name | ast.BinOp | ast.Call) for node in ast.walk(tree))


def computed(formula: str, names: Names) -> Value:
    """What a formula such as "= 4 * width" comes to. Raises ValueError that says what is wrong with it."""
    try:
        result = _value(_parsed(formula), names)
    except ZeroDivisionError:
        raise ValueError(f"{formula}: division by zero") from None
    except (TypeError, OverflowError, IndexError) as error:
        raise ValueError(f"{formula}: {error}") from None
    if isinstance(result, float) and (not math.isfinite(result) or abs(result) > 1e300):
        raise ValueError(f"{formula}: the result is no finite number")
    return int(result) if isinstance(result, float) and _is_whole(result) else result


def _is_whole(number: float) -> bool:
    """Whether a whole number can stand for it, as sizes need it."""
    return number.is_integer() and abs(number) <= LARGEST


def resolved(values: Mapping[str, Value], names: Names) -> tuple[dict[str, Value], dict[str, str]]:
    """Values with their formulas computed, and by name what is wrong with a formula (it then stays)."""
    found, wrong = dict(values), dict[str, str]()
    for name, value in values.items():
        if isinstance(value, str) and is_formula(value):
            try:
                found[name] = computed(value, names)
            except ValueError as error:
                wrong[name] = str(error)
    return found, wrong


def substituted(formula: str, values: Names) -> Value:
    """A formula with some names put in, as values or as formulas of other names; computed where none are
    left. A formula that cannot be understood or computed stays as it is.
    """
    try:
        tree = _Put(values).visit(copy.deepcopy(_parsed(formula)))
        text = f"= {ast.unparse(tree)}"
        return text if names_in(text) else computed(text, {})
    except ValueError:
        return formula


class _Put(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: Names) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._put(node, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A name with a dot; what stands before the dot is no name of its own."""
        return self._put(node, _dotted(node))

    def _put(self, node: ast.expr, name: str | None) -> ast.expr:
        if name is None or name not in self._values:
            return node
        value = self._values[name]
        if isinstance(value, str) and is_formula(value):
            return _parsed(value)
        return ast.parse(repr(value), mode="eval").body

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A function keeps its name."""
        return ast.Call(node.func, [self.visit(one) for one in node.args], node.keywords)


def _names(node: ast.AST) -> Iterator[str]:
    """Every name below a node, as often as it is read."""
    name = node.id if isinstance(node, ast.Name) else _dotted(node)
    if name is not None:
        yield name
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _dotted(node: ast.AST) -> str | None:
    """A name with a dot: image.shape."""
    match node:
        case ast.Attribute(value=ast.Name(id=first), attr=second):
            return f"{first}.{second}"
        case _:
            return None


@cache
def _parsed(formula: str) -> ast.expr:
    text = formula.removeprefix("=").strip()
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{shown(formula)} is no formula; write for example = 4 * width") from None


def _value(node: ast.expr, names: Names) -> Any:  # noqa: ANN401
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None):
            return node.value
        case ast.Name(id=name):
            return _named(name, names)
        case ast.Attribute(value=ast.Name(id=first), attr=second):
            return _named(f"{first}.{second}", names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _binary(op, _value(left, names), _value(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, names)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _value(body if _value(test, names) else other, names)
        case _:
            return _larger(node, names)


def _larger(node: ast.expr, names: Names) -> Any:  # noqa: ANN401
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return _COMPARED[type(op)](_value(left, names), _value(right, names))
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(_value(item, names) for item in items)
        case ast.Subscript(value=value, slice=place):
            return _item(ast.unparse(value), _value(value, names), _value(place, names))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(arg, names) for arg in args))
        case _:
            raise ValueError(
                f"{ast.unparse(node)} is not understood; a formula has numbers, names and + - * /"
            )


def _named(name: str, names: Names) -> Value:
    if name not in names:
        known = ", ".join([*names][:MOST_TOLD]) or "none"
        known += f" and {len(names) - MOST_TOLD:,} more" if len(names) > MOST_TOLD else ""
        unread = "." in name and not any("." in one for one in names)
        more = "; nothing is known of the data here" if unread else ""
        raise ValueError(f"there is nothing called {name} here; there are: {known}{more}")
    return names[name]


def _item(what: str, value: Any, place: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, tuple):
        raise ValueError(f"{what} is {shown(value)}, which has no parts to choose from with [ ]")
    if isinstance(place, bool) or not isinstance(place, int):
        raise ValueError(f"{what}[{shown(place)}]: which part is a whole number, the first is 0")
    if not -len(value) <= place < len(value):
        raise ValueError(f"{what}[{place}] does not exist: {what} is {shown(value)}, the first part is [0]")
    return value[place]


def _binary(op: ast.operator, left: Any, right: Any) -> Any:  # noqa: ANN401
    if isinstance(op, ast.Pow) and abs(right) > LARGEST_POWER:
        raise ValueError(f"a power is at most {LARGEST_POWER}")
    if not all(isinstance(one, int | float) for one in (left, right)):
        raise ValueError(f"{shown(left)} and {shown(right)} are no numbers")
    result = _BINARY[type(op)](left, right)
    if isinstance(result, int) and abs(result) > LARGEST:
        raise ValueError("the result is too large")
    return result
