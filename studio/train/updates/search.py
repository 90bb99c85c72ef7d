"""L-BFGS, which computes the loss and its gradient several times within a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

Again = Callable[[], tuple[Tensor, Sequence[Tensor]]]
"""Computes the loss of the step's batch, and its gradients, where the parameters are now."""
LISTS = ("old_dirs", "old_stps", "ro")
NUMBERS = ("func_evals", "n_iter", "t", "prev_loss", "H_diag")


class Search:
    """torch.optim.LBFGS over named parameters."""

    def __init__(self, parameters: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        self._parameters = list(parameters.values())
        options = {key: value for key, value in values.items() if key != "line_search"}
        search = None if values["line_search"] == "none" else values["line_search"]
        self._optimizer: Any = torch.optim.LBFGS(self._parameters, **options, line_search_fn=search)

    def search(self, loss: Tensor, gradients: Sequence[Tensor], again: Again, rate: float) -> None:
        """One step, from the loss and gradients where the parameters are now."""
        self._optimizer.param_groups[0]["lr"] = rate
        known: list[tuple[Tensor, Sequence[Tensor]]] = [(loss, gradients)]

        def closure() -> Tensor:
            value, found = known.pop() if known else again()
            for parameter, gradient in zip(self._parameters, found, strict=True):
                parameter.grad = gradient
            return value.detach()

        self._optimizer.step(closure)
        for parameter in self._parameters:
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """torch's state: tensors as they are, plain numbers as such of full precision."""
        found: dict[str, Tensor] = {}
        for key, value in self._state().items():
            if key in LISTS:
                found |= {f"{key}.{at}": one for at, one in enumerate(value)}
            elif isinstance(value, Tensor):
                found[key] = value
            elif isinstance(value, int | float):
                kind = torch.int64 if isinstance(value, int) else torch.float64
                found[f"{key}.number"] = torch.tensor(value, dtype=kind)
        return found

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        into = self._state()
        if state:
            into.update({key: [] for key in LISTS})
        ordered = sorted(
            state.items(), key=lambda one: int(one[0].rpartition(".")[2]) if _listed(one[0]) else 0
        )
        for name, value in ordered:
            key, _, last = name.partition(".")
            if key in LISTS:
                into[key].append(value.clone())
            else:
                into[key] = value.item() if last == "number" else value.clone()

    def _state(self) -> dict[str, Any]:
        return self._optimizer.state[self._parameters[0]]


def _listed(name: str) -> bool:
    return name.partition(".")[0] in LISTS
