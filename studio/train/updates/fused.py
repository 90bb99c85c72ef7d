"""SGD, Adam and AdamW by the fused kernels of torch: one call a step over all parameters, no classes.

torch.optim's classes cost a tenth of a small network's step, and the first of them imports the compiler (over
two seconds). The kernels are those that torch.optim calls with fused=True: the same numbers, to the last bit.
On the CPU they first copy what lies otherwise than its dimensions say, as weights with channels last do: they
are given views in the order of memory, which halves such a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

_sgd: Any = torch._fused_sgd_  # pyright: ignore
adam: Any = torch._fused_adam_  # pyright: ignore
adamw: Any = torch._fused_adamw_  # pyright: ignore


class _Views:
    """Tensors with their dimensions in the order in which parameters lie in memory."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self._orders = [_order(one) for one in parameters]

    def __call__(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Views of tensors that lie as the parameters do."""
        pairs = zip(tensors, self._orders, strict=True)
        return [one.permute(order) if order else one for one, order in pairs]


def _order(one: Tensor) -> tuple[int, ...]:
    """The dimensions from the outermost in memory; () where it is theirs already, or memory has gaps."""
    order = tuple(sorted(range(one.dim()), key=one.stride, reverse=True))
    return order if not one.is_contiguous() and one.permute(order).is_contiguous() else ()


class Momentum:
    """SGD: v = momentum · v + g; p = p - rate · v (Nesterov: g + momentum · v)."""

    def __init__(self, parameters: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        self._names = list(parameters)
        self._views = _Views(list(parameters.values()))
        self._parameters = self._views(list(parameters.values()))
        self._momentum: float = values["momentum"]
        self._decay: float = values["weight_decay"]
        self._nesterov: bool = values["nesterov"] and self._momentum > 0
        self._buffers = [torch.zeros_like(one) for one in parameters.values()] if self._momentum else []
        self._moved = self._views(self._buffers) if self._buffers else []
        self._first = True

    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        _sgd(
            self._parameters,
            self._views(gradients),
            self._moved,
            weight_decay=self._decay,
            momentum=self._momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self._nesterov,
            maximize=False,
            is_first_step=self._first,
        )
        self._first = False

    def state(self) -> dict[str, Tensor]:
        return {f"momentum.{name}": one for name, one in zip(self._names, self._buffers, strict=False)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        for name, buffer in zip(self._names, self._buffers, strict=False):
            buffer.copy_(state[f"momentum.{name}"])
        self._first = False


class Adaptive:
    """Adam and AdamW."""

    def __init__(self, parameters: Mapping[str, Tensor], values: Mapping[str, Any], kernel: Any) -> None:  # noqa: ANN401
        self._names = list(parameters)
        self._views = _Views(list(parameters.values()))
        self._parameters = self._views(list(parameters.values()))
        self._kernel = kernel
        self._means = [torch.zeros_like(one) for one in parameters.values()]
        self._squares = [torch.zeros_like(one) for one in parameters.values()]
        self._moved = self._views(self._means), self._views(self._squares)
        self._steps = torch.zeros((), device=self._parameters[0].device)
        self._all_steps = [self._steps] * len(self._parameters)
        self._options = {key: values[key] for key in ("beta1", "beta2", "weight_decay", "eps")}

    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        self._steps += 1
        self._kernel(
            self._parameters,
            self._views(gradients),
            *self._moved,
            [],
            self._all_steps,
            lr=rate,
            amsgrad=False,
            maximize=False,
            **self._options,
        )

    def state(self) -> dict[str, Tensor]:
        pairs = zip(self._names, self._means, self._squares, strict=True)
        kept = {
            f"{kind}.{name}": one
            for name, *two in pairs
            for kind, one in zip(("mean", "square"), two, strict=True)
        }
        return {**kept, "steps": self._steps}

    def load(self, state: Mapping[str, Tensor]) -> None:
        for name, mean, square in zip(self._names, self._means, self._squares, strict=True):
            mean.copy_(state[f"mean.{name}"])
            square.copy_(state[f"square.{name}"])
        self._steps.copy_(state["steps"])
