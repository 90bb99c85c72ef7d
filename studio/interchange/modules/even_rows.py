"""Tensors that are the same for every sample: taking one sample's part of them is taking the first one's."""

from __future__ import annotations

from typing import Any

from studio.interchange.modules.values import Op, Value, values_in

EACH = frozenset(
    {
        *("add", "sub", "mul", "div", "neg", "exp", "sin", "cos", "tanh", "sigmoid", "relu", "gelu", "silu"),
        *("pow", "sqrt", "rsqrt", "abs", "clamp", "to", "float", "type_as", "alias", "clone"),
    }
)
"""Functions that look at one number of each tensor at a time."""
ALL = slice(None)


class EvenRows:
    """Knows which of the tensors seen so far have equal rows."""

    def __init__(self) -> None:
        self._even: set[int] = set()

    def read(self, op: Op) -> None:
        """Take the first row where any will do, and learn whether the results of a call have equal rows."""
        first = next(values_in(op.args), None)
        if first is None or op.leaf is not None:
            return
        if self._is(first) and op.name == "getitem":
            index: Any = op.args[1]
            row, rest = (index[0], index[1:]) if isinstance(index, tuple) and index else (index, None)
            if type(row) is int:
                op.args = (first, 0 if rest is None else (0, *rest))
        if self._is(first) and op.name == "select" and op.args[1:2] == (0,) and len(op.args) == 3:
            op.args = (first, 0, 0)
        if self._keeps(op, first):
            self._even |= {value.number for value in op.results}

    def _is(self, value: Value) -> bool:
        if value.tensor is not None and value.kind != "parameter":
            rows = value.tensor
            return rows.dim() > 0 and len(rows) > 0 and bool((rows == rows[:1]).all())
        return value.number in self._even

    def _keeps(self, op: Op, first: Value) -> bool:
        rank = len(op.results[0].shape) if op.results else 0
        if op.name == "expand":
            return rank > len(first.shape) or first.shape[:1] == (1,) or self._is(first)
        if op.name in ("reshape", "view"):
            return rank > 0 and self._is(first) and first.shape[0] == op.results[0].shape[0]
        if op.name == "getitem":
            index = op.args[1] if isinstance(op.args[1], tuple) else (op.args[1],)
            plain = all(one is None or isinstance(one, int | slice) for one in index[1:])
            return self._is(first) and bool(index) and index[0] == ALL and plain
        if op.name in ("cat", "stack"):
            dim = op.args[1] if len(op.args) > 1 else op.kwargs.get("dim", 0)
            return dim % rank != 0 and all(map(self._is, values_in(op.args)))
        if op.name in EACH:
            taken = values_in((op.args, op.kwargs))
            return all(self._is(one) or len(one.shape) < rank or one.shape[:1] == (1,) for one in taken)
        return False
