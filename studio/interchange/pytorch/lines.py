"""Long statements over several lines, as ruff breaks them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

WIDTH = 88
SUMS: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub)
PRODUCTS: tuple[type[ast.operator], ...] = (ast.Mult, ast.Div, ast.MatMult, ast.FloorDiv, ast.Mod)
TIED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    operator: group for group in (SUMS, PRODUCTS) for operator in group
}
"""The operators of the same precedence."""


def statement(indent: int, start: str, text: str, comment: str = "") -> list[str]:
    """`start` and an expression as lines: a long one is broken as ruff does, a comment moves above."""
    pad = " " * indent
    line = f"{pad}{start}{text}"
    if len(line) > WIDTH:
        lines = broken(indent, start, text)
        return [f"{pad}# {comment}", *lines] if comment else lines
    if comment and len(line) + len(comment) + 4 > WIDTH:
        return [f"{pad}# {comment}", line]
    return [f"{line}  # {comment}" if comment else line]


def listed(indent: int, start: str, items: Sequence[tuple[str, str]], ends: str = "[]") -> list[str]:
    """Items, each perhaps with what stands before it, in brackets: on one line where they fit."""
    pad = " " * indent
    line = f"{pad}{start}{ends[0]}{', '.join(f'{key}{value}' for key, value in items)}{ends[1]}"
    if len(line) <= WIDTH:
        return [line]
    parts = [statement(indent + 4, key, value) for key, value in items]
    inner = [line for lines in parts for line in (*lines[:-1], f"{lines[-1]},")]
    return [f"{pad}{start}{ends[0]}", *inner, f"{pad}{ends[1]}"]


def signature(name: str, parameters: Sequence[str], returned: str) -> list[str]:
    """The first line of a method, its parameters on further lines where they do not fit."""
    given = ["self", *parameters]
    line = f"    def {name}({', '.join(given)}) -> {returned}:"
    if len(line) <= WIDTH:
        return [line]
    inner = " " * 8 + ", ".join(given)
    body = [inner] if len(inner) <= WIDTH else [f"        {one}," for one in given]
    return [f"    def {name}(", *body, f"    ) -> {returned}:"]


def broken(indent: int, start: str, text: str, end: str = "") -> list[str]:
    """An expression as lines of at most WIDTH, as far as it can be broken."""
    pad = " " * indent
    line = f"{pad}{start}{text}{end}"
    if len(line) <= WIDTH:
        return [line]
    prefix = re.match(r"\*|\w+=(?!=)", text)
    if prefix:
        return broken(indent, start + prefix.group(), text[prefix.end() :], end)
    tree = ast.parse(text, mode="eval").body
    match tree:
        case ast.Call(args=args, keywords=keywords) if args or keywords:
            nodes = sorted([*args, *keywords], key=lambda node: (node.lineno, node.col_offset))
            head = len(_segment(text, tree.func)) + 1
            return _bracketed(indent, start + text[:head], [_segment(text, one) for one in nodes], ")" + end)
        case ast.List(elts=items) if items:
            return _each(indent, start + "[", [_segment(text, one) for one in items], "]" + end)
        case ast.Tuple(elts=items) if len(items) > 1 and text.startswith("("):
            return _each(indent, start + "(", [_segment(text, one) for one in items], ")" + end)
        case ast.ListComp(elt=item):
            return _comprehension(indent, start, _segment(text, item), text, end)
        case _ if start.strip():
            whole = f"{pad}    {text}"
            inner = [whole] if len(whole) <= WIDTH else [f"{pad}    {part}" for part in _operands(text, tree)]
            return [f"{pad}{start}(", *inner, f"{pad}){end}"]
        case _:
            return [line]


def _operands(text: str, tree: ast.expr) -> list[str]:
    """What operators of one precedence join, each but the first behind its operator."""
    tied = TIED.get(type(tree.op), ()) if isinstance(tree, ast.BinOp) else ()
    code, parts = text.encode(), list[str]()
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, tied):
        gap = code[tree.left.end_col_offset : tree.right.col_offset]
        cut = (tree.left.end_col_offset or 0) + gap.index(b" ") + 1
        parts.append(code[cut:].decode())
        code, tree = code[: cut - 1], tree.left
    return [code.decode(), *reversed(parts)]


def _segment(text: str, node: ast.expr | ast.keyword) -> str:
    return ast.get_source_segment(text, node) or ""


def _each(indent: int, start: str, items: Sequence[str], end: str) -> list[str]:
    """Items one a line."""
    pad = " " * indent
    return [
        f"{pad}{start}",
        *(line for item in items for line in broken(indent + 4, "", item, ",")),
        pad + end,
    ]


def _bracketed(indent: int, start: str, items: Sequence[str], end: str) -> list[str]:
    """Items on one line between the brackets where they fit, else one a line."""
    pad = " " * indent
    joined = f"{pad}    {', '.join(items)}"
    if len(joined) > WIDTH:
        return _each(indent, start, items, end)
    return [f"{pad}{start}", joined, f"{pad}{end}"]


def _comprehension(indent: int, start: str, item: str, text: str, end: str) -> list[str]:
    pad = " " * indent
    whole = text[1:-1]
    if len(pad) + 4 + len(whole) <= WIDTH:
        body = [f"{pad}    {whole}"]
    else:
        body = [*broken(indent + 4, "", item), f"{pad}    {whole[len(item) :].strip()}"]
    return [f"{pad}{start}[", *body, f"{pad}]{end}"]
