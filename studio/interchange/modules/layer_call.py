"""What a function of torch becomes as a layer of the catalog, and how its arguments are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.interchange.modules.fitting import Fitted
from studio.interchange.modules.values import Op, Place, Value
from studio.project.params import Value as Plain

Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raised:
    """A layer: its type and parameters, the tensors at its ports, its outputs by the place in the result, and
    the weights that it takes over, by their key in the layer.
    """

    type: str
    params: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    inputs: tuple[tuple[str, Value], ...] = ()
    outputs: Mapping[Place, str] = field(default_factory=lambda: {(): "output"})
    weights: Mapping[str, Value] = field(default_factory=dict[str, Value])


class NoLayerError(Exception):
    """A call that is no layer as it stands."""


def bound(op: Op, names: list[str]) -> dict[str, Any]:
    """Arguments by name; `*` takes those that are left."""
    if names and names[-1].startswith("*"):
        plain = names[:-1]
        rest = op.args[len(plain) :]
        if len(rest) == 1 and isinstance(rest[0], tuple | list):
            rest = tuple(rest[0])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        rest = rest or op.kwargs.get(names[-1][1:], ())
        given = {**dict(zip(plain, op.args, strict=False)), names[-1][1:]: tuple(rest)}
        return {**given, **{key: one for key, one in op.kwargs.items() if key in plain}}
    if len(op.args) > len(names) or any(key not in names for key in op.kwargs):
        extra = {key: one for key, one in op.kwargs.items() if key not in names}
        if len(op.args) > len(names) or any(one is not None for one in extra.values()):
            raise NoLayerError
    return {**dict(zip(names, op.args, strict=False)), **{k: v for k, v in op.kwargs.items() if k in names}}


def tensor_of(value: Any) -> Value:  # noqa: ANN401
    if not isinstance(value, Value):
        raise NoLayerError
    return value


def input_of(args: Args, name: str = "input") -> tuple[tuple[str, Value], ...]:
    return (("input", tensor_of(args[name])),)


def plain_only(*numbers: Any) -> None:  # noqa: ANN401
    """That nothing depends on the number of samples, and nothing is a tensor."""
    for one in numbers:
        if isinstance(one, tuple | list):
            plain_only(*one)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(one, Fitted | Value):
            raise NoLayerError


def one_of_equal(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple | list):
        items = tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if len(items) > 1 and all(one == items[0] for one in items):  # pyright: ignore[reportUnknownArgumentType]
            return items[0]  # pyright: ignore[reportUnknownVariableType]
        return items  # pyright: ignore[reportUnknownVariableType]
    return value


Owned = Callable[[Value], bool]
Make = Callable[[Op, Args, Owned], Raised]


def weights_of(args: Args, owned: Owned, *names: str) -> dict[str, Value]:
    """The parameters that a layer takes over; None is left out."""
    found: dict[str, Value] = {}
    for name in names:
        value = args.get(name)
        if value is None:
            continue
        if not isinstance(value, Value) or not owned(value):
            raise NoLayerError
        found[name] = value
    return found
