"""Which host a run gets where the setting says auto: the process for what takes long or much memory.

A thread starts at once and is right for most; the longer or larger a run, the more a window that breaks down,
or is closed for want of memory, would lose. No torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from studio.build.forecast import of_checked
from studio.build.plan import Checked
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.project.project import Project
from studio.train.devices import available_cores, choose_threads
from studio.train.distributed.launch import processes_of
from studio.train.runs import RunInfo

Name = Literal["thread", "process", "processes"]
Reason = Literal["chosen", "small", "long", "large"]
LONG_S = 600.0
LARGE = 0.25
"""Of the memory that is free."""
STEP_S, NODE_S = 150e-6, 40e-6
"""What a step costs whatever it computes, and for each node; measured on one core."""
RATE = 4e9
"""Multiply-adds that a core does in a second, forwards and backwards taken together."""
PASSES = 3
"""A step computes so many times what one look forwards does."""
CUDA = 100.0
"""How many cores a GPU counts as."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The host and why; `amount` is how many seconds or bytes are expected, where that is the reason, or how
    many processes train together.
    """

    host: Name
    reason: Reason
    amount: float = 0.0


def choose(checked: Checked, cuda: bool = False) -> Choice:
    """The host of a new run."""
    if processes_of(checked.project) > 1:
        return _together(checked.project)
    host = str(values_of(TRAINING, checked.project.training.options)["host"])
    needed = of_checked(checked)
    return _choice(host, expected_seconds(checked, cuda), needed.total if needed else 0, checked.room or 1.0)


def choose_again(info: RunInfo, project: Project) -> Choice:
    """The host of a run that goes on: by how long it took so far."""
    if processes_of(project) > 1:
        return _together(project)
    host = str(values_of(TRAINING, project.training.options)["host"])
    each = info.seconds / info.epochs_done if info.epochs_done else 0.0
    return _choice(host, each * (info.epochs - info.epochs_done), 0.0, 1.0)


def _together(project: Project) -> Choice:
    return Choice("processes", "chosen", processes_of(project))


def expected_seconds(checked: Checked, cuda: bool = False) -> float:
    """How long all epochs may take, to the order of magnitude."""
    options: dict[str, Any] = dict(values_of(TRAINING, checked.project.training.options))
    total, samples = checked.total, checked.parts.get("train", 0)
    steps = -(-samples // int(options["batch_size"])) * int(options["epochs"])
    threads = choose_threads(int(options["threads"]), total.multiply_adds * int(options["batch_size"]))
    workers = CUDA if cuda else min(threads, available_cores())
    overhead = steps * (STEP_S + NODE_S * len(checked.plan.steps))
    return overhead + PASSES * total.multiply_adds * samples * int(options["epochs"]) / (RATE * workers)


def _choice(host: str, seconds: float, needed: float, free: float) -> Choice:
    if host != "auto":
        return Choice("process" if host == "process" else "thread", "chosen")
    if needed > LARGE * free:
        return Choice("process", "large", needed)
    if seconds > LONG_S:
        return Choice("process", "long", seconds)
    return Choice("thread", "small")
