"""What went wrong in code of somebody else, in one sentence: what, and in which line of whose file."""

from __future__ import annotations

import traceback
from pathlib import Path

import torch

import studio
from studio.errors import StudioError

OURS = tuple(str(Path(one.__file__ or "").parent) for one in (studio, torch))
LONGEST = 300


def place_of(error: BaseException) -> str:
    """The last line of code that is neither ours nor torch's, as " (model.py, line 12, in forward)"."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [one for one in frames if not one.filename.startswith((*OURS, "<frozen"))]
    if not theirs:
        return ""
    last = theirs[-1]
    inside = f", in {last.name}" if not last.name.startswith("<") else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{inside})"


def in_a_line(error: BaseException) -> str:
    """The first line of what an error says, or its type where it says nothing or cannot."""
    try:
        text = str(error).strip()
    except Exception:  # of an error of somebody else
        text = ""
    return (text or type(error).__name__).splitlines()[0]


def said(error: BaseException) -> str:
    """An error in one line, with its type."""
    if isinstance(error, SystemExit):
        return f"it ended the program with sys.exit({error.code if error.code is not None else ''})"
    text, kind = in_a_line(error)[:LONGEST], type(error).__name__
    return f"{kind}: {text if text != kind else 'no further words'}"


def fault_of(error: BaseException, what: str) -> StudioError:
    """The error to show: what could not be done, where it happened, and what to do."""
    if isinstance(error, SyntaxError):
        line = (error.text or "").strip()
        shown = f": {line}" if line else ""
        place = f"{Path(error.filename or 'the code').name}, line {error.lineno}"
        return StudioError(f"{what}: {place}: {error.msg}{shown}", "Correct that line.")
    if isinstance(error, ModuleNotFoundError) and error.name:
        return StudioError(
            f"{what}: it needs {error.name}, which is not installed{place_of(error)}.",
            f"Install {error.name} first, or run this where it can be found.",
        )
    return StudioError(f"{what}: {said(error)}{place_of(error)}.", "Run it by itself in Python first.")
