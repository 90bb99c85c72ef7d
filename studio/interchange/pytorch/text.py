"""Pieces of readable Python: constructors and calls with only the arguments that matter; long lines."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_overloads

from studio.build import calls, custom
from studio.catalog.registry import Layer
from studio.interchange.pytorch.formula import Code
from studio.project.params import Value

NOTHING: Any = inspect.Parameter.empty


def constructor(layer: Layer, kwargs: Mapping[str, Any]) -> str:
    """The text that makes a module: required arguments by place, others by name where not the default."""
    assert layer.target is not None
    return f"{short(layer.target)}({', '.join(arguments(layer, kwargs))})"


def call(layer: Layer, kwargs: Mapping[str, Any], names: Sequence[str], ports: Sequence[str]) -> str:
    """The expression that a function layer stands for, on variables of these names."""
    if layer.joined:
        return f" {layer.joined} ".join(names)
    if layer.source:
        return hugged(_filled(layer.source, kwargs, names, ports))
    assert layer.target is not None
    settings = [one for one in arguments(layer, kwargs, by_name=True) if one]
    return f"{short(layer.target)}({', '.join([*tensors(layer, names, ports), *settings])})"


POWER = re.compile(r"(?<![\w.)\]])([A-Za-z_][\w.]*|\d[\d.]*) \*\* (-?[\w.]+)(?![\w.(\[])")


def hugged(code: str) -> str:
    """Code in which the sign of a power stands close between simple names and numbers, as ruff has it."""
    return POWER.sub(r"\1**\2", code)


def tensors(layer: Layer, names: Sequence[str], ports: Sequence[str]) -> list[str]:
    """The texts of the tensor arguments and of the call's fixed keywords."""
    args, named = calls.arrange(layer, ports, names)
    texts = [_gathered(one) for one in args]
    for key, value in named.items():
        fixed = key in layer.call
        texts.append(f"{key}={literal(value) if fixed else _gathered(value)}")
    return texts


def _gathered(names: str | list[str] | tuple[str, ...]) -> str:
    """One argument: a variable, or several of them in a list or tuple."""
    if isinstance(names, str):
        return names
    return f"[{', '.join(names)}]" if isinstance(names, list) else f"({', '.join(names)})"


def short(target: str) -> str:
    """How code names a target: nn.Linear, F.pad, torch.cat, or a copied function by its bare name."""
    for long, name in (("torch.nn.functional.", "F."), ("torch.nn.", "nn.")):
        if target.startswith(long):
            return name + target.removeprefix(long)
    return target.rpartition(".")[2] if is_copied(target) else target


def is_copied(target: str) -> bool:
    """Whether code copies the target, since torch has nothing like it."""
    return target.startswith("studio.build.")


def arguments(layer: Layer, kwargs: Mapping[str, Any], by_name: bool = False) -> list[str]:
    """The texts of the arguments that are needed, in the order of the signature."""
    known = defaults(layer.target or "", layer.code)
    signed = all(name in known for name in kwargs)
    ordered = [name for name in known if name in kwargs] if signed else list(kwargs)
    texts: list[str] = []
    for name in ordered:
        default = known.get(name, NOTHING)
        required = default is NOTHING and name in known
        by_name = by_name or not required
        if default is NOTHING or not _same(kwargs[name], default):
            value = literal(kwargs[name])
            texts.append(f"{name}={value}" if by_name else value)
    return texts


def _same(value: Value, default: object) -> bool:
    if callable(default):
        return getattr(default, "__name__", None) == value
    return value == default and isinstance(value, bool) == isinstance(default, bool)


@cache
def defaults(target: str, code: str = "") -> Mapping[str, Any]:
    """The parameters of a class or function with their defaults (NOTHING where there is none).

    `code` is the source of the user's own that defines it.
    """
    callee = custom.class_in(code, target) if code else calls.resolve(target)
    made = get_overloads(callee.__init__) if inspect.isclass(callee) else ()
    for one in (*made[:1], *inspect.getmro(callee)) if inspect.isclass(callee) else (callee,):
        try:
            parameters = list(inspect.signature(one).parameters.values())
        except ValueError:
            return _documented(callee)
        variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        named = {p.name: p.default for p in parameters if p.kind not in variable and p.name != "self"}
        if named or not parameters:
            return named
    return {}


def _documented(callee: object) -> dict[str, Any]:
    """Defaults as torch's documentation tells them, for functions without a signature."""
    text = inspect.getdoc(callee) or ""
    name = re.escape(getattr(callee, "__name__", "").rpartition("_")[2])
    signatures = " ".join(re.findall(rf"{name}\(([^()]*)\)\s*->", text))
    found: dict[str, Any] = {}
    for name, text in re.findall(r"(\w+)(?:: [^=,]+)? ?= ?([\w.+-]+)", signatures):
        try:
            found[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            continue
    return found


def literal(value: Value | Code) -> str:
    """A parameter's value as Python text; code in it stays as it is."""
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _filled(template: str, kwargs: Mapping[str, Any], names: Sequence[str], ports: Sequence[str]) -> str:
    by_port = dict(zip(reversed(ports), reversed(names), strict=True))

    def text(match: re.Match[str]) -> str:
        star, name, otherwise = match.groups()
        if name == "inputs":
            return ", ".join(names)
        if name in by_port:
            return by_port[name]
        value = kwargs[otherwise or name]
        if isinstance(value, Code):
            return _code(value, bool(star), template[: match.start()], template[match.end() :])
        items = value if isinstance(value, tuple) else (value,)
        return ", ".join(map(literal, items)) if star else literal(value)

    return re.sub(r"\{(\*?)(\w+)\|?(\w*)\}", text, template)


def _code(value: Code, spread: bool, before: str, behind: str) -> str:
    """Code within a template, in brackets where an operator stands beside it."""
    if spread and value.several:
        return f"*{value.bracketed}"
    alone = before.rstrip()[-1:] in ("", "(", "[", ",", "=", ":") and behind.lstrip()[:1] in ("", *")],:")
    return value.text if alone else value.bracketed
