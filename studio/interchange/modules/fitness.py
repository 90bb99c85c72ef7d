"""Whether a module can be drawn at all: what it holds, before it is run and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from studio.errors import StudioError
from studio.interchange.foreign.faults import in_a_line

DENSE = "Import it with dense tensors in its place (to_dense)."
WHOLE = "Import the network that it was made from, before it is quantized."
REAL = "Hold its real and its imaginary part as two parameters (torch.view_as_real)."


def make_fit(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Have the lazy parts of a module make their weights, on its first inputs.

    Raises StudioError with the name of what a drawing cannot hold.
    """
    if any(is_lazy(one) for one in (*module.parameters(), *module.buffers())):
        modes = [(one, one.training) for one in module.modules()]
        evaluate(module)
        try:
            with torch.no_grad():
                module(*args, **kwargs)
        except Exception as error:  # Foreign code may raise anything.
            raise _not_ready(module, error) from error
        for one, mode in modes:
            one.training = mode
    for name, value in module.state_dict().items():
        if not name.endswith("_extra_state"):
            _refuse_held(name, value)
    for name, parameter in module.named_parameters():
        if parameter.is_complex():
            kind = str(parameter.dtype).removeprefix("torch.")
            raise StudioError(f"The parameter {name} is {kind}: those of a drawing are real.", REAL)


def _refuse_held(name: str, value: object) -> None:
    if not isinstance(value, Tensor):
        raise StudioError(f"{name} is no tensor, which weights of a drawing are.", WHOLE)
    if value.layout != torch.strided:
        raise StudioError(f"{name} is a sparse tensor, which a drawing cannot hold.", DENSE)
    if value.is_quantized:
        raise StudioError(f"{name} is a quantized tensor, which a drawing cannot hold.", WHOLE)


def evaluate(module: nn.Module) -> None:
    """Put it into evaluation mode. Raises StudioError where it refuses."""
    try:
        module.eval()
    except Exception as error:
        raise _not_ready(module, error) from error


def _not_ready(module: nn.Module, error: Exception) -> StudioError:
    return StudioError(
        f"{type(module).__name__} could not be made ready: {in_a_line(error)}",
        "It must take eval(), and inputs of the shapes given.",
    )
