"""A module that cannot be read as one node: by its dotted path, with the arguments that make one like it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from studio.catalog.module_source import find_class
from studio.catalog.python_source import Signature, SourceError, read_class
from studio.catalog.trust import trust
from studio.interchange.modules.values import Called, Place, called, placed
from studio.project.params import Value

TAKEN = frozenset({"path", "self"})


def opaque(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Called | None:
    """The module as a node of its dotted path, None where no other like it could be made from there."""
    of = type(module)
    path = f"{of.__module__}.{of.__qualname__}"
    try:
        found = read_class(find_class(path))
        params = _arguments(module, found)
        ports = _ports(module, found, args, kwargs)
    except (SourceError, ValueError, TypeError, AttributeError):
        return None
    outputs: dict[Place, str] = {(): found.outputs[0].name}
    if len(found.outputs) > 1:
        outputs = {(at,): port.name for at, port in enumerate(found.outputs)}
    if not _makes(module, found, params, ports, outputs):
        return None
    trust().add(path, keep=False)
    return called(module, "Module", {"path": path, **params}, ports, outputs)


def _arguments(module: nn.Module, found: Signature) -> dict[str, Value]:
    """The constructor's arguments, read off attributes of their names. Raises ValueError, AttributeError."""
    values: dict[str, Value] = {}
    for param in found.params:
        given: Any = getattr(module, param.name, param.default)
        if param.name in TAKEN or (given is None and param.default is not None):
            raise ValueError(param.name)
        value = tuple(given) if isinstance(given, list) else given  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if isinstance(value, Tensor | nn.Module):
            value = param.default
        checked = param.check(value)
        if checked != param.default or param.essential:
            values[param.name] = checked
    return values


def _ports(
    module: nn.Module, found: Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[str, Tensor], ...]:
    bound = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    ports: list[tuple[str, Tensor]] = []
    names = {port.name for port in found.inputs if not port.variadic}
    for name, value in bound.items():
        if isinstance(value, Tensor) and name in names:
            ports.append((name, value))
        elif value is not None:
            raise ValueError(name)
    if not ports:
        raise ValueError("no tensor")
    return tuple(ports)


def _makes(
    module: nn.Module,
    found: Signature,
    params: Mapping[str, Value],
    ports: tuple[tuple[str, Tensor], ...],
    outputs: Mapping[Place, str],
) -> bool:
    """Whether these arguments make a module with the same weights that gives the same."""
    shapes = {name: (tuple(tensor.shape),) for name, tensor in ports}
    try:
        derived = {name: read(shapes) for name, read in found.derived.items()}
        with torch.random.fork_rng(devices=[]):
            made = type(module)(**derived, **params).eval()
        made.load_state_dict(module.state_dict())
        answers = [dict(placed(one(**dict(ports)))) for one in (made, module)]
    except Exception:  # Foreign code may raise anything.
        return False
    first, second = answers
    return first.keys() == second.keys() == outputs.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )
