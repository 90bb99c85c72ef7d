"""A recording in which equal calls are one: a loop that does the same for each sample becomes a repeat."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from studio.interchange.modules.even_rows import EvenRows
from studio.interchange.modules.recording import Recording
from studio.interchange.modules.values import Op, Value, mapped, values_in

RANDOM = frozenset(
    {"rand", "randn", "rand_like", "randn_like", "bernoulli", "dropout", "multinomial", "normal"}
)
LARGEST = 2**16
"""Fixed tensors of more numbers are not compared with each other."""


def merged(recording: Recording) -> Recording:
    """The same results by as few calls; Values are numbered anew."""
    known: dict[Any, Value] = {}
    instead: dict[int, Value] = {}

    def now(one: Any) -> Any:  # noqa: ANN401
        return instead.get(one.number, one) if isinstance(one, Value) else one

    for value in recording.values:
        if not value.live and value.tensor is not None:
            _same(value, _content(value.tensor), known, instead)
    ops: list[Op] = []
    even = EvenRows()
    for op in recording.ops:
        op.args, op.kwargs = mapped(op.args, now), mapped(op.kwargs, now)
        even.read(op)
        key = (
            None if op.leaf is not None or op.name in RANDOM else (op.name, _form(op.args), _form(op.kwargs))
        )
        places = [value.place for value in op.results]
        if key is not None and all((key, place) in known for place in places):
            instead |= {value.number: now(known[key, value.place]) for value in op.results}
            continue
        known |= {(key, value.place): value for value in op.results} if key is not None else {}
        ops.append(_repeated(op))
    recording.results = {place: now(value) for place, value in recording.results.items()}
    recording.ops = _needed(ops, recording)
    _number(recording)
    return recording


def _content(tensor: Tensor) -> Any:  # noqa: ANN401
    if tensor.numel() > LARGEST:
        return id(tensor)
    return (str(tensor.dtype), tuple(tensor.shape), str(tensor.flatten().tolist()))


def _same(value: Value, key: Any, known: dict[Any, Value], instead: dict[int, Value]) -> None:  # noqa: ANN401
    first = known.setdefault(("fixed", key), value)
    if first is not value:
        instead[value.number] = first


def _form(nested: Any) -> str:  # noqa: ANN401
    """What tells equal arguments: tensors by their numbers."""
    return repr(mapped(nested, lambda one: f"%{one.number}" if isinstance(one, Value) else repr(one)))


def _repeated(op: Op) -> Op:
    """The same tensor joined with itself is that tensor repeated."""
    joined: Any = op.args[0] if op.name in ("cat", "stack") and op.args else ()
    dim = op.args[1] if len(op.args) > 1 else op.kwargs.get("dim", 0)
    if not isinstance(joined, tuple | list) or len(joined) < 2 or len({one.number for one in joined}) > 1:  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType]
        return op
    value: Value = joined[0]
    if op.name == "stack" and dim != 0:
        return op
    times = [1] * (len(value.shape) + (op.name == "stack"))
    times[dim] = len(joined)  # pyright: ignore[reportUnknownArgumentType]
    return Op("repeat", (value, *times), {}, op.path, op.results)


def _needed(ops: list[Op], recording: Recording) -> list[Op]:
    wanted = {value.number for value in recording.results.values()}
    kept: list[Op] = []
    for op in reversed(ops):
        if any(value.number in wanted for value in op.results):
            kept.append(op)
            wanted |= {value.number for value in values_in((op.args, op.kwargs))}
    return kept[::-1]


def _number(recording: Recording) -> None:
    """Number the Values that are left, in the order in which they are met."""
    found: dict[int, Value] = {id(value): value for value in recording.inputs.values()}
    for op in recording.ops:
        for value in (*values_in((op.args, op.kwargs)), *op.results):
            found.setdefault(id(value), value)
    for value in recording.results.values():
        found.setdefault(id(value), value)
    recording.values = list(found.values())
    for number, value in enumerate(recording.values):
        value.number = number
