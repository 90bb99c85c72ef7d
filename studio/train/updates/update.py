"""What every optimizer does, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor


class Update(Protocol):
    """Moves parameters along their gradients."""

    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        """One step, in place."""
        ...

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly, by name."""
        ...

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        ...
