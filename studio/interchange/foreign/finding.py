"""Finds a module by what one writes: package.module:callable, file.py:callable, timm:name, transformers:name.

This imports and runs the code that is named: only what the user asks for.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import jit, nn

from studio.errors import StudioError
from studio.interchange.foreign.faults import fault_of, place_of
from studio.interchange.foreign.libraries import LIBRARIES, from_library
from studio.interchange.foreign.shapes import InputShape

FORMS = (
    "Write package.module:callable, file.py:callable, or timm:name, torchvision:name or transformers:name "
    "where these are installed."
)


@dataclass(frozen=True, slots=True)
class Found:
    """A module, what it is called, and the inputs that it is known to take, if any."""

    module: nn.Module
    name: str
    inputs: tuple[InputShape, ...] = ()
    file: Path | None = None
    """The Python file that it is from, where that was named."""


def find(source: str, arguments: Mapping[str, Any], folder: Path) -> Found:
    """The module that a text names; callables are called with the arguments. `folder` is where paths start,
    and modules are looked for. Raises StudioError.
    """
    head, colon, name = source.rpartition(":")
    if colon and head in LIBRARIES:
        module, inputs = from_library(head, name, arguments)
        return Found(_checked(module, source), name, inputs)
    path = Path(head if colon and head.endswith(".py") else source)
    if path.suffix == ".py":
        code, wanted = _run_file(folder / path), name if path != Path(source) else ""
    elif colon and head and name:
        code, wanted = _imported(head, folder), name
    else:
        raise StudioError(f"{source!r} names no callable.", FORMS)
    where = path.name if path.suffix == ".py" else head
    wanted = wanted or _only(code, where)
    made = _made(_attribute(code, wanted, where), f"{where}:{wanted}", arguments)
    return Found(made, wanted.split(".")[-1], file=folder / path if path.suffix == ".py" else None)


def _run_file(path: Path) -> ModuleType:
    """A Python file as a module, files beside it within reach."""
    if not path.is_file():
        raise StudioError(f"{path}: there is no such file.", "Check the path.")
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise StudioError(f"{path} cannot be loaded.", "Name a file that ends in .py.")
    code = module_from_spec(spec)
    sys.path.insert(0, str(path.parent.resolve()))
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = code  # dataclasses, and pickles of the file's own, look here
    try:
        spec.loader.exec_module(code)
    except (Exception, SystemExit) as error:
        if before is not None:
            sys.modules[path.stem] = before
        raise fault_of(error, f"{path.name} cannot be run") from error
    return code


def _imported(name: str, folder: Path) -> ModuleType:
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not error.name:
            raise fault_of(error, f"{name} cannot be imported") from error
        missing = error.name
        if missing in (name, name.partition(".")[0]) or name.startswith(f"{missing}."):
            hint = f"Install the package that has it, or run this in the folder where {missing}.py lies."
            raise StudioError(f"There is no module {missing}.", hint) from error
        hint = f"Install {missing} first."
        raise StudioError(
            f"{name} needs {missing}, which is not installed{place_of(error)}.", hint
        ) from error
    except (Exception, SystemExit) as error:
        raise fault_of(error, f"{name} cannot be imported") from error


def _attribute(code: ModuleType, name: str, where: str) -> Any:  # noqa: ANN401
    found: Any = code
    for part in name.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, [one for one in dir(found) if not one.startswith("_")], 3)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"It has: {_listed(code)}."
            raise StudioError(f"{where} has no {part}.", hint)
        found = getattr(found, part)
    return found


def _own(code: ModuleType) -> dict[str, Any]:
    """What a file defines that gives a module: module classes, functions, and modules."""
    return {
        name: one
        for name, one in vars(code).items()
        if not name.startswith("_")
        and (
            isinstance(one, nn.Module)
            or (getattr(one, "__module__", "") == code.__name__ and _gives_module(one))
        )
    }


def _gives_module(one: object) -> bool:
    return inspect.isfunction(one) or (inspect.isclass(one) and issubclass(one, nn.Module))


def _listed(code: ModuleType) -> str:
    return ", ".join(list(_own(code))[:12]) or "nothing that makes a module"


def _only(code: ModuleType, where: str) -> str:
    """What is meant in a file where nothing is named: its only module, class of modules, or function."""
    own = _own(code)
    made = [name for name, one in own.items() if isinstance(one, nn.Module)]
    classes = [name for name, one in own.items() if inspect.isclass(one)]
    chosen = made if len(made) == 1 else classes if len(classes) == 1 else list(own) if len(own) == 1 else []
    if not chosen:
        hint = f"Write {where}:name with one of: {_listed(code)}."
        raise StudioError(f"Which of what {where} has is meant?", hint)
    return chosen[0]


def _made(found: Any, what: str, arguments: Mapping[str, Any]) -> nn.Module:  # noqa: ANN401
    """The module itself, or what the callable gives."""
    if isinstance(found, nn.Module):
        return _checked(found, what)
    if not callable(found):
        raise StudioError(f"{what} is no module and cannot be called: it is {type(found).__name__}.", FORMS)
    _fits(found, what, arguments)
    try:
        return _checked(found(**arguments), what)
    except StudioError:
        raise
    except (Exception, SystemExit) as error:
        raise fault_of(error, f"{what} failed when it was called") from error


def _fits(found: Callable[..., Any], what: str, arguments: Mapping[str, Any]) -> None:
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**arguments)
    except TypeError as error:
        needs = [
            one.name
            for one in signature.parameters.values()
            if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
        ]
        missing = [name for name in needs if name not in arguments]
        known = ", ".join(f"{one}" for one in signature.parameters.values()) or "none"
        hint = f"Give them: {' '.join(f'--arg {name}=…' for name in missing)}." if missing else ""
        raise StudioError(f"{what} takes the arguments {known}: {error}.", hint) from error


def _checked(found: Any, what: str) -> nn.Module:  # noqa: ANN401
    if isinstance(found, jit.ScriptModule):
        hint = "Name the class that it was made from; compiled modules do not show what they compute."
        raise StudioError(f"{what} is a TorchScript module.", hint)
    if not isinstance(found, nn.Module):
        shown = f"an {type(found).__name__}" if type(found).__name__[0] in "aeiou" else type(found).__name__
        raise StudioError(f"{what} gave no torch.nn.Module but {shown}.", FORMS)
    return found
