"""Where a run computes: the environment to set before torch loads, the device, and the number of threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    import torch

WORTH_THREADS = 60_000_000
"""Multiply-adds of one step from which a second thread gains more than it costs."""


def prepare_environment() -> None:
    """Set what torch reads once, as it loads: call this before torch is imported anywhere.

    Threads that wait for work sleep instead of spinning: on a machine whose cores are wanted by a window too,
    spinning makes a step up to twenty times slower. What the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def choose_device(name: str) -> torch.device:
    """The device that the setting "auto", "cpu" or "cuda" means here. Raises StudioError."""
    import torch

    found = torch.cuda.is_available() if name != "cpu" else False
    if name == "cuda" and not found:
        raise StudioError(
            "Training is set to CUDA, and PyTorch finds no CUDA device here.",
            "Set the device to auto, or install PyTorch for CUDA and the NVIDIA driver.",
        )
    return torch.device("cuda" if found else "cpu")


def choose_threads(wanted: int, multiply_adds: int, neighbours: int = 1) -> int:
    """Threads of one operation: as set, else one for small steps, and for large ones every core but one.

    The last core is for the window and whatever else runs: operations that share all cores wait for the
    slowest, and two threads on a busy machine of two cores were measured several times slower than one.
    Of several processes of a run on a machine, its `neighbours`, each takes its part of the cores.
    """
    if wanted:
        return wanted
    cores = available_cores() // neighbours if neighbours > 1 else available_cores() - 1
    return max(1, cores) if multiply_adds >= WORTH_THREADS else 1


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
