"""A step of training with all that the plain one has not: several batches to a step, gradients scaled for
float16, a running mean of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from studio.train.averaging import Average
from studio.train.control import Control
from studio.train.failures import TrainingError, out_of_memory
from studio.train.objective import NodeError, Outcome
from studio.train.precision import Scaler
from studio.train.samples import Batch, batch_sizes
from studio.train.shares import shares, split
from studio.train.team import Steering

if TYPE_CHECKING:
    from studio.train.work import Work

DONE = "done"
_add: Any = torch._foreach_add_  # pyright: ignore


class _Sum:
    """The losses and gradients of the batches of a step that were done so far."""

    def __init__(self) -> None:
        self.done = 0
        self.losses: list[Tensor] = []
        self.gradients: list[Tensor] = []

    def add(self, losses: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        """Take in a batch: the sum of its losses, each of them, and the gradients."""
        self.done += 1
        if not self.gradients:  # copies, since some gradients may be one and the same tensor
            self.losses = [one.detach().clone() for one in losses]
            self.gradients = [one.clone() for one in gradients]
            return
        _add(self.losses, [one.detach() for one in losses])
        _add(self.gradients, list(gradients))


class FullStep:
    """Trains on what one step takes; told to stop between two of its batches, it goes on there later."""

    def __init__(self, work: Work, scaler: Scaler | None, average: Average | None) -> None:
        self.control: Steering = Control()
        self._work, self._scaler, self._average = work, scaler, average
        self._sum = _Sum()

    def __call__(self, batch: Batch, count: int) -> None:
        work = self._work
        if not self._through(self._sum, batch, count, told=True):
            return
        found, self._sum = self._sum, _Sum()
        total, *losses = found.losses
        if self._scaler is None or self._scaler.take_back(found.gradients):
            work.apply(found.gradients, total, lambda: self._again(batch, count))
            if self._average is not None:
                self._average.take()
        else:
            work.last_rate = work.learning_rate()
        work.ledger.add_losses(total, losses, count)
        work.place.step += 1
        work.place.batch += 1

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly, also in the middle of a step."""
        kept = {f"scaler.{key}": one for key, one in self._scaler.state().items()} if self._scaler else {}
        for name, tensors in (("loss", self._sum.losses), ("gradient", self._sum.gradients)):
            kept |= {f"{name}.{at}": one for at, one in enumerate(tensors)}
        return {**kept, DONE: torch.tensor(self._sum.done)} if self._sum.done else kept

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        if self._scaler is not None and "scaler.scale" in state:
            self._scaler.load({key: state[f"scaler.{key}"] for key in ("scale", "good")})
        if DONE in state:
            self._sum.done = int(state[DONE])
            self._sum.losses, self._sum.gradients = _listed(state, "loss."), _listed(state, "gradient.")

    def _through(self, into: _Sum, batch: Batch, count: int, told: bool) -> bool:
        """Add up the batches of a step; False where told to stop before the last."""
        work = self._work
        sizes = batch_sizes(count, work.batch_size, work.network)
        parts = split(batch, work.team.sizes(sizes))
        portions = shares(work.objective, parts, sizes, work.team)
        for at in range(into.done, len(parts)):
            if told and at and self.control.stopping:
                return False
            work.team.take(sizes[at])
            outcome = self._outcome(parts[at])
            if told:
                work.ledger.add_compared(outcome)
            into.add(*self._gradients(outcome, portions[at]))
        return True

    def _outcome(self, part: Batch) -> Outcome:
        try:
            return self._work.outcome(part)
        except NodeError as error:
            raise self._refused(error.__cause__, error.node) or error from error.__cause__

    def _gradients(
        self, outcome: Outcome, portions: Sequence[float]
    ) -> tuple[tuple[Tensor, ...], Sequence[Tensor]]:
        """The sum and the losses of a part, and the gradients of the sum, each as its share of the whole."""
        if all(one == 1.0 for one in portions):
            total, losses = outcome.total, outcome.losses
        else:
            total, losses = self._work.objective.portioned(outcome.losses, portions)
        try:
            scaled = total if self._scaler is None else total * self._scaler.scale
            return (total, *losses), self._work.gradients(scaled)
        except RuntimeError as error:
            raise self._refused(error, None) or error from error

    def _again(self, batch: Batch, count: int) -> tuple[Tensor, list[Tensor]]:
        """The loss and the gradients of a step where the weights are now."""
        found = _Sum()
        self._through(found, batch, count, told=False)
        return self._work.team.total(found.losses[0]), self._work.laid(found.gradients)

    def _refused(self, error: BaseException | None, node: str | None) -> TrainingError | None:
        """A layer that the CPU cannot compute in float16."""
        halves = self._scaler is not None and self._work.device.type == "cpu"
        if not halves or not isinstance(error, RuntimeError) or out_of_memory(error):
            return None
        where = f"{node}: " if node else ""
        return TrainingError(
            f"{where}PyTorch cannot compute this in float16 on the CPU.",
            "Set precision to bfloat16 or float32 in the training settings, or train on CUDA.",
            node,
        )


def _listed(state: Mapping[str, Tensor], prefix: str) -> list[Tensor]:
    found = {int(name.removeprefix(prefix)): one for name, one in state.items() if name.startswith(prefix)}
    return [found[at].clone() for at in sorted(found)]
