"""Computing the network in half precision: bfloat16 and float16 by autocast, and the scale of float16.

Weights, losses, gradients as the optimizer gets them, and everything else stay in float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.build.plan import Ref
from studio.train.objective import Values
from studio.train.samples import Batch

HALVES: Mapping[str, torch.dtype] = {"bfloat16": torch.bfloat16, "float16": torch.float16}
FIRST, GROWTH, BACKOFF, INTERVAL = 65536.0, 2.0, 0.5, 2000
"""As torch.amp.GradScaler: the first scale, its factors after `INTERVAL` good steps and after a bad one."""
_unscale: Any = torch._amp_foreach_non_finite_check_and_unscale_  # pyright: ignore
_update: Any = torch._amp_update_scale_  # pyright: ignore


def values_in(precision: str, plain: Values, device: torch.device) -> Values:
    """Runs a network in a precision; its results come back in float32, for losses and metrics."""
    if precision not in HALVES:
        return plain
    half = HALVES[precision]

    def values(batch: Batch) -> Mapping[Ref, Tensor]:
        with torch.autocast(device.type, half):
            found = plain(batch)
        return {ref: one.float() if one.dtype == half else one for ref, one in found.items()}

    return values


class Scaler:
    """The factor of the loss that keeps small gradients from vanishing in float16, as torch's GradScaler."""

    def __init__(self, device: torch.device) -> None:
        self.scale = torch.full((), FIRST, device=device)
        self._good = torch.zeros((), dtype=torch.int32, device=device)

    def take_back(self, gradients: Sequence[Tensor]) -> bool:
        """Divide gradients by the scale, in place; False where one is no number: the step is then left out.

        Waits for the device. The scale follows.
        """
        bad = torch.zeros((), device=self.scale.device)
        _unscale(gradients, bad, self.scale.double().reciprocal().float())
        _update(self.scale, self._good, bad, GROWTH, BACKOFF, INTERVAL)
        return not bool(bad)

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly."""
        return {"scale": self.scale, "good": self._good}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.scale.copy_(state["scale"])
        self._good.copy_(state["good"])
