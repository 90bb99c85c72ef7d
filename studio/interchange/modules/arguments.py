"""The arguments that a module is run with: the tensors among them, and the like for other batch sizes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from studio.errors import StudioError
from studio.interchange.modules.values import mapped, placed
from studio.project.graph import free_name


@dataclass(frozen=True, slots=True)
class Arguments:
    """Positional and named arguments, and the tensors among them by the names that Input nodes get.

    `batch` is the number of samples; tensors named in `batched` have as many rows.
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    batched: frozenset[str]
    batch: int

    def resized(self, batch: int, generator: torch.Generator) -> Arguments:
        """The like with another number of samples and other values, drawn from those that are there."""
        new = {name: self._drawn(name, one, batch, generator) for name, one in self.tensors.items()}
        return self.with_tensors(new, batch)

    def copied(self) -> Arguments:
        """The same with copies of the tensors, which a module may write into."""
        return self.with_tensors({name: one.detach().clone() for name, one in self.tensors.items()})

    def with_tensors(self, new: Mapping[str, Tensor], batch: int | None = None) -> Arguments:
        """The same with other tensors."""
        by_id = {id(one): new[name] for name, one in self.tensors.items()}
        args, kwargs = mapped((self.args, dict(self.kwargs)), lambda one: by_id.get(id(one), one))
        return Arguments(args, kwargs, new, self.batched, batch or self.batch)

    def _drawn(self, name: str, tensor: Tensor, batch: int, generator: torch.Generator) -> Tensor:
        shape = (batch, *tensor.shape[1:]) if name in self.batched else tuple(tensor.shape)
        if tensor.dtype is torch.bool:  # whose rows say what belongs together, such as what is padding
            if name not in self.batched:
                return tensor.detach().clone()
            return tensor.detach()[torch.randint(tensor.shape[0], (batch,), generator=generator)]
        flat = tensor.detach().reshape(-1)
        if not flat.numel():
            return torch.zeros(shape, dtype=tensor.dtype)
        size = int(torch.Size(shape).numel())
        return flat[torch.randint(flat.numel(), (size,), generator=generator)].reshape(shape)


def arguments(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
    """The arguments of a module's forward. Raises StudioError where they do not fit, or hold no tensor."""
    try:
        bound = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    except (TypeError, ValueError) as error:
        raise StudioError(
            f"{type(module).__name__} does not take these inputs: {error}.",
            "Give an input for each argument.",
        ) from None
    tensors: dict[str, Tensor] = {}
    for name, one in bound.items():
        found = list(placed(one))
        for place, tensor in found:
            if any(tensor is other for other in tensors.values()):
                continue
            wanted = name if len(found) == 1 else "_".join((name, *map(str, place)))
            tensors[free_name(wanted, tensors)] = tensor
    first = next((one for one in tensors.values() if one.dim()), None)
    if first is None:
        raise StudioError("There is no tensor among the inputs.", "Give at least one, with the batch first.")
    batch = first.shape[0]
    batched = frozenset(name for name, one in tensors.items() if one.dim() and one.shape[0] == batch)
    return Arguments(tuple(args), dict(kwargs), tensors, batched, batch)
