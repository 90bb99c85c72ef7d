"""Names of Keras layers: no two of a model may be alike, those that Keras gives by itself included."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio.build.plan import Plan, Step

OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "mod",
    ast.Pow: "power",
    ast.MatMult: "matmul",
    ast.USub: "negative",
    ast.Gt: "greater",
    ast.Lt: "less",
    ast.Subscript: "get_item",
}
"""What Keras calls the operations that these make of tensors."""
BEHIND = "_layer"


@dataclass(frozen=True, slots=True)
class Naming:
    """How layers are named: what stands between the names of a block and of a node in it, and layers of the
    main drawing that are called otherwise than their nodes.
    """

    between: str
    renamed: Mapping[str, str]


def joint(plan: Plan) -> str:
    """What stands between the names of a block and of a node in it: "_", where that names no two alike."""
    named = Counter(name for _, _, name in placed(plan, "_"))
    return "_" if all(count == 1 for count in named.values()) else "__"


def placed(plan: Plan, joint: str, path: str = "", name: str = "") -> Iterator[tuple[Step, str, str]]:
    """Each step that is no block, with the path of its torch module and the name of its Keras layer."""
    for step in plan.steps:
        if not step.inner:
            yield step, f"{path}{step.name}", f"{name}{step.name}"
        for turn, inner in enumerate(step.inner):
            at = "" if len(step.inner) == 1 else str(turn)
            yield from placed(
                inner,
                joint,
                f"{path}{step.name}.{at}{'.' if at else ''}",
                f"{name}{step.name}{joint}{at}{joint if at else ''}",
            )


def renamed(plan: Plan, source: str) -> dict[str, str]:
    """Other names for layers of the main drawing that are called as Keras may call something by itself."""
    functions = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)]
    automatic = frozenset(name for one in functions for name in _automatic(one))
    names = {step.name for step in plan.steps}
    found: dict[str, str] = {}
    for step in plan.steps:
        if not step.inner and re.sub(r"_\d+$", "", step.name) in automatic:
            new = f"{step.name}{BEHIND}"
            found[step.name] = f"{new}{BEHIND}" if new in names else new
    return found


def _automatic(tree: ast.FunctionDef) -> Iterator[str]:
    """The names that Keras gives to operators, functions, and the one layer that is made without a name."""
    for node in ast.walk(tree):
        operator = getattr(node, "op", node)
        if type(operator) in OPERATORS:
            yield OPERATORS[type(operator)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called, named = ast.unparse(node.func), any(one.arg == "name" for one in node.keywords)
            if called.startswith("ops.") or (called == "layers.Permute" and not named):
                yield node.func.attr.lower()
