"""Parts of a training as programs have them: functions and classes that are copied where they are used."""

# pyright: basic
from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

Schedule = Callable[[int], float]


def warmed(schedule: Schedule, steps: int) -> Schedule:
    """Grow evenly for so many steps; the schedule's own steps count from then on."""
    return lambda step: (
        (step + 1) / (steps + 1) if step < steps else schedule(step - steps)
    )


def chained(first: Schedule, second: Schedule, turn: int) -> Schedule:
    """One schedule for so many steps, then another, which counts from there."""
    return lambda step: first(step) if step < turn else second(step - turn)


def between(first: float, last: float, share: float) -> float:
    """Along half a cosine from one number to another."""
    return last + (first - last) * (1.0 + math.cos(math.pi * share)) / 2.0


def restarts(step: int, period: float, growth: int, least: float) -> float:
    """Half a cosine again and again, each `growth` times as long as the last."""
    if growth == 1:
        return between(1.0, least, (step % period) / period)
    turn = int(math.log(step / period * (growth - 1) + 1, growth) + 1e-9)
    began = period * (growth**turn - 1) / (growth - 1)
    return between(1.0, least, (step - began) / (period * growth**turn))


def one_cycle(
    step: int,
    steps: int,
    rise: float,
    start: float,
    end: float,
    straight: bool = False,
) -> float:
    """Rise to the rate from a share of it, and fall far below."""
    begin, top = 1.0 / start, rise * steps - 1.0
    share = step / top if top > 0 else 1.0
    first, last = begin, 1.0
    if step > top:
        share = min(1.0, (step - top) / max(1e-9, steps - 1.0 - top))
        first, last = 1.0, begin / end
    if straight:
        return first + (last - first) * share
    return between(first, last, share)


class Plateau:
    """A factor of the rate that falls when the loss does not."""

    def __init__(
        self,
        factor: float,
        patience: int,
        threshold: float,
        cooldown: int,
        least: float,
    ) -> None:
        self.change, self.patience, self.threshold = factor, patience, threshold
        self.cooldown, self.least = cooldown, least
        self.factor, self.best, self.bad, self.resting = 1.0, math.inf, 0, 0

    def judge(self, loss: float) -> None:
        """Take in the loss of an epoch."""
        if loss < self.best * (1.0 - self.threshold) or math.isinf(self.best):
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.resting:
            self.resting, self.bad = self.resting - 1, 0
        if self.bad > self.patience:
            self.factor = max(self.factor * self.change, self.least)
            self.resting, self.bad = self.cooldown, 0


class MeanWeights:
    """A mean of the weights, which is validated and kept in their place.

    With a `decay` it is a running mean over the steps, else the mean of all it took.
    """

    def __init__(self, model: nn.Module, decay: float | None = None) -> None:
        self.parameters = [one for one in model.parameters() if one.requires_grad]
        self.means = [one.detach().clone() for one in self.parameters]
        self.decay, self.count = decay, 0

    def take(self) -> None:
        """Take in the weights as they are now; the random ones are soon forgotten."""
        weight = 1.0 / (self.count + 1)
        if self.decay is not None:
            weight = 1.0 - min(self.decay, (1 + self.count) / (10 + self.count))
        self.count += 1
        for mean, parameter in zip(self.means, self.parameters, strict=True):
            mean.lerp_(parameter.detach(), weight)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The network with the mean as its weights, and afterwards as it was."""
        weights = [one.data for one in self.parameters]
        if self.count:
            for parameter, mean in zip(self.parameters, self.means, strict=True):
                parameter.data = mean
        yield
        for parameter, weight in zip(self.parameters, weights, strict=True):
            parameter.data = weight


@contextmanager
def norms_measured(
    objective: nn.Module, batches: Iterable[dict[str, Tensor]], averaged: bool
) -> Iterator[None]:
    """Batch normalization with the statistics of the weights as they are averaged.

    Afterwards it is as it was.
    """
    if not averaged:
        yield
        return
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    norms = [one for one in objective.modules() if isinstance(one, kinds)]
    kept = [one.clone() for norm in norms for one in norm.buffers()]
    momenta = [norm.momentum for norm in norms]
    objective.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        for batch in batches:
            objective(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    yield
    buffers = (one for norm in norms for one in norm.buffers())
    for buffer, value in zip(buffers, kept, strict=True):
        buffer.copy_(value)


def without_decay(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Groups of parameters: weight decay leaves out biases and normalizations."""
    kept: list[Tensor] = []
    for module in model.modules():
        for name, one in module.named_parameters(recurse=False):
            if one.dim() < 2 or "Norm" in type(module).__name__ or "bias" in name:
                kept.append(one)
    found = {id(one) for one in kept}
    decayed = [one for one in model.parameters() if id(one) not in found]
    others = [one for one in model.parameters() if id(one) in found]
    groups = [(decayed, decay), (others, 0.0)]
    return [{"params": one, "weight_decay": of} for one, of in groups if one]


def with_shares(
    groups: list[dict[str, Any]], model: nn.Module, shares: dict[str, float]
) -> list[dict[str, Any]]:
    """Groups of parameters whose rate is a share of the others', by their names."""
    share = {id(model.get_parameter(name)): one for name, one in shares.items()}
    found: list[dict[str, Any]] = []
    for group in groups:
        parts: dict[float, list[Tensor]] = {}
        for one in group["params"]:
            parts.setdefault(share.get(id(one), 1.0), []).append(one)
        found += [{**group, "params": of, "share": at} for at, of in parts.items()]
    return found


def counted(scores: Tensor, target: Tensor, ignored: int) -> tuple[Tensor, Tensor]:
    """Scores and classes without those that do not count."""
    scores = scores.movedim(1, -1).reshape(-1, scores.shape[1])
    kept = target.flatten() != ignored
    return scores[kept], target.flatten()[kept]


def added(
    sums: dict[str, Tensor], losses: dict[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Losses with a share of those of one more batch."""
    return {
        name: sums.get(name, 0.0) + loss.detach() * share
        for name, loss in losses.items()
    }


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def set_rates(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of the next step, of which some groups take a share."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)


def keep(model: nn.Module, path: Path) -> None:
    """Write the weights."""
    weights = model.state_dict().items()
    plain = torch.contiguous_format
    save_file({name: one.clone(memory_format=plain) for name, one in weights}, path)


def take(
    part: dict[str, Tensor], rows: Tensor | slice, device: torch.device
) -> dict[str, Tensor]:
    """Some samples of a part."""
    return {name: values[rows].to(device) for name, values in part.items()}


class Together:
    """Several optimizers as one."""

    def __init__(self, optimizers: list[torch.optim.Optimizer]) -> None:
        self.optimizers = optimizers

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all."""
        return [group for one in self.optimizers for group in one.param_groups]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for one in self.optimizers:
            one.zero_grad()

    def step(self) -> None:
        """Move all weights."""
        for one in self.optimizers:
            one.step()
