"""What is known of the parts of a formula before it runs: sizes and plain values, by torch's meta device."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from studio.build.formulas import compiled
from studio.build.sizes import Dim, TensorType
from studio.catalog.formula import read_formula

Shape = tuple[int | None, ...]
"""None for a size that stays open, such as the number of samples."""
Types = tuple[tuple[TensorType, ...], ...]
"""The types of a formula's tensors, in each of its uses."""
TRIED = ((6, 24), (10, 48))
"""Numbers of samples, and the sizes that the data leaves open."""


class UnsaidError(ValueError):
    """A part of a formula that has no twin."""


class Known:
    """Parts of one formula, each computed without numbers for several sizes of what is open.

    `names` are those of its tensors, `types` what they are in each use of the formula; without types nothing
    is known. Every method raises UnsaidError for what cannot be known.
    """

    def __init__(self, names: Sequence[str], types: Types) -> None:
        self.types = types
        self._names = tuple(names)
        self._found: dict[str, list[Any]] = {}

    @cached_property
    def _runs(self) -> list[Mapping[str, Tensor]]:
        runs: list[Mapping[str, Tensor]] = []
        for use in self.types:
            opened = sorted(frozenset[str]().union(*(type.open for type in use)))
            for batch, first in TRIED:
                sizes = {name: first * (at + 1) for at, name in enumerate(opened)}
                made = [
                    torch.empty(one.at(batch, **sizes), dtype=getattr(torch, one.dtype), device="meta")
                    for one in use
                ]
                runs.append(dict(zip(self._names, made, strict=True)))
        return runs

    @property
    def each_sample(self) -> str | None:
        """The first tensor that has a row for every sample."""
        first = self.types[0] if self.types else ()
        named = zip(self._names, first, strict=bool(first))
        return next((name for name, one in named if one.shape and one.shape[0] == Dim()), None)

    def _computed(self, part: ast.expr) -> list[Any]:
        text = ast.unparse(part)
        if text not in self._found:
            if not self._runs:
                raise UnsaidError(text)
            try:
                self._found[text] = [_value(part, text, run) for run in self._runs]
            except Exception as error:  # torch says in many ways that something needs the numbers themselves
                raise UnsaidError(text) from error
        return self._found[text]

    def is_tensor(self, part: ast.expr) -> bool:
        """Whether it is one tensor."""
        return isinstance(self._computed(part)[0], Tensor)

    def is_batch(self, part: ast.expr) -> bool:
        """Whether it is the number of samples."""
        counts = [batch for _ in self.types for batch, _ in TRIED]
        return self._computed(part) == counts

    def is_boolean(self, part: ast.expr) -> bool:
        """Whether it is a tensor of yes and no."""
        found = self._computed(part)[0]
        return isinstance(found, Tensor) and found.dtype is torch.bool

    def dtype(self, part: ast.expr) -> str:
        """The type of its numbers."""
        return str(self._tensors(part)[0].dtype).removeprefix("torch.")

    def shape(self, part: ast.expr) -> Shape:
        """The sizes of a tensor."""
        return _common([tuple(one.shape) for one in self._tensors(part)], part)

    def is_fixed(self, part: ast.expr, at: int) -> bool:
        """Whether a size is known in each use, the same in all or not."""
        sizes, tried = [one.shape[at] for one in self._tensors(part)], len(TRIED)
        return all(len(set(sizes[use * tried :][:tried])) == 1 for use in range(len(self.types)))

    def size_like(self, part: ast.expr, at: int) -> tuple[str, int] | None:
        """A tensor, and which of its dimensions has the size of one of the part's: known in every use."""
        if not self.is_fixed(part, at):
            return None
        wanted = [one.shape[at] for one in self._tensors(part)]
        for name in self._names:
            shapes = [tuple(run[name].shape) for run in self._runs]
            for dim in range(1, min(map(len, shapes))):
                if [one[dim] for one in shapes] == wanted:
                    return name, dim
        return None

    def pieces(self, part: ast.expr, dim: int) -> tuple[int, ...]:
        """How long each of several tensors is along a dimension."""
        found = self._computed(part)
        lengths = _common([tuple(one.shape[dim] for one in several) for several in found], part)
        if None in lengths:
            raise UnsaidError(ast.unparse(part))
        return tuple(int(one or 0) for one in lengths)

    def value(self, part: ast.expr) -> Any:  # noqa: ANN401
        """A plain value, the same whatever is open."""
        found = self._computed(part)
        if any(_holds_tensor(one) for one in found) or any(one != found[0] for one in found):
            raise UnsaidError(ast.unparse(part))
        return found[0]

    def _tensors(self, part: ast.expr) -> list[Tensor]:
        found = self._computed(part)
        if not all(isinstance(one, Tensor) for one in found):
            raise UnsaidError(ast.unparse(part))
        return found


def _common(shapes: Sequence[tuple[int, ...]], part: ast.expr) -> Shape:
    if len({len(one) for one in shapes}) > 1:
        raise UnsaidError(ast.unparse(part))
    return tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes, strict=True))


def _value(part: ast.expr, text: str, tensors: Mapping[str, Tensor]) -> Any:  # noqa: ANN401
    read = [one.id for one in ast.walk(part) if isinstance(one, ast.Name) and one.id in tensors]
    with torch.device("meta"):
        if read:
            return compiled(text)(*(tensors[name] for name in read_formula(text).names))
        any_name = next(iter(tensors))  # a formula reads at least one tensor
        return compiled(f"({text}, {any_name})")(tensors[any_name])[0]


def _holds_tensor(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_tensor, value))
    return isinstance(value, Tensor)
