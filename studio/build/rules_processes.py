"""Checks of where a training computes: devices, processes, and what cannot be parted among processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.build import fixes
from studio.build.whole import Whole
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.params import shown
from studio.project.project import Setting

WHOLE_WEIGHTS = ("LBFGS", "Muon", "Adafactor")
"""Optimizers that look at whole weights."""


def _options(whole: Whole) -> dict[str, Any]:
    return checked_values(TRAINING, whole.project.training.options)[0]


def _told(severity: Any, field: str, message: str, hint: str, *mended: Fix) -> Problem:  # noqa: ANN401
    return Problem(severity, f"training: {message}", hint, None, f"training.{field}", mended)


def several_of_both(whole: Whole) -> Iterator[Problem]:
    """Several seeds by several processes, which nothing trains."""
    options = _options(whole)
    if options["seeds"] > 1 and _world(whole, options) > 1:
        yield _told(
            "error",
            "seeds",
            "several seeds cannot be trained by several processes at once",
            "Train with one process, or with one seed.",
            fixes.set_training("processes", 1),
            fixes.set_training("seeds", 1),
        )


def unfit_sharding(whole: Whole) -> Iterator[Problem]:
    """A network that is parted among processes, with what needs all of it; or among one process."""
    options, optimizer = _options(whole), whole.project.training.optimizer.type
    if options["sharding"] == "none":
        return
    if _world(whole, options) == 1:
        yield _told(
            "warning",
            "sharding",
            f"sharding {shown(options['sharding'])} does nothing with one process",
            "Set how many processes train together, or start several with torchrun.",
            fixes.set_training("sharding", "none"),
            fixes.set_training("processes", 2),
        )
        return
    apart = fixes.set_training("sharding", "none")
    if optimizer in WHOLE_WEIGHTS:
        choose = Fix("Choose AdamW", lambda project: edits.set_optimizer(project, Setting("AdamW")))
        message = f"{optimizer} looks at whole weights, which no process has with sharding"
        yield _told("error", "sharding", message, "Another optimizer goes with it.", apart, choose)
    for name, value in (("average", "none"), ("precision", "bfloat16")):
        if (name, options[name]) in (("average", "ema"), ("average", "swa"), ("precision", "float16")):
            message = f"{name} {shown(options[name])} does not go together with sharding"
            hint = "No process has all of the weights or gradients that it takes."
            yield _told("error", name, message, hint, fixes.set_training(name, value), apart)


def idle_processes(whole: Whole) -> Iterator[Problem]:
    """More processes than a batch has samples, or than there are cores to compute them."""
    options = _options(whole)
    number, size = options["processes"], options["batch_size"]
    cores = whole.machine.cores if whole.machine and not whole.machine.cuda else number
    fitting = fixes.set_training("processes", min(number, size, max(1, cores)))
    if number > size:
        yield _told(
            "warning",
            "processes",
            f"{number} processes share batches of {size}: too few samples for all of them",
            "Each process needs at least one sample of a batch.",
            fitting,
            fixes.set_training("batch_size", number),
        )
    elif number > cores:
        yield _told(
            "warning",
            "processes",
            f"{number} processes on {cores} core{'' if cores == 1 else 's'} wait for each other",
            "More processes than cores make no training faster, and each takes memory.",
            fitting,
        )


def no_cuda(whole: Whole) -> Iterator[Problem]:
    """CUDA where there is none. Only a doubt: what is drawn can be exported, or trained elsewhere."""
    if _options(whole)["device"] == "cuda" and whole.machine is not None and whole.machine.cuda is False:
        yield _told(
            "warning",
            "device",
            "PyTorch finds no CUDA device here: it cannot be trained on this machine",
            "auto takes CUDA where there is one, and else the CPU.",
            fixes.set_training("device", "auto"),
        )


def _world(whole: Whole, options: dict[str, Any]) -> int:
    """How many processes train together."""
    return max(options["processes"], whole.machine.world if whole.machine else 1)
