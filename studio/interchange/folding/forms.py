"""The form of what a module did: its items and the wires among them, whatever their sizes are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.interchange.folding.items import Item
from studio.project.graph import Endpoint
from studio.project.params import Value

Wire = tuple[str, int, int, str]
"""The port and place that take something; from which item (below zero: from which input, from −1 on) and its
port."""
LONGEST = 8
"""A row of more numbers than this is no argument."""


@dataclass(frozen=True, slots=True)
class Form:
    """The items of one call; `inputs` are the endpoints that come in, and `outputs` those that go out."""

    items: tuple[Item, ...]
    inputs: tuple[Endpoint, ...]
    outputs: tuple[Endpoint, ...]
    wires: tuple[tuple[Wire, ...], ...]
    key: tuple[object, ...]


def form_of(
    title: str,
    items: Sequence[Item],
    readers: Mapping[Endpoint, Iterable[str]],
    settled: Callable[[Item], bool],
) -> Form:
    """The form of some items; `readers` are the nodes of the flat drawing that read each endpoint.

    The parameters of a `settled` item may not differ within a form.
    """
    within = {name for item in items for name in item.nodes}
    made = {end: (at, port) for at, item in enumerate(items) for end, port in item.makes.items()}
    inputs: dict[Endpoint, int] = {}
    wires: list[tuple[Wire, ...]] = []
    for item in items:
        taken: list[Wire] = []
        for port, index, end in item.reads:
            if end in made:
                taken.append((port, index, *made[end]))
            else:
                taken.append((port, index, -1 - inputs.setdefault(end, len(inputs)), ""))
        wires.append(tuple(taken))
    outputs = tuple(
        end for item in items for end in item.makes if any(one not in within for one in readers.get(end, ()))
    )
    shape = tuple(
        (item.type, wire, _fixed(item.params, settled(item))) for item, wire in zip(items, wires, strict=True)
    )
    return Form(
        tuple(items),
        tuple(inputs),
        outputs,
        tuple(wires),
        (title, shape, tuple(made[end] for end in outputs)),
    )


def varies(value: Value) -> bool:
    """Whether a block may have a value as an argument: a number, a switch, a short row of numbers."""
    if isinstance(value, tuple):
        return len(value) <= LONGEST and all(isinstance(one, int | float) for one in value)
    return isinstance(value, int | float)


def _fixed(params: Mapping[str, Value], settled: bool) -> tuple[tuple[str, object], ...]:
    """The parameters that can be no arguments: they belong to the form."""
    return tuple(sorted((name, _hashed(one)) for name, one in params.items() if settled or not varies(one)))


def _hashed(value: Value) -> str:
    return repr(value)


def with_first(form: Form, first: tuple[int, ...]) -> Form:
    """A form with some of its inputs first, in this order."""
    order = [*first, *(at for at in range(len(form.inputs)) if at not in first)]
    new = {-1 - old: -1 - at for at, old in enumerate(order)}
    wires = tuple(tuple((p, i, new.get(of, of), port) for p, i, of, port in wire) for wire in form.wires)
    return Form(form.items, tuple(form.inputs[at] for at in order), form.outputs, wires, form.key)


def fed_back(forms: Sequence[Form]) -> tuple[int, ...]:
    """Which inputs of a call most often take the outputs of the call before it, in their order."""
    counts: dict[tuple[int, ...], int] = {}
    for one, other in pairwise(forms):
        places = {end: at for at, end in enumerate(other.inputs)}
        if one.outputs and all(end in places for end in one.outputs):
            taken = tuple(places[end] for end in one.outputs)
            counts[taken] = counts.get(taken, 0) + 1
    best: Callable[[tuple[int, ...]], int] = counts.__getitem__
    return max(counts, key=best) if counts else ()
