"""A module that its dotted path cannot make again, for its arguments are no numbers: as a Python layer, whose
class derives from the module's and has its arguments written out.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import pprint
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from studio.build.custom import class_in
from studio.catalog.module_source import find_class
from studio.catalog.python_source import SIZES, SourceError, read_layer
from studio.catalog.trust import trust
from studio.interchange.modules.values import Called, Place, called, placed
from studio.project.params import Value

LONGEST = 20_000
"""Characters that the text of one argument may have."""
WIDE = 100
Ports = tuple[tuple[str, Tensor], ...]


def written(
    module: nn.Module, around: Sequence[nn.Module], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Called | None:
    """The module as a node; None where no text makes another like it.

    Arguments that it has not kept are looked for in the modules around it, the nearest first.
    """
    try:
        text = _Text(module)
        text.make((module, *around))
        ports = text.call(inspect.signature(module.forward).bind(*args, **kwargs))
        answers = _answers(module, args, kwargs)
        source = text.of(tuple(answers))
        outputs = read_layer(source).outputs
    except (SourceError, ValueError, TypeError, AttributeError, KeyError):
        return None
    trust().add(source, keep=False)
    made = ports and _makes(module, source, text.params, ports, tuple(answers.values()))
    if not made or len(outputs) != len(answers):
        return None
    names = {place: port.name for place, port in zip(answers, outputs, strict=True)}
    return called(module, "PythonLayer", {"source": source, **text.params}, ports, names)


class _Text:
    """The text of the class, part by part."""

    def __init__(self, module: nn.Module) -> None:
        self._of = of = type(module)
        find_class(f"{of.__module__}.{of.__qualname__}")  # what only this process knows, no text can import
        self._imports = {"Base": f"from {of.__module__} import {of.__name__} as Base"}
        self._made: list[str] = []
        self._called: list[str] = []
        self._inputs: dict[str, Tensor] = {}
        self.params: dict[str, Value] = {}

    def make(self, holders: Sequence[nn.Module]) -> None:
        """The constructor's arguments, read off attributes of their names. Raises ValueError."""
        for name, param in list(inspect.signature(self._of.__init__).parameters.items())[1:]:
            if param.kind in (param.VAR_POSITIONAL, param.VAR_KEYWORD):
                continue
            given = next((getattr(one, name) for one in holders if hasattr(one, name)), param.default)
            if given is param.empty:
                raise ValueError(name)
            if isinstance(given, Tensor | nn.Module) and param.default is not param.empty:
                continue
            if isinstance(given, bool | int | float | str) and name not in SIZES:
                self.params[name] = given
                self._made.append(f"{name}={name}")
            elif given is not param.default:
                self._made.append(f"{name}={self._spelled(given)}")

    def call(self, bound: inspect.BoundArguments) -> Ports:
        """The arguments of a call; the tensors in them become inputs. Raises ValueError."""
        named = inspect.signature(self._of.forward).parameters
        for name, value in bound.arguments.items():
            several = named[name].kind is inspect.Parameter.VAR_KEYWORD
            for key, one in value.items() if several else ((name, value),):
                self._called.append(f"{key}={self._passed(key, one)}")
        return tuple(self._inputs.items())

    def of(self, places: Sequence[Place]) -> str:
        """The whole text, where the results lie at these places of what the module returns."""
        name = self._of.__name__[:1].upper() + self._of.__name__[1:]
        hints = [f"{key}: {type(value).__name__}" for key, value in self.params.items()]
        found = ["found" + "".join(f"[{key!r}]" for key in place) for place in places]
        return "\n".join(
            [
                *sorted(self._imports.values()),
                "from torch import Tensor",
                "\n",
                f"class {name}(Base):",
                f'    """{self._of.__name__} of {self._of.__module__}, made as the imported one was."""',
                "",
                f"    def __init__({', '.join(['self', *hints])}) -> None:",
                *_lines("super().__init__", self._made),
                "",
                f"    def forward({', '.join(['self', *(f'{key}: Tensor' for key in self._inputs)])}):",
                *_lines("found = super().forward", self._called),
                f"        return {', '.join(found)}",
                "",
            ]
        )

    def _passed(self, name: str, value: object) -> str:
        if isinstance(value, Tensor):
            self._inputs[name] = value
            return name
        if isinstance(value, tuple | list) and any(isinstance(one, Tensor) for one in value):
            inner = ", ".join(self._passed(f"{name}{at}", one) for at, one in enumerate(value))
            alone = "," if len(value) == 1 else ""
            return f"[{inner}]" if isinstance(value, list) else f"({inner}{alone})"
        return self._spelled(value)

    def _spelled(self, value: Any) -> str:  # noqa: ANN401
        """Python that makes such a value. Raises ValueError where there is none."""
        text = self._made_by(value)
        if len(text) > LONGEST:
            raise ValueError("too long")
        return text

    def _made_by(self, value: Any) -> str:  # noqa: ANN401
        if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
            return self._imported(value)
        if hasattr(value, "to_diff_dict") and hasattr(value, "from_dict"):  # of transformers
            told = {name: one for name, one in value.to_diff_dict().items() if name != "transformers_version"}
            return f"{self._imported(type(value))}.from_dict({_literal(told)})"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [one.name for one in dataclasses.fields(value) if one.init]
            inner = ", ".join(f"{name}={self._spelled(getattr(value, name))}" for name in fields)
            return f"{self._imported(type(value))}({inner})"
        if isinstance(value, types.SimpleNamespace):
            inner = ", ".join(f"{name}={self._spelled(one)}" for name, one in vars(value).items())
            return f"{self._imported(types.SimpleNamespace)}({inner})"
        return _literal(value)

    def _imported(self, thing: Any) -> str:  # noqa: ANN401
        name, module = thing.__name__, thing.__module__
        line = f"from {module} import {name}"
        if getattr(sys.modules[module], name, None) is not thing or self._imports.get(name, line) != line:
            raise ValueError(name)
        if module != "builtins":
            self._imports[name] = line
        return name


def _lines(start: str, arguments: Sequence[str]) -> Iterator[str]:
    """A call, in one line or in a line for each argument."""
    whole = f"        {start}({', '.join(arguments)})"
    if len(whole) <= WIDE:
        yield whole
        return
    yield f"        {start}("
    for one in arguments:
        yield from (f"            {line}" for line in f"{one},".splitlines())
    yield "        )"


def _literal(value: object) -> str:
    """A value of Python's own kinds as Python writes it. Raises ValueError for any other."""
    for one in _within(value):
        if isinstance(one, float) and not math.isfinite(one):
            raise ValueError("not finite")
        if one is not None and not isinstance(one, bool | int | float | str):
            raise ValueError(type(one).__name__)
    return pprint.pformat(value, width=WIDE - 16, compact=True, sort_dicts=False)


def _within(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _within(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _within(one)
    else:
        yield value


def _answers(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[Place, Tensor]:
    """What a module returns, by its place; what it draws at random is the same every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return dict(placed(module(*args, **kwargs)))


def _makes(
    module: nn.Module, source: str, params: Mapping[str, Value], ports: Ports, wanted: Sequence[Tensor]
) -> bool:
    """Whether the text makes a module with the same weights that gives the same."""
    try:
        with torch.random.fork_rng(devices=[]):
            made = class_in(source, read_layer(source).name)(**params).train(module.training)
        made.load_state_dict(module.state_dict())
        answers = tuple(_answers(made, (), dict(ports)).values())
    except Exception:  # Foreign code may raise anything.
        return False
    pairs = zip(answers, wanted, strict=False)
    return len(answers) == len(wanted) and all(
        one.shape == other.shape and torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)
        for one, other in pairs
    )
