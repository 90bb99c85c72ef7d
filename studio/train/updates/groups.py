"""Several optimizers as one: those that treat some parameters otherwise than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from studio.build.initial import RATE
from studio.train.updates.update import Update


@dataclass(frozen=True, slots=True)
class Roles:
    """Parameters by name: `undecayed`, biases and what belongs to a normalization; `tables` of vectors; and
    the `rates` of those whose learning rate is multiplied by something else than 1.
    """

    undecayed: frozenset[str] = field(default_factory=frozenset)
    tables: frozenset[str] = field(default_factory=frozenset)
    rates: Mapping[str, float] = field(default_factory=dict)


def roles_of(network: nn.Module) -> Roles:
    """What the parameters of a network are."""
    undecayed: set[str] = set()
    tables: set[str] = set()
    for path, module in network.named_modules():
        for name, parameter in module.named_parameters(path, recurse=False):
            if parameter.dim() < 2 or "Norm" in type(module).__name__ or "bias" in name.rpartition(".")[2]:
                undecayed.add(name)
            if isinstance(module, nn.Embedding | nn.EmbeddingBag):
                tables.add(name)
    named = ((name, getattr(one, RATE, 1.0)) for name, one in network.named_parameters())
    return Roles(frozenset(undecayed), frozenset(tables), {name: rate for name, rate in named if rate != 1.0})


class Groups:
    """Optimizers, each with the names it moves and the factor of its rate; gradients come in `order`."""

    def __init__(
        self, groups: Sequence[tuple[Update, tuple[str, ...], float]], order: tuple[str, ...]
    ) -> None:
        places = {name: at for at, name in enumerate(order)}
        self._groups = [
            (update, tuple(places[name] for name in names), factor) for update, names, factor in groups
        ]

    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        for update, places, factor in self._groups:
            update([gradients[at] for at in places], rate * factor)

    def state(self) -> dict[str, Tensor]:
        return {
            f"{number}.{key}": one
            for number, (update, _, _) in enumerate(self._groups)
            for key, one in update.state().items()
        }

    def load(self, state: Mapping[str, Tensor]) -> None:
        for number, (update, _, _) in enumerate(self._groups):
            start = f"{number}."
            update.load({key.removeprefix(start): one for key, one in state.items() if key.startswith(start)})
