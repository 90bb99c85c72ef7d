"""Marks a run that its window left in the middle by closing, so that it is offered again. No torch."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from studio.train.runs import RunInfo

NAME = "left.txt"


def leave(run_dir: Path) -> None:
    """The window closes while this run trains."""
    with suppress(OSError):
        (run_dir / NAME).touch()


def take_up(run_dir: Path) -> None:
    """The run goes on."""
    with suppress(OSError):
        (run_dir / NAME).unlink(missing_ok=True)


def was_left(run: RunInfo) -> bool:
    """Whether a run that could go on ended with the window or the program, and not because somebody stopped
    it.
    """
    return run.resumable and (run.status == "interrupted" or (run.path / NAME).exists())
