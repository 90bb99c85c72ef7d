"""What a comparison of PyTorch and TensorFlow tells, as frozen values. No torch, no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Framework = Literal["pytorch", "tensorflow"]
FRAMEWORKS: tuple[Framework, ...] = ("pytorch", "tensorflow")
TITLES: Mapping[Framework, str] = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}


@dataclass(frozen=True, slots=True)
class Begun:
    """Both are ready: the same data, weights and order lie before them. `versions` are those of libraries."""

    epochs: int
    steps_per_epoch: int
    batch_size: int
    samples: int
    parameters: int
    threads: int
    notes: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done now: reading, loading a library, or an epoch (from 1) in one of the two."""

    doing: Literal["reading", "loading", "training"]
    framework: Framework | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Losses:
    """The training losses of some steps; the last of them is `step`, over all epochs, from 1."""

    framework: Framework
    step: int
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a process held with libraries, data and network, and at most in training.

    None where the system does not say.
    """

    ready: int | None = None
    peak: int | None = None


@dataclass(frozen=True, slots=True)
class EpochOver:
    """An epoch of one of the two: mean losses of its training part as trained and of the validation part
    after it (None where there is none), and the seconds of its training steps alone.
    """

    framework: Framework
    epoch: int
    train: float
    validation: float | None
    seconds: float
    samples: int
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over: all epochs done, stopped, or one of the two failed."""

    reason: Literal["completed", "stopped", "failed"]
    framework: Framework | None = None
    message: str = ""
    hint: str = ""
    details: str = ""


Told = Begun | Stage | Losses | EpochOver | Ended
