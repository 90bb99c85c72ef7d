"""How the weights of a module start, whether they train, how they are normalized: as its node's options say.

`fills`, then `NORMS`, then the freezing: source code writes the same in the same order, so that one seed
gives both the same weights. The options are declared in `catalog/initial.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.utils import parametrizations

from studio.project.params import Value

NORMS = {"weight_norm": parametrizations.weight_norm, "spectral_norm": parametrizations.spectral_norm}
RATE = "lr_factor"
"""The attribute of a parameter whose learning rate is multiplied by that number."""
FUNCTIONS = {"truncated_normal": "trunc_normal_", "normal": "normal_"}
ARGUMENTS: tuple[tuple[str, str, Value], ...] = (
    ("init_gain", "gain", 1.0),
    ("init_mode", "mode", "fan_in"),
    ("init_std", "std", None),
)
"""Options that are arguments of the functions in torch.nn.init, by their names there, with its defaults."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A call of a function of torch.nn.init on some parameters of a module, given by name.

    `row`: only that row of them.
    """

    function: str
    names: tuple[str, ...]
    biases: bool = False
    arguments: Mapping[str, Value] = field(default_factory=dict)
    row: int | None = None


def fills(module: nn.Module, kwargs: Mapping[str, Any], options: Mapping[str, Value]) -> tuple[Fill, ...]:
    """What fills the parameters of a module anew, in order."""
    found: list[Fill] = []
    if (init := options.get("init", "default")) != "default":
        arguments = {
            name: options[option]
            for option, name, default in ARGUMENTS
            if option in options and options[option] != default
        }
        if init == "constant":
            arguments = {"val": options["init_value"]}
        names = weight_names(module)
        found.append(Fill(FUNCTIONS.get(str(init), f"{init}_"), names, arguments=arguments))
        if isinstance(row := kwargs.get("padding_idx"), int):
            found.append(Fill("zeros_", names, row=row))
    if (init := options.get("bias_init", "default")) != "default":
        arguments = {"val": options["bias_value"]} if init == "constant" else {}
        found.append(Fill(f"{init}_", bias_names(module), True, arguments))
    return tuple(found)


def weight_names(module: nn.Module) -> tuple[str, ...]:
    """The matrices and filters of a module; where it has none, its scale."""
    wide = tuple(name for name, parameter in module.named_parameters() if parameter.dim() > 1)
    return wide or tuple(name for name, _ in module.named_parameters() if name.endswith("weight"))


def bias_names(module: nn.Module) -> tuple[str, ...]:
    """The biases of a module and of all inside of it."""
    return tuple(name for name, _ in module.named_parameters() if "bias" in name)


def prepared(module: nn.Module, kwargs: Mapping[str, Any], options: Mapping[str, Value]) -> nn.Module:
    """The module with its weights as the options say; the very same one."""
    for fill in fills(module, kwargs, options):
        for name in fill.names:
            parameter = module.get_parameter(name)
            whole = parameter if fill.row is None else parameter[fill.row]
            getattr(nn.init, fill.function)(whole, **fill.arguments)
    if norm := NORMS.get(str(options.get("norm"))):
        norm(module)
    if options.get("freeze"):
        module.requires_grad_(False)
    factor = options.get("lr_factor", 1.0)
    if factor != 1.0:
        for parameter in module.parameters():
            setattr(parameter, RATE, factor)
    return module
