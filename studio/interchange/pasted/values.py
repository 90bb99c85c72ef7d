"""What arguments in pasted code come to: plain values, arithmetic on them, and names that the text sets."""

from __future__ import annotations

import ast
from collections.abc import Collection
from contextlib import suppress

from studio.errors import StudioError
from studio.interchange.pasted.text import dotted, refused, said
from studio.project.expressions import is_formula, names_in, substituted
from studio.project.params import Value


class Reference(str):
    """A dotted name that stands for itself, such as F.gelu or torch.float32."""

    __slots__ = ()


class Values:
    """The names that a text has set so far; `known` are those that formulas in the drawing can read."""

    def __init__(self, known: Collection[str] = ()) -> None:
        self.set: dict[str, Value] = {}
        self._known = known

    def of(self, node: ast.expr) -> Value:
        """What an argument is: a value, a formula or a Reference. Raises StudioError."""
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self.of(part) for part in parts)
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return value
            case ast.Name(id=name) if name in self.set:
                return self.set[name]
            case ast.Attribute() if dotted(node) in self.set:
                return self.set[dotted(node)]
            case ast.Attribute() if dotted(node):
                return Reference(dotted(node))
            case _:
                return self._computed(node)

    def take(self, name: str, node: ast.expr) -> bool:
        """Remember what a name is set to; says whether that is a value."""
        constant = not any(isinstance(part, ast.Call | ast.Dict) for part in ast.walk(node))
        if constant:
            # What a name stands for may be unknown: that is told where something needs it.
            with suppress(StudioError):
                self.set[name] = self.of(node)
        return constant

    def _computed(self, node: ast.expr) -> Value:
        formula = f"= {ast.unparse(node)}"
        unknown = names_in(formula) - self.set.keys() - set(self._known)
        if unknown:
            listed = " and ".join(sorted(unknown))
            message = f"the text does not say what {listed} is"
            raise refused(node, message, f"Write a number, or paste the line {min(unknown)} = … too.")
        result = substituted(formula, self.set)
        if isinstance(result, str) and is_formula(result) and not names_in(result):
            raise refused(node, f"{said(node)} is no value that can be computed", "Write a number instead.")
        return result
