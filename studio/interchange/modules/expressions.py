"""Calls of torch as formulas: `reshape(x, x.shape[0] // 4, -1)`, and the tensors that they read."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from studio.catalog.formula import CONSTANTS, FUNCTIONS, KEPT, read_formula
from studio.interchange.modules.fitting import Fitted
from studio.interchange.modules.values import Op, Place, UndrawableError, Value, values_in

LETTERS = ("x", "y", "z", "u", "v", "w", "p", "q", "r", "s")
OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "floor_divide": "//",
    "remainder": "%",
    "pow": "**",
    "matmul": "@",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "bitwise_and": "&",
    "bitwise_or": "|",
    "bitwise_xor": "^",
}
SIGNS = {"neg": "-", "bitwise_not": "~"}
DROPPED = frozenset({"device", "layout", "memory_format", "generator", "out", "pin_memory", "non_blocking",
                     "requires_grad", "inplace", "_stacklevel", "copy"})  # fmt: skip
MADE = frozenset({"zeros", "ones", "full", "arange", "empty", "eye", "linspace", "rand", "randn",
                  "tril_indices", "triu_indices", "hann_window"})  # fmt: skip
"""What makes a tensor out of nothing, on the device that it is told."""
OTHER_NAMES = {
    "view": "reshape",
    "empty": "zeros",
    "empty_like": "zeros_like",
    "new_empty": "new_zeros",
    "new": "new_zeros",
    "_grouped_mm": "grouped_mm",
    "linalg_vector_norm": "norm",
    "linalg_norm": "norm",
    "split_with_sizes": "split",
    "clamp_min": "clamp",
    "arctan2": "atan2",
    "bernoulli": "rand_like",
}
SPREAD = frozenset({"reshape", "expand", "permute", "repeat", "new_zeros", "new_ones", "zeros", "ones",
                    "rand", "randn"})  # fmt: skip
"""Functions that take sizes one by one."""
LISTED = frozenset({"flip", "tile", "broadcast_to"})
KEYWORDS: Mapping[str, Mapping[str, str]] = {
    "norm": {"p": "ord"},
    "split": {"split_size": "split_size_or_sections", "split_sizes": "split_size_or_sections"},
    "clamp": {},
}
INLINE = frozenset({*OPERATORS, *SPREAD, "view", "where", "masked_fill", "clamp", "full_like", "full", "rsub",
                    "lerp", "maximum", "minimum", "arange", "addcmul", "as_strided", "narrow", "select",
                    "getitem", "new_full", "chunk"})  # fmt: skip
"""Where a tensor that is one number goes in as that number."""


TYPES: Mapping[Any, str] = {float: "float32", int: "int64", bool: "bool"}


class Writer:
    """Writes one call. `names` are the tensors in the order of their names; `near` finds a tensor with as
    many samples as the whole, `number` the value of a tensor that is one and the same number every time.
    """

    def __init__(self, near: Callable[[], Value], number: Callable[[Value], Any]) -> None:
        self.names: dict[str, Value] = {}
        self._near, self._number = near, number
        self._inline = False
        self.wanted: Place = ()

    def text(self, op: Op, value: Value) -> str:
        """The formula of one result of a call. Raises UndrawableError."""
        self._inline = op.name in INLINE
        self.wanted = value.place
        text = SPECIAL[op.name](self, op) if op.name in SPECIAL else self.call(op)
        places = [self.place(one) for one in value.place] if op.name not in WHOLE else []
        text = f"({text})" if places and not text.endswith(")") else text
        text += "".join(places)
        if not self.names:
            raise UndrawableError(f"{op.name} makes a tensor that depends on nothing")
        try:
            read_formula(text)
        except ValueError as error:
            raise UndrawableError(f"{text}: {error}") from None
        return text

    def place(self, one: Any) -> str:  # noqa: ANN401
        """The index of a part of a result."""
        return f"[{one}]" if isinstance(one, int) else f"[{one!r}]"

    def call(self, op: Op, name: str = "") -> str:
        """name(arguments…), or an operator between them."""
        name = name or OTHER_NAMES.get(op.name, op.name)
        given = {key: one for key, one in op.kwargs.items() if key not in DROPPED}
        args = [one for one in op.args if not isinstance(one, torch.device | torch.memory_format)]
        if op.name in OPERATORS and len(args) == 2 and not given:
            return f"{self.operand(args[0], op)} {OPERATORS[op.name]} {self.operand(args[1], op)}"
        if op.name in SIGNS and len(args) == 1 and not given:
            return f"{SIGNS[op.name]}{self.operand(args[0], op)}"
        if name not in FUNCTIONS:
            raise UndrawableError(f"it calls {name}, which no layer and no formula is for")
        if name in SPREAD:
            args = self._spread(name, args, given)
        if name in LISTED and len(args) > 1 and not isinstance(args[1], tuple | list):
            args = [args[0], tuple(args[1:])]
        renamed = KEYWORDS.get(name, {})
        written = [self._argument(one, op, name in MADE or at > 0) for at, one in enumerate(args)]
        written += [
            f"{renamed.get(key, key)}={self.literal(one, op)}"
            for key, one in given.items()
            if one is not None
        ]
        if name in MADE:
            near = next(iter(self.names), None) or self.name(self._near())
            written.append(f"device={near}.device")
        return f"{name}({', '.join(written)})"

    def _argument(self, one: Any, op: Op, inline: bool) -> str:  # noqa: ANN401
        """An argument of a function; the first stays a tensor where it is one."""
        self._inline = op.name in INLINE and inline
        text = self.literal(one, op)
        self._inline = op.name in INLINE
        return text

    def _spread(self, name: str, args: list[Any], given: dict[str, Any]) -> list[Any]:
        """Sizes one by one; of a reshape that leaves one size open to the batch, that one as -1."""
        first = [] if name in MADE else args[:1]
        sizes = args[len(first) :] or [
            given.pop(key) for key in ("shape", "size", "sizes", "dims") if key in given
        ]
        if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
            sizes = list(sizes[0])  # pyright: ignore[reportUnknownArgumentType]
        open_sizes = [one for one in sizes if isinstance(one, Fitted)]
        if name == "reshape" and len(open_sizes) == 1 and -1 not in sizes:
            sizes = [-1 if isinstance(one, Fitted) else one for one in sizes]
        return [*first, *sizes] if first or sizes else [()]

    def operand(self, one: Any, op: Op) -> str:  # noqa: ANN401
        """An argument that stands beside an operator."""
        text = self.literal(one, op)
        return text if text.replace(".", "").isalnum() else f"({text})"

    def name(self, value: Value) -> str:
        """The name of a tensor in this formula."""
        known = next((name for name, one in self.names.items() if one is value), None)
        if known:
            return known
        wanted = value.name.rpartition(".")[2] if value.kind in ("parameter", "buffer") else ""
        if not _free(wanted) or wanted in self.names:
            letters = (*LETTERS, *(f"x{at}" for at in range(1, 100)))
            wanted = next(letter for letter in letters if letter not in self.names)
        self.names[wanted] = value
        return wanted

    def literal(self, one: Any, op: Op) -> str:  # noqa: ANN401
        """An argument as it is written."""
        if isinstance(one, Value):
            number = self._number(one) if self._inline else None
            return self.name(one) if number is None else self.plain(number)
        if isinstance(one, Fitted):
            return self.size(one, op)
        if isinstance(one, tuple):
            items = [self.literal(item, op) for item in one]  # pyright: ignore[reportUnknownVariableType]
            return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
        if isinstance(one, list):
            return f"[{', '.join(self.literal(item, op) for item in one)}]"  # pyright: ignore[reportUnknownVariableType]
        if isinstance(one, slice):
            return self._slice(one, op)
        return self.plain(one)

    def plain(self, one: Any) -> str:  # noqa: ANN401
        """A value that is no tensor."""
        if isinstance(one, float):
            return _number(float(one))
        if one is None or isinstance(one, bool | int | str):
            return repr(one)
        if one is Ellipsis:
            return "..."
        if isinstance(one, torch.dtype):
            return str(one).removeprefix("torch.")
        if one in TYPES:
            return TYPES[one]
        if hasattr(one, "item") and not isinstance(one, torch.Tensor):
            return self.plain(one.item())
        raise UndrawableError(f"an argument of the kind {type(one).__name__} cannot be drawn")

    def _slice(self, one: slice, op: Op) -> str:
        parts = ["" if part is None else self.literal(part, op) for part in (one.start, one.stop)]
        step = "" if one.step is None else f":{self.literal(one.step, op)}"
        return f"{parts[0]}:{parts[1]}{step}"

    def size(self, wanted: Fitted, op: Op) -> str:
        """A number that depends on the number of samples, by the sizes of a tensor that is there anyway."""
        for value in values_in((op.args, op.kwargs)):
            for dim, size in enumerate(value.shape):
                if isinstance(size, Fitted) and (found := _by_ratio(wanted, size)) is not None:
                    return f"{self.name(value)}.shape[{dim}]{found}"
        near = self._near()
        at = next(at for at, size in enumerate(near.shape) if size == Fitted(1, 0))
        text = f"{self.name(near)}.shape[{at}]"
        text += f" * {wanted.times}" if wanted.times != 1 else ""
        return text + (
            f" + {wanted.plus}" if wanted.plus > 0 else f" - {-wanted.plus}" if wanted.plus else ""
        )


def _by_ratio(wanted: Fitted, size: Fitted) -> str | None:
    """What makes one size of another; None where nothing simple does."""
    if wanted == size:
        return ""
    if size.times and wanted.times % size.times == 0:
        factor = wanted.times // size.times
        return f" * {factor}" if size.plus * factor == wanted.plus else None
    if wanted.times and size.times % wanted.times == 0:
        factor = size.times // wanted.times
        return f" // {factor}" if wanted.plus * factor == size.plus else None
    return None


def _number(one: float) -> str:
    if math.isnan(one):
        raise UndrawableError("a number that is none (nan) cannot be drawn")
    return repr(one) if math.isfinite(one) else "inf" if one > 0 else "-inf"


def _free(name: str) -> bool:
    """Whether a tensor can have that name in a formula."""
    plain = name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
    return plain and name not in KEPT and name not in CONSTANTS


def _getitem(writer: Writer, op: Op) -> str:
    index = op.args[1]
    items = index if isinstance(index, tuple) else (index,)
    first = writer.name(op.args[0])
    written = [writer.literal(one, op) for one in items]  # pyright: ignore[reportUnknownVariableType]
    return f"{first}[{', '.join(written) or '()'}]"


def _extreme(name: str) -> Callable[[Writer, Op], str]:
    """max and min: of all values, of two tensors, or along a dimension with places."""

    def write(writer: Writer, op: Op) -> str:
        if len(op.args) > 1 and isinstance(op.args[1], Value):
            return writer.call(op, f"{name}imum")
        if len(op.args) == 1 and not op.kwargs:
            return f"{name}({writer.literal(op.args[0], op)})"
        return writer.call(op, f"arg{name}" if writer.wanted == (1,) else name)

    return write


def _extremes(writer: Writer, op: Op) -> str:
    """aminmax: the least values, or the largest."""
    return writer.call(op, "amin" if writer.wanted == (0,) else "amax")


def _copied(writer: Writer, op: Op) -> str:
    whole, value = (writer.name(one) for one in op.args)
    return f"type_as(expand_as({value}, {whole}), {whole})"


def _cast(writer: Writer, op: Op) -> str:
    return f"to({writer.name(next(values_in(op.args)))}, {str(op.results[0].dtype).removeprefix('torch.')})"


def _turned(writer: Writer, op: Op) -> str:
    value = op.args[0]
    name = writer.name(value)
    if len(value.shape) < 2:
        return f"clone({name})"
    return f"transpose({name}, -2, -1)"


def _clamp_min(writer: Writer, op: Op) -> str:
    args = (*op.args, *op.kwargs.values())
    return f"clamp({writer.literal(args[0], op)}, min={writer.literal(args[1], op)})"


def _clamp_max(writer: Writer, op: Op) -> str:
    args = (*op.args, *op.kwargs.values())
    return f"clamp({writer.literal(args[0], op)}, max={writer.literal(args[1], op)})"


def _norm(writer: Writer, op: Op) -> str:
    args, given = list(op.args), dict(op.kwargs)
    power = args[1] if len(args) > 1 else given.pop("p", given.pop("ord", 2))
    power = 2.0 if power in (None, "fro") else power
    return writer.call(Op(op.name, (args[0], power, *args[2:]), given, op.path), "norm")


def _full_like(writer: Writer, op: Op) -> str:
    whole, value = op.args[0], op.args[1] if len(op.args) > 1 else op.kwargs["fill_value"]
    if isinstance(value, Value) and writer.literal(value, op) in writer.names:
        return f"expand_as({writer.name(value)}, {writer.name(whole)})"
    return writer.call(op)


def _scalar_tensor(writer: Writer, op: Op) -> str:
    raise UndrawableError("a tensor made of plain numbers that differ from call to call cannot be drawn")


def _swapped_embedding(writer: Writer, op: Op) -> str:
    first = op.args[0]
    if isinstance(first, Value) and first.dtype.is_floating_point:
        op = Op(op.name, (op.args[1], first, *op.args[2:]), op.kwargs, op.path)
    return writer.call(op)


def _weight_norm(writer: Writer, op: Op) -> str:
    """A direction and a length, as torch.nn.utils.weight_norm keeps them."""
    direction, length = (writer.name(one) for one in op.args[:2])
    dim = op.args[2] if len(op.args) > 2 else op.kwargs.get("dim", 0)
    return f"{direction} * ({length} / norm_except_dim({direction}, 2, {dim}))"


def _as_complex(writer: Writer, op: Op) -> str:
    return f"view_as_complex(contiguous({writer.name(op.args[0])}))"


def _zeroed(writer: Writer, op: Op) -> str:
    return f"zeros_like({writer.name(next(values_in(op.args)))})"


WHOLE = frozenset({"max", "min", "aminmax"})
"""Calls whose formula gives the values alone."""
SPECIAL: Mapping[str, Callable[[Writer, Op], str]] = {
    "getitem": _getitem,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "aminmax": _extremes,
    "copied": _copied,
    "copy": _copied,
    "to": _cast,
    "type": _cast,
    "t": _turned,
    "mT": _turned,
    "clamp_min": _clamp_min,
    "clamp_max": _clamp_max,
    "norm": _norm,
    "linalg_norm": _norm,
    "full_like": _full_like,
    "fill": _full_like,
    "zero": _zeroed,
    "tensor": _scalar_tensor,
    "_weight_norm": _weight_norm,
    "view_as_complex": _as_complex,
    "embedding": _swapped_embedding,
}
