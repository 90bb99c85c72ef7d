"""What a recording is made of: tensors by number, and the calls that made them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from studio.interchange.imported import ModulePath

Nested = Any
"""Tensors or Values within tuples, lists, tables and slices."""
Place = tuple[Any, ...]
"""Where a tensor lies in a result: () is the whole, (0, "hidden") the entry hidden of its first part."""


class UndrawableError(Exception):
    """Something that no node can say; `path` is the module that does it."""

    def __init__(self, message: str, path: ModulePath = ()) -> None:
        super().__init__(message)
        self.path = path


SHAPED = frozenset({"new_zeros", "new_ones", "new_empty", "new", "zeros_like", "ones_like", "empty_like",
                    "new_tensor"})  # fmt: skip
"""Calls that read nothing of a tensor but its shape."""


@dataclass(eq=False, slots=True)
class Value:
    """A tensor of a recording. `name` is an input's, or a parameter's or buffer's path in the module.

    `live`: an input or a parameter has a share in it. `tensor` holds the numbers of one that is not live.
    """

    number: int
    kind: Literal["input", "parameter", "buffer", "constant", "made"]
    shape: tuple[Any, ...]
    dtype: torch.dtype
    name: str = ""
    op: Op | None = None
    place: Place = ()
    live: bool = True
    tensor: Tensor | None = None

    def __repr__(self) -> str:
        return f"%{self.number}"


@dataclass(eq=False, slots=True)
class Op:
    """A call of a function by its plain name, or of a module that is a layer; `path` is the module around it.

    `swapped`: its first two arguments change places, as in 1 - x.
    """

    name: str
    args: tuple[Nested, ...]
    kwargs: Mapping[str, Nested]
    path: ModulePath
    results: list[Value] = field(default_factory=list[Value])
    leaf: Leaf | None = None

    @property
    def live(self) -> bool:
        """Whether an input or a parameter has a share in it."""
        if self.name in SHAPED:
            return False
        held = self.leaf is not None and any(True for _ in self.leaf.module.parameters())
        return held or any(value.live for value in values_in((self.args, self.kwargs)))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A module that is a layer of the catalog: its parameters there, and the ports of tensors and results."""

    module: nn.Module
    type: str
    params: Mapping[str, Any]
    inputs: tuple[str, ...]
    outputs: Mapping[Place, str]


Called = tuple[Leaf, tuple[Tensor, ...]]
"""A layer, and the tensors at its ports in one call: they go when the call is done."""


def called(
    module: nn.Module,
    type: str,
    params: Mapping[str, Any],
    ports: Iterable[tuple[str, Tensor]],
    outputs: Mapping[Place, str],
) -> Called:
    """A layer with the tensors that its ports have in a call."""
    given = tuple(ports)
    return Leaf(module, type, params, tuple(name for name, _ in given), outputs), tuple(
        one for _, one in given
    )


def values_in(nested: Nested) -> Iterator[Value]:
    """Every Value within."""
    return (one for one in flat(nested) if isinstance(one, Value))


def tensors_in(nested: Nested) -> Iterator[Tensor]:
    """Every tensor within."""
    return (one for one in flat(nested) if isinstance(one, Tensor))


def flat(nested: Nested) -> Iterator[object]:
    """All that lies within tuples, lists, tables and slices."""
    if isinstance(nested, tuple | list):
        for one in nested:  # pyright: ignore[reportUnknownVariableType]
            yield from flat(one)
    elif isinstance(nested, Mapping):
        for one in nested.values():  # pyright: ignore[reportUnknownVariableType]
            yield from flat(one)
    elif isinstance(nested, slice):
        yield from (nested.start, nested.stop, nested.step)
    else:
        yield nested


def mapped(nested: Nested, change: Callable[[Any], Any]) -> Nested:
    """The same with something else in place of each thing within; named tuples become plain ones."""
    if isinstance(nested, tuple):
        return tuple(mapped(one, change) for one in nested)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(nested, list):
        return [mapped(one, change) for one in nested]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(nested, Mapping):
        return {key: mapped(one, change) for key, one in nested.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(nested, slice):
        return slice(*(change(one) for one in (nested.start, nested.stop, nested.step)))
    return change(nested)


def placed(result: Nested, place: Place = ()) -> Iterator[tuple[Place, Tensor]]:
    """Every tensor of a result with its place: in tuples, lists, tables and dataclasses."""
    if isinstance(result, Tensor):
        yield place, result
    elif isinstance(result, Mapping):
        for key, one in result.items():  # pyright: ignore[reportUnknownVariableType]
            yield from placed(one, (*place, key))
    elif isinstance(result, Sequence) and not isinstance(result, str | bytes):
        names = getattr(result, "_fields", range(len(result)))  # pyright: ignore[reportUnknownArgumentType]
        for key, one in zip(names, result, strict=False):  # pyright: ignore[reportUnknownVariableType]
            yield from placed(one, (*place, key))
    elif dataclasses.is_dataclass(result):
        for one in dataclasses.fields(result):
            yield from placed(getattr(result, one.name, None), (*place, one.name))
