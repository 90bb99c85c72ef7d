"""Running the user's own Python: only what is trusted, in bounds, with errors on the line at fault."""

from __future__ import annotations

import ast
import ctypes
import linecache
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import nn

from studio.catalog.registry import Layer
from studio.catalog.trust import digest, text_to_trust, trust
from studio.errors import StudioError

SECONDS = 5.0
"""How long a layer may take to be made or to tell its shapes."""


class TooSlowError(Exception):
    """A layer of the user's took longer than it may; raised inside of it, wherever it is."""


def is_trusted(layer: Layer) -> bool:
    """Whether the layer may run."""
    text = text_to_trust(layer)
    return not text or trust().holds(text)


def require_trust(layer: Layer) -> None:
    """Raise StudioError for a layer that may not run yet."""
    if not is_trusted(layer):
        what = "Its source" if layer.code else f"The module {layer.target}"
        raise StudioError(
            f"{what} has not been trusted, and so is not run.",
            "Read it in the inspector and trust it there; on the command line add --trust.",
        )


def class_of(layer: Layer) -> type[nn.Module]:
    """The class that a PythonLayer's source defines. Raises StudioError if it is not trusted."""
    require_trust(layer)
    assert layer.target
    return class_in(layer.code, layer.target)


def class_in(code: str, name: str) -> type[nn.Module]:
    """A class of a source that was trusted."""
    assert trust().holds(code)
    return _run(code)[name]


def file_name(code: str) -> str:
    """How tracebacks name a source."""
    return f"<layer {digest(code)[:12]}>"


@cache
def _run(code: str) -> dict[str, Any]:
    """The names that a source defines. It is run once; tracebacks show its lines."""
    name = file_name(code)
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    module = ModuleType(name)
    module.__dict__.update({"torch": torch, "nn": nn, "F": nn.functional, "Tensor": torch.Tensor})
    _import_what_it_needs(ast.parse(code, name))
    with bounded():
        exec(compile(code, name, "exec"), module.__dict__)
    return module.__dict__


def _import_what_it_needs(source: ast.Module) -> None:
    """Import what a source names at its head: the first time that may take longer than a layer may."""
    for line in source.body:
        names = [one.name for one in line.names] if isinstance(line, ast.Import) else []
        names += [line.module] if isinstance(line, ast.ImportFrom) and line.module and not line.level else []
        for name in names:
            with suppress(Exception):  # what cannot be imported is told where the source is run
                import_module(name)


@cache
def load_torch() -> None:
    """Have torch load what it loads for its first answer without memory: modules by the hundred, seconds on a
    busy machine. No layer's time is to pay for it, nor is it to be ended in the middle.
    """
    one = torch.empty((), device="meta")
    torch.mul(one, one)


@contextmanager
def bounded(seconds: float = SECONDS) -> Generator[None]:
    """End what runs inside after some seconds, as far as Python can; an exit becomes an error."""
    thread = threading.get_ident()
    timer = threading.Timer(seconds, _interrupt, (thread,))
    timer.daemon = True
    timer.start()
    try:
        yield
    except SystemExit as error:
        raise RuntimeError("it asks the program to exit") from error
    except TooSlowError as error:
        raise TooSlowError(f"it took longer than {seconds:g} seconds") from error
    finally:
        timer.cancel()


def _interrupt(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooSlowError))


def at_line(error: BaseException, layer: Layer) -> str:
    """ "line 12: " where an exception came out of the layer's own source, else ""."""
    line = line_of(error, layer.code) if layer.code else 0
    return f"line {line}: " if line else ""


def line_of(error: BaseException, code: str) -> int:
    """The last line of a source that an exception came through, 0 if none."""
    if isinstance(error, SyntaxError) and error.filename == file_name(code):
        return error.lineno or 0
    lines = [
        frame.lineno or 0
        for one in (error, error.__cause__)
        if one is not None
        for frame in traceback.extract_tb(one.__traceback__)
        if frame.filename == file_name(code)
    ]
    return lines[-1] if lines else 0
