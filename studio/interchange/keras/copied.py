"""The pieces that exported source holds since Keras lacks them, read from the texts of `pieces` by name.

They are never imported here, so that Keras need not be installed to show the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PIECES = Path(__file__).parent / "pieces"


@cache
def pieces() -> dict[str, str]:
    """The text of each class and function, by its name, with its decorators."""
    found: dict[str, str] = {}
    for path in sorted(PIECES.glob("*.py")):
        text = path.read_text("utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                found[node.name] = "\n".join(lines[start - 1 : node.end_lineno])
    return found


def copied_lines(names: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each piece, those first that others use."""
    known = pieces()
    done: set[str] = set()

    def take(name: str) -> Iterator[list[str]]:
        if name in done:
            return
        done.add(name)
        called = {node.id for node in ast.walk(ast.parse(known[name])) if isinstance(node, ast.Name)}
        for other in known:
            if other in called and other != name:
                yield from take(other)
        yield known[name].splitlines()

    for name in names:
        yield from take(name)
