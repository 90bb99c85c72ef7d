"""The user's own Python layers in exported source: their imports go to the top, the rest stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from studio.build.plan import Step

OURS = ("torch.", "studio.")
"""Targets that the source imports or copies anyway."""


def own_sources(steps: Iterable[Step]) -> tuple[list[str], list[list[str]]]:
    """The import statements and the remaining lines of each Python layer's source, every text once."""
    imports: dict[str, None] = {}
    lines: list[list[str]] = []
    for code in dict.fromkeys(step.layer.code for step in steps if step.layer.code):
        tree = ast.parse(code)
        statements = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
        for one in statements:
            imports.update(dict.fromkeys(ast.unparse(part) for part in _single(one)))
        gone = {at for one in statements for at in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
        first = tree.body[0] if tree.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            gone |= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        kept = [text for at, text in enumerate(code.splitlines(), 1) if at not in gone]
        lines.append("\n".join(kept).strip("\n").splitlines())
    return list(imports), lines


def imported_modules(steps: Iterable[Step]) -> list[str]:
    """The import statements that targets of other packages than torch need."""
    targets = (step.layer.target or "" for step in steps if not step.layer.code)
    modules = {one.rpartition(".")[0] for one in targets if not one.startswith(OURS)} - {""}
    return sorted(f"import {module}" for module in modules)


def _single(statement: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    """One statement for each name, so that equal ones of several sources fall together."""
    if isinstance(statement, ast.Import):
        return [ast.Import([name]) for name in statement.names]
    return [ast.ImportFrom(statement.module, [name], statement.level) for name in statement.names]
