"""How many bytes of memory a training may take now, where it computes."""

from __future__ import annotations

import sys

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.data.memory import free
from studio.project.project import Project


def room(project: Project) -> float:
    """What is free on the device of the project's settings. torch is asked only where it is loaded."""
    torch = sys.modules.get("torch")
    device = values_of(TRAINING, project.training.options)["device"]
    if device != "cpu" and torch is not None and torch.cuda.is_available():
        return float(torch.cuda.mem_get_info()[0])
    return float(free())
