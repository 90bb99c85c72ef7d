"""Weights beside source code, and how far the network that was written agrees with the one it came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.build.network import Network
from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.agreement import difference, results_of
from studio.interchange.samples_for import random_samples, samples_for
from studio.interchange.whole_files import write_whole
from studio.project.project import Project

Weights = Mapping[str, Tensor]


def save_tensors(tensors: Weights, path: Path) -> None:
    """Write tensors as safetensors, each by itself. Raises StudioError."""
    from safetensors.torch import save

    plain = torch.contiguous_format
    write_whole(
        path, save({name: one.detach().cpu().clone(memory_format=plain) for name, one in tensors.items()})
    )


def compared(
    project: Project, plan: Plan, text: str, name: str, weights: Weights, folder: Path | None
) -> tuple[float, int]:
    """The largest difference of any result of a class in source code from the network's, both with these
    weights, and on how many samples (of the data where they can be read from `folder`).

    Raises StudioError where the weights do not fit.
    """
    space: dict[str, Any] = {"__name__": "exported", "__file__": "exported.py"}
    exec(compile(text, "exported.py", "exec"), space)  # written here; the user's own classes are trusted
    written: nn.Module = space[name]()
    network = Network(plan)
    try:
        for one in (network, written):
            one.load_state_dict(dict(weights), strict=True)
            one.eval()
    except RuntimeError as error:
        raise StudioError(
            f"The weights do not fit the drawing: {error}", "Choose those of its run."
        ) from error
    samples = random_samples(plan) if folder is None else samples_for(project, plan, folder)
    given = [samples[step.field] for step in plan.model_inputs]
    with torch.no_grad():
        found = written(*given)
    theirs = list(found) if isinstance(found, tuple) else [found]
    return difference(results_of(network, plan, samples), theirs), len(given[0]) if given else 0
