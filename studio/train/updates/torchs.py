"""The optimizers that torch.optim's own classes compute: chosen less often, they may cost their import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

Values = Mapping[str, Any]
HOST = "@host"
"""Ends the name of a state that lies in the host's memory while its parameter does not."""


class Torchs:
    """An optimizer of torch.optim over named parameters; its state is torch's, tensor by tensor."""

    def __init__(self, type: str, parameters: Mapping[str, Tensor], values: Values) -> None:
        self._names = list(parameters)
        self._parameters = list(parameters.values())
        made: Any = getattr(torch.optim, type)  # the first of them to be made imports torch's compiler
        self._optimizer = made(self._parameters, lr=values["lr"], **arguments(type, values))

    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        self._optimizer.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        self._optimizer.step()
        for parameter in self._parameters:
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name, parameter in zip(self._names, self._parameters, strict=True):
            for key, value in self._optimizer.state.get(parameter, {}).items():
                host = HOST if value.device != parameter.device else ""
                found[f"{key}.{name}{host}"] = value
        return found

    def load(self, state: Mapping[str, Tensor]) -> None:
        places = dict(zip(self._names, self._parameters, strict=True))
        for name, value in state.items():
            key, _, owner = name.removesuffix(HOST).partition(".")
            parameter = places[owner]
            device = "cpu" if name.endswith(HOST) else parameter.device
            self._optimizer.state[parameter][key] = value.to(device, copy=True)


def arguments(type: str, values: Values) -> dict[str, Any]:
    """Our parameters as those of torch's class, the rate left out."""
    given = {key: value for key, value in values.items() if key not in RENAMED and key != "lr"}
    if "beta1" in values:
        given["betas"] = (values["beta1"], values["beta2"])
    return {**given, **_SPECIAL.get(type, lambda _: {})(values)}


RENAMED = frozenset({"beta1", "beta2", "shrink", "grow", "least", "most", "others_lr", "adjust"})
_SPECIAL: Mapping[str, Callable[[Values], dict[str, Any]]] = {
    "Rprop": lambda values: {
        "etas": (values["shrink"], values["grow"]),
        "step_sizes": (values["least"], values["most"]),
    },
    "Adafactor": lambda values: {"eps": (None, values["eps"])},
    "Muon": lambda values: {"adjust_lr_fn": values["adjust"]},
}
