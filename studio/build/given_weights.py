"""Weights that a project begins with in place of fresh ones: a safetensors file that its settings name."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from studio.build.plan import Plan
from studio.errors import StudioError
from studio.project.project import Project

MOST_NAMED = 3
LEAVE = "Choose another file in the training settings, or leave it empty to begin with fresh weights."


def given_weights(project: Project, folder: Path) -> dict[str, Tensor] | None:
    """The weights that the training settings name, relative to `folder`; None where they name none.

    Raises StudioError where the file cannot be read.
    """
    given = project.training.options.get("weights")
    if not isinstance(given, str) or not given:
        return None
    path = folder / given
    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise StudioError(f"There is no file of weights {path}.", LEAVE) from error
    except (OSError, SafetensorError, ValueError) as error:
        raise StudioError(f"{path}: no weights can be read from it ({error}).", LEAVE) from error


def idle_nodes(project: Project, plan: Plan) -> frozenset[str]:
    """Nodes that the network does not run, since nothing uses what they give."""
    return frozenset(project.graph.nodes) - {step.name for step in plan.steps}


def fitting(
    given: Mapping[str, Tensor], own: Mapping[str, Tensor], whole: bool, idle: Container[str]
) -> tuple[dict[str, Tensor], list[str]]:
    """Those of the given weights that fit a network's own by name and shape, and in words what does not fit.

    `whole` raises StudioError where anything does not, but for weights of nodes that are `idle`.
    """
    found = {name: one for name, one in given.items() if name in own and one.shape == own[name].shape}
    differing = [_differing(name, given.get(name), one) for name, one in own.items() if name not in found]
    unknown = [f"{name} is in no node of the drawing" for name in given
               if name not in own and name.partition(".")[0] not in idle]  # fmt: skip
    if whole and (differing or unknown):
        told = [*differing, *unknown]
        more = f", and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
        raise StudioError(
            f"The weights to begin with do not fit the drawing: {'; '.join(told[:MOST_NAMED])}{more}.",
            "Give the nodes the names and sizes that they had, or switch weights_whole off in the training "
            "settings: what does not fit then begins afresh.",
        )
    return found, differing


def _differing(name: str, given: Tensor | None, own: Tensor) -> str:
    if given is None:
        return f"{name} is missing in the file"
    return f"{name} is {_shape(given)} in the file and {_shape(own)} in the drawing"


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"
