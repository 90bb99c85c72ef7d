"""Finding the source of an importable class by its dotted path, without importing or running anything."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

from studio.catalog.python_source import SourceError, parsed

DEEPEST = 12
"""At most so many re-exports are followed."""


@lru_cache(maxsize=256)
def find_class(path: str) -> ast.ClassDef:
    """The class that package.module.Class names, through re-exports. Raises SourceError."""
    module, _, name = path.rpartition(".")
    if not module or not all(part.isidentifier() for part in path.split(".")):
        raise SourceError(f"{path} is no dotted path; write package.module.Class")
    found = _in_module(module, name, DEEPEST)
    if found is None:
        raise SourceError(f"{module} has no class {name}")
    return found


def _in_module(module: str, name: str, deepest: int) -> ast.ClassDef | None:
    file = _file(module)
    if file is None or deepest == 0:
        return None
    body = _tree(file).body
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for one in body:
        if isinstance(one, ast.ClassDef) and one.name == name:
            return one
    for origin, wanted in _origins(body, package, name):
        found = _in_module(origin, wanted, deepest - 1)
        if found is not None:
            return found
    return None


def _origins(body: list[ast.stmt], package: str, name: str) -> Iterator[tuple[str, str]]:
    """Where a name may be imported from: module, and its name there."""
    for one in body:
        if isinstance(one, ast.ImportFrom):
            for alias in one.names:
                if alias.name == "*" or (alias.asname or alias.name) == name:
                    yield _absolute(one, package), name if alias.name == "*" else alias.name


def _absolute(statement: ast.ImportFrom, package: str) -> str:
    if not statement.level:
        return statement.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - (statement.level - 1)]
    return ".".join([*kept, *([statement.module] if statement.module else [])])


@lru_cache(maxsize=256)
def _file(module: str) -> Path | None:
    """The source file of a module. Packages on the way are looked up, never imported; SourceError."""
    search: list[str] | None = list(sys.path)
    spec = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, search)
        if spec is None:
            missing = f"there is no module {name}" if "." in name else f"no package {name} is installed"
            raise SourceError(missing)
        search = list(spec.submodule_search_locations or [])
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@lru_cache(maxsize=64)
def _tree(file: Path) -> ast.Module:
    try:
        return parsed(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file} cannot be read: {error}") from None
