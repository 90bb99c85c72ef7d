"""Tells who records a step of the functions here: what is no operation of PyTorch would not be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import torch

Note = Callable[[Callable[..., Any], tuple[Any, ...], Any], None]
"""What takes a function, the tensors it was given, and what it gave."""
_modes: Callable[[], int] = torch._C._len_torch_dispatch_stack  # pyright: ignore


class _Recording(threading.local):
    """Who records what this thread does, and how many look at operations for it."""

    note: Note | None = None
    modes = 0


_recording = _Recording()


@contextmanager
def noting(note: Note) -> Generator[None]:
    """Tell `note` of functions from here on, which looks at the operations of PyTorch, too."""
    before, _recording.note = _recording.note, note
    _recording.modes += 1
    try:
        yield
    finally:
        _recording.note = before
        _recording.modes -= 1


@contextmanager
def unseen() -> Generator[None]:
    """Nobody sees what is done meanwhile."""
    note, _recording.note = _recording.note, None
    try:
        with torch._C._DisableTorchDispatch():  # pyright: ignore
            yield
    finally:
        _recording.note = note


def noted(function: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401
    """What a function gives."""
    if (note := _recording.note) is None:
        return function(*given)
    with unseen():
        found = function(*given)
    note(function, given, found)
    return found


def watched() -> bool:
    """Whether somebody looks at operations who is not told of functions."""
    return _modes() > _recording.modes
