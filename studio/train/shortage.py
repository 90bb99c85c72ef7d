"""What to propose where memory did not suffice: the nodes that take most of it, and a batch that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.build.forecast import Forecast, forecast
from studio.build.rules_memory import together, with_smaller
from studio.errors import StudioError
from studio.project import storage
from studio.project.files import write_atomic
from studio.project.project import Project
from studio.train.room import room
from studio.train.runs import run_project

if TYPE_CHECKING:
    from studio.train.work import Work

LIKELY = 0.5
"""A forecast is no promise, and others take memory too: from this share of what is free on it may lack."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """`size` is a batch that fits, None where there is none; `together` of them make one step as large as
    before.
    """

    size: int | None
    together: int
    largest: tuple[str, ...]
    share: float = 1.0
    """How much of what is free a run needs, by the forecast."""

    @property
    def likely(self) -> bool:
        """Whether a run of which nothing is known but that it was ended may have lacked memory."""
        return self.share > LIKELY

    @property
    def told(self) -> str:
        """What took the memory, as the end of a message."""
        return f" Most of it is for {', '.join(self.largest)}." if self.largest else ""

    @property
    def guess(self) -> str:
        """What to do where it may have been something else."""
        return f"If it was want of memory: {self.hint[0].lower()}{self.hint[1:]}"

    @property
    def hint(self) -> str:
        """What to do."""
        if self.size is None:
            return "Make the network smaller, or train on another device."
        several = f", {self.together} of which make one step as large as before"
        return f"Go on with a batch size of {self.size}{several}; or make these nodes smaller."


def of_work(work: Work) -> Shortage:
    """For a run that trains in this process."""
    from studio.build.summary import costs

    parts = {name: len(part) for name, part in work.parts.items()}
    free = room(work.job.project)
    found = forecast(work.job.project, work.plan, costs(work.plan), work.prepared.fields, parts, free)
    there = free + found.fixed  # what stays whatever the batch is there already
    return _shortage(work.job.project, found, there)


def of_run(run_dir: Path, project: Project, parts: Mapping[str, int]) -> Shortage | None:
    """For a run whose process is gone; None where it had not come so far as to know its data."""
    from studio.build.check import Checker
    from studio.train.checkpoint import load_fields

    try:
        fields = load_fields(run_dir)
    except StudioError:
        return None
    free = room(project)
    checked = Checker().check(project, fields, parts=parts)
    found = forecast(project, checked.plan, checked.costs, fields, parts, free)
    return _shortage(project, found, free)


def shrink(run_dir: Path, size: int) -> None:
    """Let a run go on with a smaller batch from its last checkpoint, to which it fits. Raises StudioError."""
    project = run_project(run_dir)
    smaller = with_smaller(project, size)
    try:
        write_atomic(run_dir / "project.loom", storage.dumps(smaller).encode())
    except OSError as error:
        raise StudioError(f"{run_dir}: cannot be changed: {error.strerror or error}") from error


def _shortage(project: Project, found: Forecast, free: float) -> Shortage:
    """A forecast is no promise: what failed once is halved at least."""
    fits = found.fitting(min(free, found.fixed + found.each * (found.batch // 2)))
    size = fits or (1 if found.batch > 1 else None)
    several = together(project, size) if size else 1
    return Shortage(size, several, found.largest, found.total / max(free, 1.0))
