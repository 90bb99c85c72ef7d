"""Which epochs' checkpoints are kept beside the last: the best few, every so many; only where asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.train import state
from studio.train.checkpoint import drop_checkpoint, save_checkpoint
from studio.train.events import Saved
from studio.train.kept import EPOCH, epoch_name
from studio.train.report import Report
from studio.train.work import Work

State = tuple[Mapping[str, Tensor], Mapping[str, Any]]


class Keeper:
    """Keeps whole states of epochs. The best wait in memory for the next writing of checkpoints, so that many
    short epochs that are each the best so far do not each wait for the disk.
    """

    def __init__(self, work: Work, best: int, every: int | None) -> None:
        self._work, self._best, self._every = work, best if best > 1 else 0, every
        self._waiting: dict[int, State] = {}

    def epoch_ended(self, score: float | None, seconds: float) -> bool:
        """Remember the state of the epoch that is over where it is to be kept; whether to write at once.

        The less the score, the better; None where the epoch was not judged.
        """
        place = self._work.place
        if self._best and score is not None:
            place.ranked = sorted([*place.ranked, (score, place.epoch)], key=tuple)[: self._best]
        if self._wanted(place.epoch):
            tensors, content = state.whole_state(self._work, seconds)
            if not self._work.team.rank:  # the first process writes what all have put together
                copied = {name: one.detach().clone() for name, one in tensors.items()}
                self._waiting[place.epoch] = copied, content
        return self._on_schedule(place.epoch)

    def write(self, report: Report, folder: Path) -> None:
        """Write what waits and is still wanted into a run's folder. Raises OSError."""
        for epoch, (tensors, content) in sorted(self._waiting.items()):
            if self._wanted(epoch):
                save_checkpoint(folder, epoch_name(epoch), tensors, content)
                report(Saved(report.clock(), epoch_name(epoch), epoch, content["step"]))
        self._waiting.clear()

    def tidy(self) -> None:
        """Delete what is kept no longer, once the last checkpoint says so."""
        for file in (self._work.job.run_dir / "checkpoints").glob("epoch-*.json"):
            number = EPOCH.fullmatch(file.stem)
            if number and not self._wanted(int(number[1])):
                drop_checkpoint(self._work.job.run_dir, file.stem)

    def _wanted(self, epoch: int) -> bool:
        return self._on_schedule(epoch) or any(epoch == best for _, best in self._work.place.ranked)

    def _on_schedule(self, epoch: int) -> bool:
        return self._every is not None and epoch > 0 and epoch % self._every == 0


def make_keeper(work: Work) -> Keeper | None:
    """The keeper that the settings ask for; None where the best and the last alone are kept."""
    best, every = int(work.options["keep_best"]), work.options["keep_every"]
    return Keeper(work, best, every) if best > 1 or every is not None else None
