"""What the tests of Keras share: plans of samples, and networks whose every weight says something."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.data.describe import describe
from studio.project.project import Project
from studio.project.storage import load

SAMPLES = Path(__file__).parents[3] / "samples"


@cache
def sample(name: str) -> tuple[Project, Plan]:
    """A sample and its plan; without its data, such as may not be there, as its Inputs say."""
    path = SAMPLES / f"{name}.loom"
    project = load(path)
    described = describe(project.data, path.parent)
    checked = Checker().check(project, described.fields, described.problems, described.parts)
    assert not checked.errors, checked.errors
    return project, checked.plan


def shaken(plan: Plan) -> Network:
    """A network whose running statistics, scales and offsets are not those that change nothing."""
    torch.manual_seed(0)
    network = Network(plan)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.dim() <= 1 and tensor.is_floating_point():
            tensor.add_(torch.rand_like(tensor) * 0.1)
    return network.eval()
