"""Which Value a tensor has now. Tensors may be views of each other: writing into one changes them all."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.interchange.modules.values import Op, Place, UndrawableError, Value, mapped, values_in

ALL = slice(None)
RESHAPING = frozenset(
    {
        *(
            "reshape",
            "view",
            "flatten",
            "unflatten",
            "squeeze",
            "unsqueeze",
            "view_as",
            "reshape_as",
            "ravel",
        ),
        *("Flatten", "Unflatten"),
    }
)
SAME = frozenset({"alias", "detach", "view_as", "dropout", "to", "type", "clone"})


@dataclass(slots=True)
class Seen:
    """A tensor that was seen: its Value as of a moment, and the tensor and call that it is a view by.

    It lives no longer for having been seen, unless its numbers are those of the drawing.
    """

    alive: Callable[[], Tensor | None]
    kept: Tensor | None
    value: Value
    moment: int
    parent: Seen | None = None
    op: Op | None = None
    at: int = 0
    """Which of the call's results it is."""

    @property
    def tensor(self) -> Tensor:
        """The tensor; one without numbers in its place where it is gone."""
        found = self.kept if self.kept is not None else self.alive()
        if found is not None:
            return found
        return torch.empty(self.value.shape, dtype=self.value.dtype, device="meta")

    def now(self, value: Value, moment: int) -> None:
        """Its Value from a moment on."""
        self.kept = None if value.live else self.alive()
        self.value, self.moment = value, moment


class Aliases:
    """The tensors seen so far. `add` writes a call down, `constant` gives the Value of an unknown tensor."""

    def __init__(
        self,
        add: Callable[[Op, Iterable[tuple[Place, Tensor]]], None],
        constant: Callable[[Tensor], Value],
    ) -> None:
        self._add, self._constant = add, constant
        self._seen: dict[int, Seen] = {}
        self._moment = 0

    def know(
        self, tensor: Tensor, value: Value, parent: Tensor | None = None, op: Op | None = None, at: int = 0
    ) -> None:
        """A tensor has a Value now; it may be a view of another one by a call."""
        above = self._find(parent) if parent is not None else None
        moment = above.moment if above else self._moment
        kept = None if value.live else tensor
        self._seen[id(tensor)] = Seen(
            weakref.ref(tensor), kept, value, moment, above, op if above else None, at
        )

    def _find(self, tensor: Tensor) -> Seen | None:
        """What is known of a tensor; another one may have had its id before."""
        seen = self._seen.get(id(tensor))
        return seen if seen and seen.alive() is tensor else None

    def value(self, tensor: Tensor) -> Value | None:
        """The Value of a tensor as it is now, None where it was never seen."""
        seen = self._find(tensor)
        return self._current(seen) if seen else None

    def write(self, op: Op, target: Tensor) -> None:
        """A call has written into a tensor: what it makes is the Value of the tensor from now on, and changes
        what it is a view of.
        """
        if self._find(target) is None:
            self._constant(target)
        seen = self._seen[id(target)]
        self._moment += 1
        if op.name == "setitem":
            value = self._set(self._current(seen), op.args[1], op.args[2], op)
        else:
            value = self._one(op, target)
        self._assign(seen, value)

    def _assign(self, seen: Seen, value: Value) -> None:
        parent = seen.parent
        above = self._current(parent) if parent else None
        seen.now(value, self._moment)
        if parent and above and seen.op:
            self._assign(parent, self._put_back(seen, seen.op, above, value, parent.tensor))

    def _current(self, seen: Seen) -> Value:
        """The Value now: taken anew from the tensor that it is a view of where that has changed."""
        if seen.parent is None or seen.op is None:
            return seen.value
        above = self._current(seen.parent)
        if seen.parent.moment > seen.moment:
            again = Op(seen.op.name, seen.op.args, seen.op.kwargs, seen.op.path, leaf=seen.op.leaf)
            first = next(iter(values_in(again.args)), None)
            again.args = _replaced(again.args, first, above)
            like = seen.tensor if again.live or seen.alive() is not None else _tried(again, seen.at)
            self._add(again, [(one.place, _like(one, like)) for one in seen.op.results])
            seen.op = again
            seen.now(again.results[seen.at], seen.parent.moment)
        return seen.value

    def _one(self, op: Op, like: Tensor) -> Value:
        self._add(op, [((), like)])
        return op.results[0]

    def _put_back(self, seen: Seen, op: Op, above: Value, value: Value, like: Tensor) -> Value:
        """The whole with a new value in the place of a view of it."""
        if op.leaf is not None or op.name in SAME or op.name in RESHAPING:
            same = value.shape == above.shape
            return value if same else self._one(Op("reshape_as", (value, above), {}, op.path), like)
        if op.name == "getitem":
            return self._set(above, op.args[1], value, op)
        if op.name in ("transpose", "t"):
            dims = op.args[1:] or tuple(op.kwargs.values()) or (-2, -1)
            return self._one(Op("transpose", (value, *dims), {}, op.path), like)
        if op.name in ("permute", "movedim"):
            return self._permuted_back(op, value, like)
        return self._in_pieces(seen, op, above, value, like)

    def _permuted_back(self, op: Op, value: Value, like: Tensor) -> Value:
        if op.name == "movedim":
            source, to = op.args[1], op.args[2]
            return self._one(Op("movedim", (value, to, source), {}, op.path), like)
        dims = op.args[1] if len(op.args) == 2 else op.args[1:]
        dims = [dim % len(value.shape) for dim in dims]
        back = tuple(dims.index(dim) for dim in range(len(dims)))
        return self._one(Op("permute", (value, back), {}, op.path), like)

    def _in_pieces(self, seen: Seen, op: Op, above: Value, value: Value, like: Tensor) -> Value:
        given = dict(op.kwargs)
        if op.name == "select":
            dim, index = _given(op, given, ("dim", "index"), (0, 0))
            return self._one(Op("select_scatter", (above, value, dim, index), {}, op.path), like)
        if op.name == "narrow":
            dim, start, length = _given(op, given, ("dim", "start", "length"), (0, 0, 0))
            end = start + length
            return self._one(Op("slice_scatter", (above, value, dim, start, end), {}, op.path), like)
        if op.name in ("chunk", "split", "unbind", "tensor_split"):
            return self._piece(op, seen.at, above, value, like)
        raise UndrawableError(f"it writes into a part of a tensor that {op.name} gave", op.path)

    def _piece(self, op: Op, at: int, above: Value, value: Value, like: Tensor) -> Value:
        if op.name == "unbind":
            (dim,) = _given(op, dict(op.kwargs), ("dim",), (0,))
            return self._one(Op("select_scatter", (above, value, dim, at), {}, op.path), like)
        _, dim = _given(op, dict(op.kwargs), ("size", "dim"), (0, 0))
        start = sum(one.shape[dim] for one in op.results[:at])
        end = start + op.results[at].shape[dim]
        return self._one(Op("slice_scatter", (above, value, dim, start, end), {}, op.path), like)

    def _set(self, whole: Value, index: Any, value: Any, op: Op) -> Value:  # noqa: ANN401
        """A tensor with some of its places changed, as x[index] = value does."""
        path = op.path
        items = index if isinstance(index, tuple) else (index,)
        chosen = [one for one in items if isinstance(one, Value | list)]
        alone = len(items) > 1 and len(chosen) == 1
        if chosen and not (alone and not (isinstance(chosen[0], Value) and chosen[0].dtype == torch.bool)):
            return self._set_chosen(whole, items, value, path)
        expanded = _full(items, len(whole.shape))
        return self._nested(whole, expanded, 0, value, path)

    def _nested(self, whole: Value, items: list[Any], dim: int, value: Any, path: Any) -> Value:  # noqa: ANN401
        """Take one dimension after the other, put the value in at the end, and everything back again."""
        while items and items[0] == slice(None):
            items, dim = items[1:], dim + 1
        if not items:
            return self._filled(whole, value, path)
        first, rest = items[0], items[1:]
        if first is None:
            inner = self._call("unsqueeze", (whole, dim), path)
            changed = self._nested(inner, rest, dim + 1, value, path)
            return self._call("squeeze", (changed, dim), path)
        if isinstance(first, int):
            inner = self._call("select", (whole, dim, first), path)
            changed = self._nested(inner, rest, dim, value, path)
            return self._call("select_scatter", (whole, changed, dim, first), path)
        if isinstance(first, Value | list):
            return self._chosen(whole, items, dim, value, path)
        place = (*((slice(None),) * dim), first)
        inner = self._call("getitem", (whole, place), path)
        changed = self._nested(inner, rest, dim + 1, value, path)
        size = whole.shape[dim]
        start, stop, step = first.indices(size)
        end = None if first.stop is None else stop
        arguments = (
            (whole, changed, dim, start, end) if step == 1 else (whole, changed, dim, start, end, step)
        )
        return self._call("slice_scatter", arguments, path)

    def _chosen(self, whole: Value, items: list[Any], dim: int, value: Any, path: Any) -> Value:  # noqa: ANN401
        """The same where the places along one dimension are a tensor or list of numbers."""
        first = items[0] if isinstance(items[0], Value) else self._constant(torch.tensor(items[0]))
        if len(first.shape) != 1:
            raise UndrawableError("it assigns to places that slices and tensors choose together", path)
        inner = self._call("index_select", (whole, dim, first), path)
        changed = self._nested(inner, items[1:], dim + 1, value, path)
        return self._call("index_copy", (whole, dim, first, changed), path)

    def _filled(self, whole: Value, value: Any, path: Any) -> Value:  # noqa: ANN401
        """A value in the whole shape of a tensor."""
        if isinstance(value, Value):
            if value.shape == whole.shape and value.dtype == whole.dtype:
                return value
            return self._call("copied", (whole, value), path)
        return self._call("full_like", (whole, value), path)

    def _set_chosen(self, whole: Value, items: tuple[Any, ...], value: Any, path: Any) -> Value:  # noqa: ANN401
        """x[mask] = value, or x[numbers] = value."""
        if len(items) == 1 and isinstance(items[0], Value) and items[0].dtype == torch.bool:
            mask = items[0]
            for _ in range(len(whole.shape) - len(mask.shape)):
                mask = self._call("unsqueeze", (mask, -1), path)
            scalar = not isinstance(value, Value) or not value.shape
            name = "masked_fill" if scalar else "masked_scatter"
            return self._call(name, (whole, mask, value), path)
        return self._put(whole, _full(items, len(whole.shape)), value, path)

    def _put(self, whole: Value, items: list[Any], value: Any, path: Any) -> Value:  # noqa: ANN401
        """The same where tensors of numbers choose the places together, beside slices."""
        if any(one is None or (isinstance(one, Value) and one.dtype == torch.bool) for one in items):
            raise UndrawableError("it assigns to places that slices and tensors choose together", path)
        numbered = [
            one if isinstance(one, Value | slice) else self._constant(torch.tensor(one)) for one in items
        ]
        target = self._call("getitem", (whole, tuple(numbered)), path)
        value = self._filled(target, value, path)
        part = next((at for at, one in enumerate(numbered) if isinstance(one, slice) and one != ALL), None)
        if part is not None:
            return self._put_in_slice(whole, numbered, part, value, path)
        at = [dim for dim, one in enumerate(numbered) if isinstance(one, Value)]
        chosen = tuple(numbered[dim] for dim in at)
        if at == list(range(len(at))):
            return self._call("index_put", (whole, chosen, value), path)
        order = [*at, *(dim for dim in range(len(numbered)) if dim not in at)]
        spread = len(target.shape) - (len(numbered) - len(at))
        first = at[0] if at == list(range(at[0], at[-1] + 1)) else 0
        places = [*range(first, first + spread), *range(first), *range(first + spread, len(target.shape))]
        value = self._call("permute", (value, tuple(places)), path)
        turned = self._call("permute", (whole, tuple(order)), path)
        put = self._call("index_put", (turned, chosen, value), path)
        return self._call("permute", (put, tuple(order.index(dim) for dim in range(len(order)))), path)

    def _put_in_slice(self, whole: Value, items: list[Any], dim: int, value: Value, path: Any) -> Value:  # noqa: ANN401
        """Put it into a part of one dimension, and the part back."""
        part = items[dim]
        inner = self._call("getitem", (whole, (*((ALL,) * dim), part)), path)
        changed = self._put(inner, [*items[:dim], ALL, *items[dim + 1 :]], value, path)
        start, stop, step = part.indices(whole.shape[dim])
        end = None if part.stop is None else stop
        return self._call("slice_scatter", (whole, changed, dim, start, end, step), path)

    def _call(self, name: str, args: tuple[Any, ...], path: Any) -> Value:  # noqa: ANN401
        """Write a call down, its result's shape as torch gives it."""
        op = Op(name, args, {}, path)
        return self._one(op, _tried(op))


def _tried(op: Op, at: int = 0) -> Tensor:
    """A tensor in the shape of a call's result; with its numbers where nothing live has a share in it."""

    def given(one: object) -> object:
        if not isinstance(one, Value):
            return one
        if one.tensor is not None:
            return one.tensor
        return torch.zeros(one.shape, dtype=one.dtype)

    args = mapped(op.args, given)
    if op.name == "getitem":
        return args[0][args[1]]
    if op.name == "copied":
        return args[1].expand_as(args[0]).to(args[0].dtype)
    function: Any = getattr(torch, op.name, None) or getattr(Tensor, op.name)
    found = function(*args, **mapped(dict(op.kwargs), given))
    return found if isinstance(found, Tensor) else found[at]


def _like(value: Value, tensor: Tensor) -> Tensor:
    if value.shape == tuple(tensor.shape):
        return tensor
    return torch.zeros(value.shape, dtype=value.dtype)


def _given(op: Op, given: dict[str, Any], names: tuple[str, ...], defaults: tuple[Any, ...]) -> list[Any]:
    """Arguments after the first by position or name."""
    return [
        op.args[at + 1] if len(op.args) > at + 1 else given.get(name, defaults[at])
        for at, name in enumerate(names)
    ]


def _replaced(args: Any, old: Value | None, new: Value) -> Any:  # noqa: ANN401
    return mapped(args, lambda one: new if one is old else one)


def _full(items: tuple[Any, ...], dims: int) -> list[Any]:
    """An index with a part for every dimension, ... written out."""
    taken = sum(one is not None and one is not Ellipsis for one in items)
    missing = [slice(None)] * (dims - taken)
    if not any(one is Ellipsis for one in items):
        return [*items, *missing]
    at = next(at for at, one in enumerate(items) if one is Ellipsis)
    return [*items[:at], *missing, *items[at + 1 :]]
