"""Batch normalization over the whole batch, of which every process has a share; and what instance
normalization notes of it.

torch.nn.SyncBatchNorm computes the same, on CUDA alone. Means and squares are put together by the formula of
Chan, Golub and LeVeque (1979), which loses no digits; the gradient takes one sum over all processes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from studio.train.samples import NORMALISES

NOTES = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)


def join_norms(network: nn.Module, parted: Callable[[], bool]) -> None:
    """Have every batch normalization of a network look at the batches of all processes.

    `parted` tells whether each process has a share of the batch, and not all of it.
    """
    for module in network.modules():
        if isinstance(module, NORMALISES):
            norm: Any = module
            norm.forward = _joined(norm, parted)


def join_notes(network: nn.Module, share: Callable[[], float]) -> None:
    """Have every instance normalization note the mean of all processes' samples, as of one whole batch.

    `share` tells what this process's part of the batch counts. What is noted moves by a part of the way
    towards the batch's means: the moves of all, weighed, are that of the whole batch.
    """
    for module in network.modules():
        if isinstance(module, NOTES) and module.track_running_stats:
            norm: Any = module
            norm.forward = _noting(norm, share)


def _noting(norm: Any, share: Callable[[], float]) -> Callable[[Tensor], Tensor]:  # noqa: ANN401
    plain = norm.forward

    def forward(values: Tensor) -> Tensor:
        result = plain(values)
        if norm.training:
            noted = torch.stack((norm.running_mean, norm.running_var)) * share()
            dist.all_reduce(noted)
            norm.running_mean.copy_(noted[0])
            norm.running_var.copy_(noted[1])
        return result

    return forward


def _joined(norm: Any, parted: Callable[[], bool]) -> Callable[[Tensor], Tensor]:  # noqa: ANN401
    plain = norm.forward

    def forward(values: Tensor) -> Tensor:
        if not (norm.training or norm.running_mean is None) or not parted():
            return plain(values)
        norm._check_input_dim(values)
        outcome: Any = _Normalized.apply(values, norm.weight, norm.bias, norm.eps)
        result, mean, variance, count = outcome
        if norm.running_mean is not None:
            _note(norm, mean.detach(), variance.detach() * (count / max(count - 1.0, 1.0)))
        return result

    return forward


@torch.no_grad()
def _note(norm: Any, mean: Tensor, variance: Tensor) -> None:  # noqa: ANN401
    norm.num_batches_tracked += 1
    share = 1.0 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), share)
    norm.running_var.lerp_(variance.to(norm.running_var.dtype), share)


class _Normalized(torch.autograd.Function):
    """Values, less their mean by their deviation; the mean and the variance of all; how many there are."""

    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any,  # noqa: ANN401
        values: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        eps: float,
    ) -> tuple[Tensor, Tensor, Tensor, float]:
        over = [at for at in range(values.dim()) if at != 1]
        found = values.float()
        count = found.numel() // found.shape[1]
        own_variance, own_mean = torch.var_mean(found, over, correction=0)
        own = torch.cat((own_mean, own_variance * count, own_mean.new_tensor([float(count)])))
        parts = [torch.empty_like(own) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, own)
        together = torch.stack(parts).double()
        channels = found.shape[1]
        means, squares, counts = together[:, :channels], together[:, channels:-1], together[:, -1:]
        total = float(counts.sum())
        mean = (counts * means).sum(0) / total
        variance = (squares + counts * (means - mean).square()).sum(0) / total
        scale = (variance + eps).rsqrt()
        shape = [1, channels, *[1] * (values.dim() - 2)]
        normal = (found - mean.float().reshape(shape)) * scale.float().reshape(shape)
        result = normal if weight is None else normal * weight.reshape(shape)
        if bias is not None:
            result = result + bias.reshape(shape)
        ctx.save_for_backward(normal, weight, scale.float())
        ctx.total, ctx.over, ctx.shape = total, over, shape
        mean, variance = mean.float(), variance.float()
        ctx.mark_non_differentiable(mean, variance)
        return result.to(values.dtype), mean, variance, total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> tuple[Tensor | None, ...]:  # noqa: ANN401  # pyright: ignore
        normal, weight, scale = ctx.saved_tensors
        found = gradient.float()
        sums = torch.stack((found.sum(ctx.over), (found * normal).sum(ctx.over)))
        own = sums.clone()
        dist.all_reduce(sums)
        steady, along = (one.reshape(ctx.shape) / ctx.total for one in sums)
        factor = (scale if weight is None else scale * weight).reshape(ctx.shape)
        back = factor * (found - steady - normal * along)
        learned = (own[1], own[0]) if weight is not None else (None, None)
        return back.to(gradient.dtype), *learned, None
