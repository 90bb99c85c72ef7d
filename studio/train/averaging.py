"""Means of the weights over the training, which are validated and kept in place of the weights themselves.

`ema`: a running mean over the steps. `swa`: the mean over the ends of the last epochs (Izmailov et al. 2018,
https://arxiv.org/abs/1803.05407), for which the running statistics of batch normalization are measured anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]

_lerp: Any = torch._foreach_lerp_  # pyright: ignore


class Average:
    """The mean of the weights that learn; `count` is how often it took them in.

    `decay` is the share that stays of a running mean; None makes it the plain mean of all it took in.
    """

    def __init__(self, network: nn.Module, decay: float | None, start: float = 0.0) -> None:
        """`start` is the share of the training after which epochs are taken in."""
        named = {name: one for name, one in network.named_parameters() if one.requires_grad}
        self._network, self._names = network, list(named)
        self._parameters = list(named.values())
        self._own = [one.detach().clone() for one in self._parameters]
        self._decay, self._start = decay, start
        self.count = self._ended = 0

    @property
    def by_step(self) -> bool:
        """Whether it takes in the weights after every step."""
        return self._decay is not None

    def take(self) -> None:
        """Take in the weights as they are now.

        A running mean starts with a smaller share of what was: min(decay, (1 + n) / (10 + n)), so that the
        random weights of the beginning are soon forgotten.
        """
        if self._decay is None:
            weight = 1.0 / (self.count + 1)
        else:
            weight = 1.0 - min(self._decay, (1 + self.count) / (10 + self.count))
        self.count += 1
        _lerp(self._own, [one.detach() for one in self._parameters], weight)

    def epoch_ended(self, step: int, total: int) -> None:
        """Take in the weights at the end of an epoch, once, if so many steps of the total are far enough."""
        if not self.by_step and step > self._start * total and step != self._ended:
            self._ended = step
            self.take()

    @contextmanager
    def shown(self, measured: Callable[[], Iterable[None]]) -> Generator[None]:
        """The network with the mean as its weights, and afterwards as it was; as it is where there is none.

        `measured` runs the training part through the network, batch by batch.
        """
        if not self.count:
            yield
            return
        weights = [one.data for one in self._parameters]
        norms = [] if self.by_step else _measuring(self._network)
        kept = [one.detach().clone() for norm in norms for one in norm.buffers()]
        for parameter, own in zip(self._parameters, self._own, strict=True):
            parameter.data = own
        try:
            if norms:
                _measure(self._network, norms, measured)
            yield
        finally:
            for parameter, weight in zip(self._parameters, weights, strict=True):
                parameter.data = weight
            for buffer, value in zip((b for norm in norms for b in norm.buffers()), kept, strict=True):
                buffer.copy_(value)

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly."""
        named = {f"own.{name}": one for name, one in zip(self._names, self._own, strict=True)}
        return {**named, "count": torch.tensor([self.count, self._ended])}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for name, own in zip(self._names, self._own, strict=True):
            own.copy_(state[f"own.{name}"])
        self.count, self._ended = state["count"].tolist()


def make_average(network: nn.Module, options: Mapping[str, Any]) -> Average | None:
    """The mean that the settings of a training ask for."""
    if options["average"] == "ema":
        return Average(network, float(options["ema_decay"]))
    return Average(network, None, float(options["swa_start"])) if options["average"] == "swa" else None


def _measuring(network: nn.Module) -> list[_BatchNorm]:
    """The normalizations that keep statistics of what they have seen."""
    return [one for one in network.modules() if isinstance(one, _BatchNorm) and one.track_running_stats]


def _measure(network: nn.Module, norms: Iterable[_BatchNorm], measured: Callable[[], Iterable[None]]) -> None:
    """Statistics of the training part under the weights as they are, as torch.optim.swa_utils.update_bn.

    Nothing but the statistics is in training mode: dropout would make them those of another network.
    """
    network.eval()
    momenta = {norm: norm.momentum for norm in norms}
    for norm in momenta:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    try:
        with torch.no_grad():
            for _ in measured():
                pass
    finally:
        for norm, momentum in momenta.items():
            norm.momentum = momentum
            norm.eval()
