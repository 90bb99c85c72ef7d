"""A doubt about a training that will not have enough memory, told before it starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.build.forecast import Forecast, forecast
from studio.build.whole import Whole
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.project import Project

SHARE = 0.9
"""Of the free memory that a run may plan with."""


def memory(whole: Whole) -> Iterator[Problem]:
    """More memory than there is, by forecast; the batch that fits is what mends it."""
    if whole.room is None or not whole.plan.losses or not whole.parts:
        return
    found = forecast(whole.project, whole.plan, whole.costs, whole.fields or {}, whole.parts, whole.room)
    if found.total <= SHARE * whole.room:
        return
    wanted, free = words(found.total), words(whole.room)
    largest = f"; the largest nodes are {_listed(found)}" if found.activations > found.fixed else ""
    message = f"training: about {wanted} of memory will be needed, {free} are free{largest}"
    size = found.fitting(SHARE * whole.room)
    fix = () if size is None or size == found.batch else (smaller(whole.project, size),)
    hint = (
        f"A batch size of {size} fits; {together(whole.project, size)} such batches can make one step."
        if fix and size
        else "Make the network or the data smaller, or train where there is more memory."
    )
    yield Problem("warning", message, hint, None, "training.batch_size", fix)


def smaller(project: Project, size: int) -> Fix:
    """A smaller batch, several of which make a step as large as before."""
    return Fix(
        f"Set batch_size to {size}, and {together(project, size)} batches to a step",
        lambda project: with_smaller(project, size),
    )


def with_smaller(project: Project, size: int) -> Project:
    """The project with a smaller batch, and as many to a step as make it as large as before: the digits are
    the same but for rounding, and for batch normalization, which looks at each batch by itself.
    """
    return edits.set_training(project, batch_size=size, accumulate=together(project, size))


def together(project: Project, size: int) -> int:
    """How many batches of a size make a step as large as the project's."""
    options: dict[str, Any] = dict(values_of(TRAINING, project.training.options))
    return int(options["accumulate"]) * max(1, int(options["batch_size"]) // size)


def words(size: float) -> str:
    """Bytes as people read them."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _listed(found: Forecast) -> str:
    return " and ".join(found.largest[:2])
