"""Where the channels of the tensors stand that come into a function: as what takes them wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.build.plan import InputStep, Ref, Step
from studio.interchange.keras.placed import Placed
from studio.interchange.keras.twin import Order, Wanted
from studio.interchange.keras.twins import twin_of
from studio.interchange.pytorch.values import Solved
from studio.project.graph import Endpoint

IMAGE = 4
"""Dimensions from which on a tensor is an image or a volume, unless its names say otherwise."""


def order_of_ref(order: Order, rank: int) -> Order:
    """The order of a tensor: up to two dimensions there is but one."""
    return order if rank > 2 else "torch"


def wanted_by(step: Step, at: int, solved: Solved, placed: Mapping[str, Placed]) -> Wanted | None:
    """The order in which a step takes an argument; None where it does not matter and changes behind it."""
    if step.inner:
        return placed[solved.kind.inner[step.name][0].name].inputs[at]
    twin = twin_of(step)
    if twin is not None and twin.as_is:
        return None
    return twin.order(step) if twin else "torch"


def demanded(ref: Ref, steps: Sequence[Step], solved: Solved, placed: Mapping[str, Placed]) -> Order | None:
    """What the first steps downstream that are not indifferent want; None where none is there."""
    waiting: list[Ref] = [ref]
    for one in waiting:
        for step in steps:
            if one not in step.args:
                continue
            wanted = wanted_by(step, step.args.index(one), solved, placed)
            if wanted in ("torch", "last"):
                return wanted
            if wanted is None:
                continue
            waiting += [
                Endpoint(step.name, port.name)
                for port in step.layer.outputs
                if Endpoint(step.name, port.name) not in waiting
            ]
    return None


def input_orders(
    inputs: Sequence[InputStep], steps: Sequence[Step], solved: Solved, placed: Mapping[str, Placed]
) -> dict[str, Order]:
    """The order of each input of the network: images have their channels last."""
    found: dict[str, Order] = {}
    for step in inputs:
        rank = len(step.type.shape)
        named = step.type.names[1] if len(step.type.names) > 1 else ""
        wish = demanded(Endpoint(step.name, "output"), steps, solved, placed)
        if named:
            order: Order = "last" if named == "C" else wish or "torch"
        else:
            order = wish or ("last" if rank >= IMAGE else "torch")
        found[step.name] = order_of_ref(order, rank)
    return found


def port_orders(solved: Solved, steps: Sequence[Step], placed: Mapping[str, Placed]) -> dict[str, Order]:
    """The order of each tensor that a block takes."""
    found: dict[str, Order] = {}
    ranks = {step.name: len(step.type.shape) for step in solved.kind.plan.inputs}
    for name in solved.kind.ports:
        rank = ranks.get(name, 0)
        wish = demanded(Endpoint(name, "output"), steps, solved, placed)
        found[name] = order_of_ref(wish or ("last" if rank >= IMAGE else "torch"), rank)
    return found
