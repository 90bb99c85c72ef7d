"""The loss of a batch of which every process has a share: what each adds so that the sum is the whole's loss.

Most losses are means over the samples: each process's counts by how many it has. Where classes have weights
or samples are left out, by how much of that its samples weigh. A loss that may compare samples with each
other is computed of all of them, which each process has for this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from studio.build import blocks

if TYPE_CHECKING:
    from studio.train.distributed.several import Several

MEANS = (
    *(nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss, nn.BCELoss, nn.BCEWithLogitsLoss),
    *(nn.PoissonNLLLoss, nn.GaussianNLLLoss, nn.MultiMarginLoss, nn.MultiLabelMarginLoss),
    *(nn.MultiLabelSoftMarginLoss, nn.TripletMarginLoss, nn.CosineEmbeddingLoss, nn.MarginRankingLoss),
    *(nn.HingeEmbeddingLoss, blocks.KLDivergence, blocks.CTC, blocks.Dice),
)
"""Losses that are the mean of what they are for each sample."""
WEIGHED = (nn.CrossEntropyLoss, nn.NLLLoss)


class SharedLoss(nn.Module):
    """A loss of this process's share of a batch, by which it counts in that of the whole batch."""

    def __init__(self, loss: nn.Module, team: Several, all_count: bool = False) -> None:
        """With `all_count` there is no sample that its `ignore_index` leaves out."""
        super().__init__()
        self.loss = loss
        inner: Any = loss
        while isinstance(inner, blocks.ClassesAsNumbers | blocks.AsSigns | blocks.AsIndices):
            inner = inner.loss
        self._inner = inner
        self._team = team
        self.ignore_index = getattr(loss, "ignore_index", None)
        self.weight = getattr(loss, "weight", None)
        weight = getattr(inner, "weight", None)
        self._plain = getattr(inner, "reduction", "mean") != "sum" and (
            isinstance(inner, MEANS)
            or (isinstance(inner, (*WEIGHED, blocks.Focal)) and weight is None and all_count)
        )

    def forward(self, *inputs: Tensor, **named: Tensor) -> Tensor:
        """What all processes give adds up to the loss of the batch."""
        team = self._team
        if not team.parted:  # each has all of the batch
            return self.loss(*inputs, **named) * team.share
        if self._plain:
            return self.loss(*inputs, **named) * team.share
        if self._counts(*inputs):
            return self._weighed(*inputs)
        return self._whole(*inputs, **named)

    def _counts(self, *inputs: Tensor) -> bool:
        """Whether it is a mean over classes of which each may weigh something else."""
        if isinstance(self._inner, blocks.Focal):
            return True
        return isinstance(self._inner, WEIGHED) and self._inner.reduction == "mean" and len(inputs) == 2

    def _weighed(self, prediction: Tensor, target: Tensor) -> Tensor:
        own = self._weight(prediction, target)
        whole = self._team.total(own.clone())
        if isinstance(self._inner, blocks.Focal):
            own, whole = own.clamp(min=1), whole.clamp(min=1)
        loss = self.loss(prediction, target)
        # A share of which nothing counts has no mean of its own.
        loss = torch.where(own > 0, loss, prediction.sum() * 0.0) if not bool(own > 0) else loss
        return loss * (own / whole).to(loss.dtype)

    def _weight(self, prediction: Tensor, target: Tensor) -> Tensor:
        if target.is_floating_point() or target.shape == prediction.shape:
            return torch.tensor(float(len(target)), device=target.device, dtype=torch.float64)
        kept = target != getattr(self._inner, "ignore_index", -100)
        weight = getattr(self._inner, "weight", None)
        if weight is None:
            return kept.sum().double()
        return (weight.double()[target.long().clamp(min=0)] * kept).sum()

    def _whole(self, *inputs: Tensor, **named: Tensor) -> Tensor:
        """The loss of everybody's samples, which each process computes alike and gives its part of."""
        parts = self._team.world
        whole = [_Joined.apply(one) for one in inputs]
        others = {key: _Joined.apply(one) for key, one in named.items()}
        return self.loss(*whole, **others) / parts


class _Joined(torch.autograd.Function):
    """The rows of all processes, in their order; each may have another number of them."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:  # noqa: ANN401  # pyright: ignore
        counts = own.new_zeros(dist.get_world_size(), dtype=torch.int64)
        counts[dist.get_rank()] = len(own)
        dist.all_reduce(counts)
        ctx.counts = counts.tolist()
        most = max(ctx.counts)
        padded = own.new_zeros((most, *own.shape[1:]))
        padded[: len(own)] = own
        parts = [torch.empty_like(padded) for _ in ctx.counts]
        dist.all_gather(parts, padded)
        return torch.cat([part[:count] for part, count in zip(parts, ctx.counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401  # pyright: ignore
        summed = gradient.contiguous().clone()
        dist.all_reduce(summed)
        return summed.split(ctx.counts)[dist.get_rank()]
