"""What flows through an ONNX graph while it is read: tensors of the drawing, known numbers, and sizes.

Sizes are what Shape gives and what is computed from it: they are known as formulas, so that no node has to
compute them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeGuard

import numpy as np

from studio.build.sizes import Dim, Size, TensorType
from studio.interchange.imported import ModulePath
from studio.project.graph import Endpoint
from studio.project.params import Value as Param

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Wire:
    """A tensor that the network computes."""

    end: Endpoint
    type: TensorType

    @property
    def rank(self) -> int:
        """How many dimensions."""
        return len(self.type.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Numbers that are known; `name` is the initializer's they come from, "" where they were computed."""

    array: Array
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Whole numbers of which some depend on the input's sizes; `scalar` where it is one of no dimension."""

    values: tuple[Size, ...]
    scalar: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """One number throughout a shape of which some sizes depend on the input's."""

    number: float | bool
    sizes: tuple[Size, ...]


Value = Wire | Held | Sizes | Filled


class UnreadableError(Exception):
    """One operator that cannot be read: why, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(slots=True)
class Op:
    """One operator: its inputs by name ("" for those left out), its outputs, and its attributes."""

    type: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    domain: str = ""
    opset: int = 17
    values: list[Value | None] = field(default_factory=list)
    used: tuple[bool, ...] = ()
    """Which of its outputs anything uses."""
    path: ModulePath = ()
    """The module that it comes from."""

    def attribute(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """An attribute's value."""
        return self.attributes.get(name, default)

    def has(self, at: int) -> bool:
        """Whether there is an input at a place."""
        return at < len(self.values) and self.values[at] is not None

    def wire(self, at: int) -> Wire:
        """An input that the network computes."""
        value = self.values[at] if at < len(self.values) else None
        if not isinstance(value, Wire):
            raise UnreadableError(f"its input {at + 1} is no tensor that the network computes")
        return value

    def known(self, at: int, what: str) -> Array:
        """An input whose numbers must be known."""
        value = self.values[at] if at < len(self.values) else None
        if isinstance(value, Held):
            return value.array
        if isinstance(value, Sizes) and all(isinstance(one, int) for one in value.values):
            return np.array(value.values[0] if value.scalar else value.values, np.int64)
        raise UnreadableError(
            f"its {what} is computed while the network runs", f"Make {what} a constant before exporting it."
        )

    def ints(self, at: int, name: str) -> tuple[int, ...] | None:
        """Whole numbers that are an attribute or, since later versions, an input; None where neither is."""
        if self.attributes.get(name) is not None:
            value = self.attributes[name]
            return tuple(value) if isinstance(value, list | tuple) else (int(value),)
        return tuple(int(one) for one in self.known(at, name).ravel()) if self.has(at) else None

    def number(self, at: int, name: str, default: float | None = None) -> float | None:
        """A number that is an attribute or an input."""
        if self.attributes.get(name) is not None:
            return float(self.attributes[name])
        if not self.has(at):
            return default
        array = self.known(at, name)
        if array.size != 1:
            raise UnreadableError(f"its {name} is {array.size} numbers, not one")
        return float(array.ravel()[0])


Converter = Callable[..., Value | Sequence[Value]]
"""(op, drawing) -> what it gives."""


def bare(values: Sequence[int]) -> Param:
    """Several numbers as a parameter: one by itself is no list."""
    found = tuple(values)
    return found if len(found) != 1 else found[0]


def is_one(value: Value | None) -> TypeGuard[Held]:
    """Whether it is one known number."""
    return isinstance(value, Held) and value.array.size == 1


def as_sizes(value: Value | None) -> Sizes | None:
    """Whole numbers as sizes; None for anything else."""
    if isinstance(value, Sizes):
        return value
    if isinstance(value, Held) and value.array.ndim <= 1 and value.array.dtype.kind in "iu":
        return Sizes(tuple(int(one) for one in value.array.ravel()), value.array.ndim == 0)
    return None


def settled(value: Sizes) -> Value:
    """As known numbers where nothing of it depends on the input."""
    if any(isinstance(one, Dim) for one in value.values):
        return value
    array = np.array(value.values, np.int64)
    return Held(array.reshape(()) if value.scalar else array)


def quotient(one: Size, other: Size) -> Size:
    """One size divided by another, as far as that is a formula."""
    if isinstance(one, int) and isinstance(other, int):
        return one // other
    if isinstance(other, int):
        assert isinstance(one, Dim)
        return one / other
    if one == other:
        return 1
    if isinstance(one, Dim) and len(other.terms) == 1:
        (names, factor), *_ = other.terms
        terms = [(_without(have, names), Fraction(number) / factor) for have, number in one.terms]
        if all(have is not None for have, _ in terms):
            from studio.build.sizes import made

            return made([(have, number) for have, number in terms if have is not None])
    raise UnreadableError("it divides sizes that are not known by each other")


def _without(have: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...] | None:
    rest = list(have)
    for name in names:
        if name not in rest:
            return None
        rest.remove(name)
    return tuple(rest)
