"""Samples to compare two forms of a network on: real ones of the project's data, else random ones."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from studio.build.plan import InputStep, Plan, Ref, Step
from studio.build.requirements import Requirements
from studio.build.sizes import Dim, Requirement
from studio.build.trials import requirements_of
from studio.data.stream import taken
from studio.errors import StudioError
from studio.project.graph import Endpoint
from studio.project.project import Project

SEED = 0
OPEN_SIZE = 16
"""What an open size is in a random sample, where the drawing takes that."""


def samples_for(project: Project, plan: Plan, folder: Path, count: int = 8) -> dict[str, Tensor]:
    """So many samples of each field that the network takes, as the network gets them in training.

    They are of the project's data where all of these fields can be read (the test part first), with fewer
    where there are fewer. Else they are random: the same ones each time.
    """
    return _real(project, plan, folder, count) or random_samples(plan, count)


def random_samples(plan: Plan, count: int = 8) -> dict[str, Tensor]:
    """Random samples of the shapes of the Input nodes: normally distributed, or small numbers of classes."""
    generator = torch.Generator().manual_seed(SEED)
    requirements = requirements_of(plan) if any(step.type.open for step in plan.model_inputs) else {}
    sizes = _open_sizes(plan, requirements)
    return {step.field: _random(step, plan, count, sizes, generator) for step in plan.model_inputs}


def _real(project: Project, plan: Plan, folder: Path, count: int) -> dict[str, Tensor]:
    if project.data.source.type == "None":
        return {}
    from studio.data.prepare import prepare

    try:
        prepared = prepare(project.data, folder)
    except (StudioError, OSError):
        return {}
    part = next(
        (prepared.parts[name] for name in ("test", "validation", "train") if prepared.parts[name]), None
    )
    found: dict[str, Tensor] = {}
    for step in plan.model_inputs:
        if part is None or step.field not in prepared.fields:
            return {}
        if step.field in part.streams:
            streamed = part.streams[step.field]
            found[step.field] = streamed.tensor(taken(streamed.source, part.rows[:count]))
        else:
            found[step.field] = part.tensors[step.field][:count]
    return found


def _open_sizes(plan: Plan, requirements: Requirements) -> dict[str, int]:
    names = frozenset[str]().union(*(step.type.open for step in plan.model_inputs))
    return {name: _fitting(requirements.get(name, Requirement())) for name in names}


def _fitting(one: Requirement) -> int:
    return OPEN_SIZE if one.met(OPEN_SIZE) else one.nearest(OPEN_SIZE)[-1]


def _random(
    step: InputStep, plan: Plan, count: int, sizes: dict[str, int], generator: torch.Generator
) -> Tensor:
    shape = [size.at(count, **sizes) if isinstance(size, Dim) else size for size in step.type.shape]
    if step.type.dtype == "bool":
        return torch.rand(shape, generator=generator) < 0.5
    kind = getattr(torch, step.type.dtype)
    if kind.is_floating_point:
        return torch.randn(shape, generator=generator).to(kind)
    return torch.randint(0, _classes(plan, Endpoint(step.name, "output")), shape, generator=generator).to(
        kind
    )


def _classes(plan: Plan, start: Ref) -> int:
    """How many classes may come at an Input: as many as the smallest table that they look up has rows."""
    rows: list[int] = []
    waiting: list[tuple[Plan, Ref]] = [(plan, start)]
    for here, ref in waiting:
        for step in here.steps:
            for port in (port for at, port in zip(step.args, step.ports, strict=True) if at == ref):
                rows += _rows(step)
                waiting += [(inner, Endpoint(port, "output")) for inner in step.inner[:1]]
                waiting += [(here, end) for end in _whole_numbers(step)]
    return min(rows, default=2)


def _whole_numbers(step: Step) -> list[Ref]:
    """The results that may be classes still: those that are integers."""
    ends = zip(step.layer.outputs, step.outputs, strict=True)
    return [Endpoint(step.name, port.name) for port, type in ends if type.dtype == "int64"]


def _rows(step: Step) -> list[int]:
    found = (step.kwargs.get(name) for name in ("num_embeddings", "num_classes"))
    return [one for one in found if isinstance(one, int) and one > 0]
