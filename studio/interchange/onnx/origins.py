"""From which module each operator of a file comes, as far as its names or its metadata say it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from studio.interchange.imported import ModulePath

SCOPES, CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"
"""Where torch writes the modules that an operator is in, outermost first, and their classes."""
Origins = tuple[list[ModulePath], dict[ModulePath, str]]


def origins_of(nodes: Iterable[Any]) -> Origins:
    """The module of each operator, and the classes of modules; what lies between two of one is of it too."""
    classes: dict[ModulePath, str] = {}
    found = [_by_metadata(node, classes) or _by_name(node.name) for node in nodes]
    return _filled(found), classes


def _by_metadata(node: Any, classes: dict[ModulePath, str]) -> ModulePath | None:  # noqa: ANN401
    told = {one.key: one.value for one in node.metadata_props if one.key in (SCOPES, CLASSES)}
    scopes = _names(told.get(SCOPES, ""))
    if len(scopes) < 2:
        return None
    paths = [_path(one) for one in scopes[:-1]]  # the last is the call itself
    for path, name in zip(paths, _names(told.get(CLASSES, "")), strict=False):
        classes.setdefault(path, name.rpartition(".")[2])
    return paths[-1]


def _names(text: str) -> list[str]:
    try:
        found = ast.literal_eval(text or "[]")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    return [str(one) for one in found] if isinstance(found, list | tuple) else []  # pyright: ignore


def _path(scope: str) -> ModulePath:
    return tuple(part for part in scope.split(".") if part)


def _by_name(name: str) -> ModulePath | None:
    """The module in a name such as /layer1/layer1.0/conv1/Conv: each part may say again what it is in."""
    *parts, _ = name.split("/")
    path: ModulePath = ()
    for part in parts:
        inner = _path(part)
        path += inner[len(path) :] if path and inner[: len(path)] == path else inner[_again(path, inner) :]
    return path or None


def _again(path: ModulePath, inner: ModulePath) -> int:
    """How many parts of a name repeat the last ones of where it is: 1 for layer1.0 within layer1."""
    return next((n for n in range(len(inner) - 1, 0, -1) if path[-n:] == inner[:n]), 0)


def _filled(found: Sequence[ModulePath | None]) -> list[ModulePath]:
    after: list[ModulePath | None] = []
    last: ModulePath | None = None
    for one in reversed(found):
        last = one if one is not None else last
        after.append(last)
    paths: list[ModulePath] = []
    before: ModulePath = ()
    for one, following in zip(found, reversed(after), strict=True):
        before = one if one is not None else _shared(before, following or ())
        paths.append(before)
    return paths


def _shared(one: ModulePath, other: ModulePath) -> ModulePath:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[: min(len(one), len(other)) if length is None else length]
