"""Two recordings at two numbers of samples as one: every number that differs is fitted with a·B + b."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from studio.interchange.imported import ModulePath
from studio.interchange.modules.recording import Recording
from studio.interchange.modules.values import Nested, Op, Place, Value


@dataclass(frozen=True, slots=True)
class Fitted:
    """A whole number that depends on the number of samples B: times·B + plus."""

    times: int
    plus: int

    def at(self, batch: int) -> int:
        """Its value for a number of samples."""
        return self.times * batch + self.plus

    def __add__(self, other: int | Fitted) -> int | Fitted:
        """The sum, a plain number where B is gone."""
        if isinstance(other, Fitted):
            return _plain(self.times + other.times, self.plus + other.plus)
        return Fitted(self.times, self.plus + other)

    __radd__ = __add__


def _plain(times: int, plus: int) -> int | Fitted:
    return Fitted(times, plus) if times else plus


class UnequalError(Exception):
    """Two recordings are not of one form; `path` is the module in which they part, as far as it is known."""

    def __init__(self, message: str, path: ModulePath = ()) -> None:
        super().__init__(message)
        self.path = path


@dataclass(slots=True)
class Form:
    """What a module does at any number of samples.

    The Values' shapes, and whole numbers among arguments, may be Fitted. `settled` are Values by number whose
    tensor is the same every time, `batch` the number of samples of the recording that tensors are of.
    """

    ops: list[Op]
    values: list[Value]
    inputs: Mapping[str, Value]
    results: Mapping[Place, Value]
    settled: Mapping[int, Tensor] = field(default_factory=dict[int, Tensor])
    batch: int = 0
    baked: list[tuple[ModulePath, str, Op | None]] = field(default_factory=list[Any])


def fixed(one: Recording) -> Form:
    """One recording as it is, for the number of samples that it was made with."""
    settled = {v.number: v.tensor for v in one.values if not v.live and v.tensor is not None}
    return Form(one.ops, one.values, one.inputs, one.results, settled, 0, one.baked)


def fitted(one: Recording, other: Recording, batch: int, more: int) -> Form:
    """Two recordings at `batch` and `more` samples as one. Raises UnequalError."""
    if len(one.ops) != len(other.ops) or len(one.values) != len(other.values):
        counts = f"it makes {len(one.ops)} calls with {batch} samples, {len(other.ops)} with {more}"
        raise UnequalError(counts, _parted(one.ops, other.ops))
    if one.results.keys() != other.results.keys():
        raise UnequalError("its results differ in number")
    fit = _Fit(batch, more)
    settled: dict[int, Tensor] = {}
    for first, second in zip(one.values, other.values, strict=True):
        if first.kind != second.kind or first.name != second.name or len(first.shape) != len(second.shape):
            path = first.op.path if first.op else ()
            raise UnequalError(f"a tensor of the shape {first.shape} becomes one of {second.shape}", path)
        if not first.live and _same(first.tensor, second.tensor):
            assert first.tensor is not None
            settled[first.number] = first.tensor
    ops = [fit.op(first, second) for first, second in zip(one.ops, other.ops, strict=True)]
    for first, second in zip(one.results.values(), other.results.values(), strict=True):
        fit.nested(first, second)
    shapes = [fit.nested(a.shape, b.shape) for a, b in zip(one.values, other.values, strict=True)]
    for value, shape in zip(one.values, shapes, strict=True):
        value.shape = shape
    return Form(ops, one.values, one.inputs, one.results, settled, batch, one.baked)


def _parted(ops: list[Op], others: list[Op]) -> ModulePath:
    """The first module in which there are more calls in one of two recordings, with those within."""
    counts = Counter(op.path for op in ops)
    counts.subtract(op.path for op in others)
    paths = [path for path, count in counts.items() if count]
    around = [path for path in paths if path == paths[0][: len(path)]]
    return min(around, key=len, default=())


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None or one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(one, other) or (
        one.is_floating_point() and torch.allclose(one, other, 0.0, 0.0, equal_nan=True)
    )


@dataclass(slots=True)
class _Fit:
    batch: int
    more: int

    def op(self, one: Op, other: Op) -> Op:
        if one.name != other.name or one.path != other.path or len(one.results) != len(other.results):
            shared = one.path if one.path == other.path else ()
            where = ".".join(one.path) or "the whole"
            raise UnequalError(f"{one.name} in {where} becomes {other.name}", shared)
        try:
            args = self.nested(one.args, other.args)
            kwargs = self.nested(dict(one.kwargs), dict(other.kwargs))
        except UnequalError as error:
            raise UnequalError(str(error), one.path) from None
        return Op(one.name, args, kwargs, one.path, one.results, one.leaf)

    def nested(self, one: Nested, other: Nested) -> Nested:
        if isinstance(one, Value) and isinstance(other, Value):
            if one.number != other.number:
                raise UnequalError("a call takes another tensor")
            return one
        if isinstance(one, tuple | list) and isinstance(other, tuple | list):
            return self._sequence(one, other)  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():  # pyright: ignore[reportUnknownMemberType]
                raise UnequalError("a call takes other arguments")
            return {key: self.nested(one[key], other[key]) for key in one}  # pyright: ignore[reportUnknownVariableType]
        if isinstance(one, slice) and isinstance(other, slice):
            parts = ((one.start, other.start), (one.stop, other.stop), (one.step, other.step))
            return slice(*(self.nested(first, second) for first, second in parts))
        return self._single(one, other)

    def _sequence(self, one: Any, other: Any) -> Nested:  # noqa: ANN401
        if len(one) != len(other):
            raise UnequalError("a call takes more tensors or numbers")
        return (
            type(one)(self.nested(first, second) for first, second in zip(one, other, strict=True))
            if (type(one) in (tuple, list))
            else tuple(self.nested(first, second) for first, second in zip(one, other, strict=True))
        )

    def _single(self, one: Any, other: Any) -> Any:  # noqa: ANN401
        one, other = _bare(one), _bare(other)
        if type(one) is int and type(other) is int and one != other:
            times, rest = divmod(other - one, self.more - self.batch)
            if rest:
                raise UnequalError(f"{one} becomes {other}, which is no multiple of the number of samples")
            return Fitted(times, one - times * self.batch)
        plain = isinstance(one, COMPARED) and repr(one) != repr(other)
        if type(one) is not type(other) or plain:
            raise UnequalError(f"{one!r} becomes {other!r}")
        return one


COMPARED = (bool, float, str, torch.dtype)


def _bare(one: Any) -> Any:  # noqa: ANN401
    """A number of numpy as Python's own."""
    return one.item() if hasattr(one, "item") and not isinstance(one, Tensor) else one
