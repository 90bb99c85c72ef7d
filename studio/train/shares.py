"""How much of a batch's loss each part of it makes, so that parts add up to the batch as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from studio.build.plan import LossStep
from studio.train.balance import target_field
from studio.train.objective import Objective
from studio.train.samples import Batch
from studio.train.team import ALONE, Team


def split(batch: Batch, sizes: Sequence[int]) -> list[Batch]:
    """A batch in parts of these sizes."""
    parts = {field: one.split(list(sizes)) for field, one in batch.items()}
    return [{field: of[at] for field, of in parts.items()} for at in range(len(sizes))]


def shares(
    objective: Objective, parts: Sequence[Batch], sizes: Sequence[int], team: Team = ALONE
) -> list[list[float]]:
    """For each part, the share of each loss of the plan: a loss is a mean over samples, or over what counts
    in them where classes have weights or are left out.
    """
    found: list[list[float]] = []
    for loss, module in objective.modules:
        masses = _masses(objective, loss, module, parts, sizes, team) or [float(size) for size in sizes]
        total = sum(masses)
        found.append([mass / total if total else 1.0 / len(sizes) for mass in masses])
    return [list(of) for of in zip(*found, strict=True)]


def _masses(
    objective: Objective,
    loss: LossStep,
    module: nn.Module,
    parts: Sequence[Batch],
    sizes: Sequence[int],
    team: Team,
) -> list[float] | None:
    """The weights of the classes that count in each part; None where every sample counts the same."""
    field = target_field(objective.plan, loss) if loss.layer.compares == "classes" else None
    ignored = getattr(module, "ignore_index", None)
    if field is None or ignored is None or parts[0][field].is_floating_point():
        return None
    weights = getattr(module, "weight", None)
    masses: list[Tensor] = []
    for part, size in zip(parts, sizes, strict=True):
        team.take(size)
        masses.append(_mass(part[field], ignored, weights) * team.counts)
    return team.total(torch.stack(masses)).tolist()


def _mass(labels: Tensor, ignored: int, weights: Tensor | None) -> Tensor:
    counts = labels != ignored
    if weights is None:
        return counts.sum().double()
    return (weights[labels.clamp(0, len(weights) - 1)] * counts).sum().double()
