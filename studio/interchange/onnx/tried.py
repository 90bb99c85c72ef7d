"""What nodes make of known tensors: whether they only change places, and what follows from sizes alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from studio.build import calls
from studio.build.plan import Step
from studio.build.sizes import BATCH, TensorType
from studio.interchange.onnx.drawing import Drawing
from studio.project.graph import Endpoint

MOVING = frozenset(
    {
        "Reshape",
        "Flatten",
        "Permute",
        "Transpose",
        "Squeeze",
        "Unsqueeze",
        "Select",
        "Slice",
        "Split",
        "Chunk",
    }
)
"""Layers that change the places of numbers, or leave some out, and never a number."""
MOVES = frozenset(
    {"reshape", "flatten", "permute", "transpose", "squeeze", "unsqueeze", "select", "narrow", "expand"}
)
"""Functions of formulas that do no more."""
SIZES = ({BATCH: 2, "": 5}, {BATCH: 3, "": 7}, {BATCH: 4, "": 6})
"""Numbers of samples to try, and the least of other open sizes."""


def trials(types: list[TensorType]) -> Iterator[dict[str, int]]:
    """Values to try for everything that is open in some types, all different."""
    names = sorted({name for type in types for name in type.open})
    for each in SIZES[: 3 if names else 2]:
        yield {BATCH: each[BATCH], **{name: each[""] + 2 * at for at, name in enumerate(names)}}


def shape_of(type: TensorType, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape at some sizes."""
    return type.at(sizes[BATCH], **{name: size for name, size in sizes.items() if name != BATCH})


def numbers_read(step: Step) -> tuple[Endpoint, ...]:
    """The tensors whose numbers a step reads: a formula may read the sizes of others alone."""
    ends = [(port, ref) for port, ref in zip(step.ports, step.args, strict=True) if isinstance(ref, Endpoint)]
    if step.layer.type != "Expression":
        return tuple(end for _, end in ends)
    named = _names_read(_formula(step))
    return tuple(end for port, end in ends if port in named)


def _formula(step: Step) -> ast.expr:
    return ast.parse(str(step.kwargs["expression"]), mode="eval").body


def _names_read(tree: ast.expr) -> list[str]:
    """Each place where a formula reads more of a tensor than its sizes and where it lies."""
    passed = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    passed |= {id(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    return [one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and id(one) not in passed]


def _moves(step: Step) -> bool:
    if step.layer.type != "Expression":
        return step.layer.type in MOVING
    match tree := _formula(step):
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(), *_]) if name in MOVES:
            return len(_names_read(tree)) == 1
        case ast.Subscript(value=ast.Name()):
            return len(_names_read(tree)) == 1
        case _:
            return False


def backwards(end: Endpoint, drawing: Drawing) -> Iterator[Endpoint]:
    """A tensor, and those before it of which it has the numbers, up to the one where they were computed."""
    yield end
    while (step := drawing.steps.get(end.node)) is not None and _moves(step):
        (end,) = numbers_read(step)
        yield end


def of_sizes(end: Endpoint, drawing: Drawing) -> bool:
    """Whether a tensor follows from constants and the sizes of others alone."""
    waiting, seen = [end], {end}
    for one in waiting:
        step = drawing.steps.get(one.node)
        if one in drawing.known:
            continue
        if step is None or step.layer.is_module:
            return False
        new = set(numbers_read(step)) - seen
        seen |= new
        waiting += new
    return True


def tried(
    end: Endpoint, given: Mapping[Endpoint, Tensor], drawing: Drawing, sizes: Mapping[str, int]
) -> Tensor:
    """A tensor as the nodes make it of those that are `given`; of others only the sizes may matter."""
    known = {**drawing.known, **given}

    def value(wanted: Endpoint) -> Tensor:
        if wanted not in known:
            step = drawing.steps[wanted.node]
            read = numbers_read(step)
            tensors = [
                value(ref) if ref in read else torch.empty(shape_of(drawing.types[ref], sizes))
                for ref in step.args
                if isinstance(ref, Endpoint)
            ]
            args, named = calls.arrange(step.layer, step.ports, tensors)
            with torch.no_grad():
                result = calls.make(step.layer, step.kwargs, step.options)(*args, **named)
            for port, path in zip(step.layer.outputs, calls.paths(step.layer), strict=True):
                known[Endpoint(wanted.node, port.name)] = calls.part(result, path)
        return known[wanted]

    return value(end)
