"""Which layer a constructor in pasted code stands for, and the parameters that its arguments set."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from itertools import product
from typing import Any

from studio.catalog.registry import Layer, Registry
from studio.errors import StudioError
from studio.interchange.pasted.text import dotted, refused
from studio.interchange.pasted.values import Reference, Values
from studio.interchange.pytorch.text import NOTHING, defaults
from studio.project.params import Bool, Int, Param, Value

HOMES = ("", "nn", "torch.nn", "torch", "F", "nn.functional", "torch.nn.functional", "functional")
"""Where code finds layers and their functions."""
WITHOUT_EFFECT = frozenset({"inplace", "device"})
"""Arguments that change no result."""
Found = tuple[str, dict[str, Value]]
"""A layer's type, and what is set of its parameters."""


class Catalog:
    """The layers of a registry by what code calls them; `aliases` are names that the text imports."""

    def __init__(self, known: Registry) -> None:
        self.aliases: dict[str, str] = {}
        self._layers: dict[str, Layer] = {}
        named = [one for one in known.layers.values() if one.target and not one.code and not one.block]
        for layer in sorted(named, key=lambda one: one.target != f"torch.nn.{one.type}"):
            name = str(layer.target).rpartition(".")[2]
            if layer.is_module:
                self._layers.setdefault(name, layer)
        self._functions = {name.casefold(): layer for name, layer in self._layers.items()}

    def layer(self, name: str) -> tuple[Layer, str] | None:
        """The layer that a dotted name stands for, and its class in torch; None where there is none."""
        full = self._full(name)
        home, _, last = full.rpartition(".")
        if home not in HOMES:
            return None
        if last in self._layers:
            return self._layers[last], str(self._layers[last].target)
        bare = last.removeprefix("Lazy")
        if bare != last and bare in self._layers:
            return self._layers[bare], f"torch.nn.{last}"
        layer = self._functions.get(last.replace("_", ""))
        return (layer, str(layer.target)) if layer and last.islower() else None

    def close_to(self, name: str) -> str:
        """A name that is nearly this one; empty where none is."""
        last = name.rpartition(".")[2]
        found = get_close_matches(last, self._layers, 1, 0.7)
        return found[0] if found else ""

    def _full(self, name: str) -> str:
        first, dot, rest = name.partition(".")
        return self.aliases.get(first, first) + dot + rest


def made(call: ast.expr, catalog: Catalog, values: Values) -> Found:
    """The layer that a constructor makes, or that a function's name stands for. Raises StudioError."""
    name = dotted(call.func) if isinstance(call, ast.Call) else dotted(call)
    found = catalog.layer(name)
    if found is None:
        close = catalog.close_to(name)
        hint = f"Did you mean {close}?" if close else "Draw it by hand, or as a Python layer."
        raise refused(call, f"{name or ast.unparse(call)[:40]} is no layer that Neuroloom has", hint)
    layer, target = found
    given = _bound(call, target, layer) if isinstance(call, ast.Call) else {}
    return layer.type, _params(layer, target, given, values, call)


@cache
def _signature(target: str) -> Mapping[str, Any]:
    return defaults(target)


def _bound(call: ast.Call, target: str, layer: Layer) -> dict[str, ast.expr]:
    """The arguments by name."""
    names = list(_signature(target))
    given: dict[str, ast.expr] = {}
    for place, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            raise refused(argument, f"{ast.unparse(argument)[:40]} is not read", "Write the arguments out.")
        if place >= len(names):
            raise refused(call, f"{layer.type} takes {len(names)} arguments, not {len(call.args)}")
        given[names[place]] = argument
    for keyword in call.keywords:
        if keyword.arg not in names:
            listed = ", ".join(names)
            raise refused(call, f"{layer.type} has no argument {keyword.arg or '**'}", f"It has {listed}.")
        given[keyword.arg] = keyword.value
    return given


def _params(
    layer: Layer, target: str, given: Mapping[str, ast.expr], values: Values, call: ast.expr
) -> dict[str, Value]:
    signature = _signature(target)
    params = {param.name: param for param in layer.params}
    found: dict[str, Value] = {}
    derived: dict[str, Value] = {}
    for name, node in given.items():
        if name in params:
            found |= _kept(params[name], _value(params[name], node, values))
        elif name in layer.derived or _adapts(layer, name):
            with suppress(StudioError):
                derived[name] = values.of(node)
        elif name not in WITHOUT_EFFECT and not _is_default(values.of(node), signature[name]):
            hint = "Leave it out, or draw the layer as a Python layer."
            raise refused(node, f"{name} of {layer.type} cannot be drawn", hint)
    if isinstance(call, ast.Call):
        _complete(layer, signature, given, found, call)
    return {**found, **_options(layer, found, derived)}


def _value(param: Param, node: ast.expr, values: Values) -> Value:
    word = node.id if isinstance(node, ast.Name) else ""
    value = word if _takes(param, word) else values.of(node)
    if isinstance(value, Reference):
        value = value.rpartition(".")[2]
    if isinstance(value, str) and value.startswith("="):
        return value
    try:
        return param.check(value)
    except ValueError as error:
        raise refused(node, str(error), "Write a value that it takes.") from None


def _takes(param: Param, word: str) -> bool:
    """Whether a bare name is one of the words that a parameter takes, as print(model) shows them."""
    return word in getattr(param, "words", ()) or word in getattr(param, "options", ())


def _kept(param: Param, value: Value) -> dict[str, Value]:
    return {} if value == param.default and type(value) is type(param.default) else {param.name: value}


def _is_default(value: Value, default: object) -> bool:
    return value == default or value is None


def _complete(
    layer: Layer,
    signature: Mapping[str, Any],
    given: Mapping[str, ast.expr],
    found: dict[str, Value],
    call: ast.expr,
) -> None:
    """Set what code leaves out where torch's default is not ours; tell what it may not leave out."""
    for param in layer.params:
        default = signature.get(param.name, NOTHING)
        if param.name in given or param.name not in signature:
            continue
        if default is NOTHING:
            hint = f"Write for example {param.name}={param.default!r}."
            raise refused(call, f"{layer.type} needs {param.name}", hint)
        with suppress(ValueError):
            found |= _kept(param, param.check(getattr(default, "__name__", default)))


def _adapts(layer: Layer, name: str) -> bool:
    """Whether a layer reads an argument off the input, as its parameters say."""
    return layer.adapt is not None and name in layer.adapt(layer.values({})).derived


def _options(layer: Layer, found: Mapping[str, Value], derived: Mapping[str, Value]) -> dict[str, Value]:
    """The options that make what the layer reads off its input come out as the code has it."""
    if layer.adapt is None or not derived:
        return {}
    own = [param for param in layer.options if isinstance(param, Bool | Int)][:2]
    tried = [(param.default, *_alternatives(param)) for param in own]
    for choice in product(*tried):
        options = dict(zip((param.name for param in own), choice, strict=True))
        adapted = layer.adapt(layer.values({**found, **options}))
        if all(_comes_out(adapted, name, value) for name, value in derived.items()):
            return {param.name: options[param.name] for param in own if options[param.name] != param.default}
    return {}


def _alternatives(param: Param) -> Sequence[Value]:
    return (not param.default,) if isinstance(param, Bool) else range(1, 5)


def _comes_out(layer: Layer, name: str, value: Value) -> bool:
    sizes = value if isinstance(value, tuple) else (value,)
    if name not in layer.derived or not all(isinstance(one, int) for one in sizes):
        return True
    shape = (2, *(one for one in sizes if isinstance(one, int)))
    try:
        made = layer.derived[name]({port.name: (shape,) for port in layer.inputs})
    except (ValueError, LookupError):
        return False
    return (made if isinstance(made, tuple) else (made,)) == sizes
