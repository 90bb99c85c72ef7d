"""Reading Python source without running it: the layer that a class in it stands for.

The class's `__init__` becomes the form, its `forward` the ports; both are read off the syntax tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from studio.catalog.registry import Port, Shapes, first
from studio.project.params import Bool, Float, Int, Ints, Param, Text, Value

SIZES: Mapping[str, tuple[str, int]] = {
    "in_features": ("the features", -1),
    "input_size": ("the features", -1),
    "embed_dim": ("the features", -1),
    "d_model": ("the features", -1),
    "dim": ("the features", -1),
    "in_channels": ("the channels", 1),
    "num_features": ("the channels", 1),
    "channels": ("the channels", 1),
}
"""Arguments of these names without a default are read off the first input."""
KINDS = "an int, a float, a bool, a str, or a tuple of ints"


class SourceError(ValueError):
    """Source that no layer can be made of; `line` counts from 1, 0 where it is about the whole text."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Signature:
    """What a class tells about its layer."""

    name: str
    doc: str = ""
    params: tuple[Param, ...] = ()
    derived: Mapping[str, Callable[[Shapes], Value]] = field(default_factory=dict)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()

    @property
    def returns(self) -> str:
        """The pattern of a result of several tensors, "" for one."""
        return ", ".join(port.name for port in self.outputs) if len(self.outputs) > 1 else ""


@lru_cache(maxsize=256)
def read_layer(source: str) -> Signature:
    """The layer that the last class with a `forward` stands for. Raises SourceError."""
    classes = [
        one for one in parsed(source).body if isinstance(one, ast.ClassDef) and _method(one, "forward")
    ]
    if not classes:
        raise SourceError("there is no class with a forward method")
    return read_class(classes[-1])


def parsed(source: str) -> ast.Module:
    """The syntax tree. Raises SourceError with the line at fault."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise SourceError(f"Python does not understand this line: {error.msg}", error.lineno or 0) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"Python does not understand this text: {error}") from None


def read_class(found: ast.ClassDef) -> Signature:
    """The layer that a class stands for. Raises SourceError."""
    if not found.name[:1].isupper():
        raise SourceError(f"the class's name {found.name} must start with a capital", found.lineno)
    forward = _method(found, "forward")
    if forward is None:
        raise SourceError(f"{found.name} has no forward method", found.lineno)
    made = _method(found, "__init__")
    params, derived = _arguments(made) if made else ((), {})
    inputs = _inputs(forward)
    if not inputs:
        raise SourceError("forward takes no tensor", forward.lineno)
    source = inputs[0].name
    return Signature(
        found.name,
        (ast.get_docstring(found) or "").partition("\n")[0],
        tuple(params),
        {name: first(source, SIZES[name][1]) for name in derived},
        inputs,
        _outputs(forward),
    )


def _method(found: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((one for one in found.body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """Every named argument but the first (self), with its default."""
    plain = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    pairs = list(zip(plain, [*missing, *arguments.defaults], strict=True))
    return [*pairs[1:], *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]


def _arguments(made: ast.FunctionDef) -> tuple[list[Param], list[str]]:
    params: list[Param] = []
    derived: list[str] = []
    for argument, default in _defaults(made.args):
        if default is None and argument.arg in SIZES:
            derived.append(argument.arg)
            continue
        param = _param(argument, default)
        if param is None and default is None:
            text = f"the argument {argument.arg} needs a default, or an annotation: {KINDS}"
            raise SourceError(text, argument.lineno)
        if param is not None:
            params.append(param)
    return params, derived


def _param(argument: ast.arg, default: ast.expr | None) -> Param | None:
    """The parameter of an argument; None for one that no form can show, which then keeps its default."""
    name, doc = argument.arg, f"The argument {argument.arg}"
    hint = ast.unparse(argument.annotation) if argument.annotation else ""
    try:
        value: object = ast.literal_eval(default) if default is not None else _EMPTY.get(hint)
    except (ValueError, TypeError, SyntaxError):
        return None
    optional = value is None
    if hint == "bool" or isinstance(value, bool):
        return Bool(name, bool(value), doc, essential=True)
    if hint.startswith("int") or (isinstance(value, int) and not hint.startswith("float")):
        return Int(name, value if isinstance(value, int) else None, doc, essential=True, optional=optional)
    if hint.startswith("float") or isinstance(value, float):
        number = float(value) if isinstance(value, int | float) else None
        return Float(name, number, doc, essential=True, optional=optional)
    if isinstance(value, str):
        return Text(name, value, doc, essential=True)
    if isinstance(value, tuple | list) and value and all(isinstance(one, int) for one in value):
        return Ints(name, tuple(one for one in value if isinstance(one, int)), doc, essential=True)
    return None


_EMPTY: Mapping[str, object] = {"int": 1, "float": 1.0, "bool": False, "str": ""}


def _inputs(forward: ast.FunctionDef) -> tuple[Port, ...]:
    ports = [
        Port(argument.arg, f"The tensor {argument.arg}", optional=default is not None)
        for argument, default in _defaults(forward.args)
    ]
    if forward.args.vararg:
        ports.append(Port(forward.args.vararg.arg, "Any number of tensors", variadic=True))
    return tuple(ports)


def _outputs(forward: ast.FunctionDef) -> tuple[Port, ...]:
    """One result, or as many as the annotation or the returned tuple has."""
    returned = [one.value for one in ast.walk(forward) if isinstance(one, ast.Return) and one.value]
    last = returned[-1] if returned else None
    names = [
        item.id if isinstance(item, ast.Name) else f"output{at}"
        for at, item in enumerate(last.elts if isinstance(last, ast.Tuple) else [])
    ]
    hint = ast.unparse(forward.returns) if forward.returns else ""
    several = re.fullmatch(r"[Tt]uple\[(.*)\]", hint)
    if not names and several and "..." not in hint:
        names = [f"output{at}" for at in range(several.group(1).count(",") + 1)]
    if len(names) < 2 or len(set(names)) < len(names):
        return (Port("output", "The result"),)
    return tuple(Port(name, f"The result {name}") for name in names)


def told(error: SourceError) -> str:
    """The error with its line."""
    return f"line {error.line}: {error}" if error.line else str(error)
