"""How a layer is called: its target, where tensors go among the arguments, and what its result holds."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any, cast

from torch import nn

from studio.build import custom, initial
from studio.catalog.registry import Layer
from studio.project.params import Value

Callee = Callable[..., Any]
"""A module or a function, called with tensors."""
Nested = Any
"""A tensor, or a tuple of what is nested."""
NO_OPTIONS: Mapping[str, Value] = MappingProxyType({})
Path = tuple[int, ...]
"""Which part of a nested tuple: () is the whole result, (1, 0) the first part of the second."""


@cache
def resolve(target: str) -> Callee:
    """The class or function of a dotted name."""
    module, _, name = target.rpartition(".")
    return getattr(importlib.import_module(module), name)


def target_of(layer: Layer) -> Callee:
    """The class or function that a layer stands for. Raises StudioError for one that may not run."""
    assert layer.target is not None
    if layer.code:
        return custom.class_of(layer)
    custom.require_trust(layer)
    return resolve(layer.target)


def make(layer: Layer, kwargs: Mapping[str, Any], options: Mapping[str, Value] = NO_OPTIONS) -> Callee:
    """What is called with tensors: a new module (its weights as the options say), or the function with its
    keywords.
    """
    target = target_of(layer)
    if layer.is_module:
        return initial.prepared(target(**kwargs), kwargs, options) if options else target(**kwargs)
    return partial(target, **kwargs) if kwargs else target


def is_module(callee: object) -> bool:
    """Whether what `make` returned has parameters and a mode."""
    return isinstance(callee, nn.Module)


@cache
def parse_returns(pattern: str) -> tuple[tuple[str, Path], ...]:
    """The names in a pattern such as "output, (hidden, cell)" and where each lies; `_` is left out."""
    found: list[tuple[str, Path]] = []

    def walk(part: ast.expr, path: Path) -> None:
        if isinstance(part, ast.Tuple):
            for index, item in enumerate(part.elts):
                walk(item, (*path, index))
        elif isinstance(part, ast.Name) and part.id != "_":
            found.append((part.id, path))

    walk(ast.parse(pattern, mode="eval").body, ())
    return tuple(found)


def paths(layer: Layer) -> tuple[Path, ...]:
    """Where each output port's tensor lies in the result, in the order of the ports."""
    if layer.block is not None and len(layer.outputs) > 1:
        return tuple((at,) for at in range(len(layer.outputs)))
    if not layer.returns:
        return ((),)
    where = dict(parse_returns(layer.returns))
    return tuple(where[port.name] for port in layer.outputs)


def part(result: Nested, path: Path) -> Nested:
    """The part of a nested tuple at a path."""
    for index in path:
        result = result[index]
    return result


def arrange(layer: Layer, ports: Sequence[str], tensors: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of the call: a tensor, or several in a list or tuple.

    A tensor after an optional input that is left out goes in by its port's name.
    """
    args: list[Any] = []
    named: dict[str, Any] = {}
    gap = False
    for port in layer.inputs:
        here: list[Any] = [tensor for name, tensor in zip(ports, tensors, strict=True) if name == port.name]
        if port.name in layer.together[1:]:
            continue
        if port.name in layer.together and here:
            here = [tuple(one for name, one in zip(ports, tensors, strict=True) if name in layer.together)]
        elif layer.as_list and port.variadic and here:
            here = [here]
        if not here:
            gap = True
        elif gap or port.keyword:
            named[port.name] = here[0]
        else:
            args += here
    return args, {**named, **cast(Mapping[str, Any], layer.call)}
