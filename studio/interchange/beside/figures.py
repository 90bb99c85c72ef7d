"""What a comparison comes to: losses side by side, their difference, speed and memory. No torch."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.interchange.beside.told import FRAMEWORKS, Begun, EpochOver, Framework, Losses, Memory, Told

MEASURED = "the training steps of all epochs but the first, one framework at a time"
MEASURED_FIRST = "the training steps of the first epoch, the start of each framework among them"


@dataclass(frozen=True, slots=True)
class Row:
    """An epoch of both; the differences are relative to PyTorch's loss."""

    epoch: int
    pytorch: EpochOver
    tensorflow: EpochOver

    @property
    def difference(self) -> float:
        """Of the training losses."""
        return relative(self.pytorch.train, self.tensorflow.train)

    @property
    def validation_difference(self) -> float | None:
        """Of the validation losses, where there are any."""
        one, other = self.pytorch.validation, self.tensorflow.validation
        return None if one is None or other is None else relative(one, other)


@dataclass
class Figures:
    """Takes in what is told, and has the numbers of it at any time."""

    begun: Begun | None = None
    losses: Mapping[Framework, array[float]] = field(
        default_factory=lambda: {name: array("d") for name in FRAMEWORKS}
    )
    """Training losses of every step so far."""
    epochs: Mapping[Framework, list[EpochOver]] = field(
        default_factory=lambda: {name: [] for name in FRAMEWORKS}
    )

    def take(self, told: Told) -> None:
        """Take in one of the things told."""
        if isinstance(told, Begun):
            self.begun = told
        elif isinstance(told, Losses):
            self.losses[told.framework].extend(told.losses)
        elif isinstance(told, EpochOver):
            self.epochs[told.framework].append(told)

    @property
    def rows(self) -> list[Row]:
        """The epochs that both have trained."""
        pairs = zip(self.epochs["pytorch"], self.epochs["tensorflow"], strict=False)
        return [Row(one.epoch, one, other) for one, other in pairs]

    @property
    def largest(self) -> float | None:
        """The largest difference of an epoch's training losses."""
        return max((row.difference for row in self.rows), default=None)

    def speed(self, framework: Framework) -> float | None:
        """Samples a second, after the first epoch where there are more."""
        over = self.epochs[framework]
        timed = over[1:] or over
        seconds = sum(one.seconds for one in timed)
        return sum(one.samples for one in timed) / seconds if seconds > 0 else None

    @property
    def measured(self) -> str:
        """How the speed was measured."""
        return MEASURED if len(self.rows) > 1 else MEASURED_FIRST

    def memory(self, framework: Framework) -> Memory:
        """What the process of one of them held."""
        over = self.epochs[framework]
        return over[-1].memory if over else Memory()


def relative(one: float, other: float) -> float:
    """How far another number is from one, as a share of it."""
    return abs(one - other) / max(abs(one), 1e-12)


def in_training(memory: Memory) -> int | None:
    """Bytes at most beyond what the process held with libraries, data and network."""
    return None if memory.peak is None or memory.ready is None else max(0, memory.peak - memory.ready)


def summary(figures: Figures) -> Mapping[str, object]:
    """All of it as JSON values."""
    return {
        "epochs": [
            {
                "epoch": row.epoch,
                "pytorch": {"train": row.pytorch.train, "validation": row.pytorch.validation},
                "tensorflow": {"train": row.tensorflow.train, "validation": row.tensorflow.validation},
                "difference": row.difference,
                "validation_difference": row.validation_difference,
            }
            for row in figures.rows
        ],
        "largest_difference": figures.largest,
        "samples_per_second": {name: figures.speed(name) for name in FRAMEWORKS},
        "speed_measured": figures.measured,
        "memory": {name: _memory(figures, name) for name in FRAMEWORKS},
        "threads": figures.begun.threads if figures.begun else None,
        "versions": dict(figures.begun.versions) if figures.begun else {},
        "left_out": list(figures.begun.notes) if figures.begun else [],
    }


def _memory(figures: Figures, framework: Framework) -> dict[str, int | None]:
    found = figures.memory(framework)
    return {"peak": found.peak, "in_training": in_training(found)}
