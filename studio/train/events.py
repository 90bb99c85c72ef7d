"""What a run reports, as frozen values; each goes to the run's events.jsonl and, in the window, to the
monitor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Limit = Literal["", "minutes", "steps"]
Metrics = Mapping[str, float]
"""Metrics of one part. "loss" is the weighted sum; with several loss nodes there is also "<node>.loss" and
every metric is "<node>.<metric>"; with one node it is plain "accuracy", "mae", …"""


@dataclass(frozen=True, slots=True)
class Event:
    """Anything a run reports; `time` is seconds of training since the run began, pauses left out."""

    time: float


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The run is ready to train, or when resumed goes on after `epoch` whole epochs and `step` steps.

    `total` is the number of steps in all, 0 where it is that of all epochs. A run of several seeds begins
    once with each: as number `member`, from 0, of so many `members`.
    """

    run: str
    device: str
    epochs: int
    steps_per_epoch: int
    batch_size: int
    samples: Mapping[str, int]
    parameters: int
    epoch: int = 0
    step: int = 0
    total: int = 0
    member: int = 0
    members: int = 1


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """At most some ten times a second: the training losses of all steps since the last one.

    `epoch` counts from 1, `step` over the whole run from 1; `losses[i]` belongs to step `step - len(losses) +
    1 + i`. `metrics` are the running training metrics of this epoch so far. `left` is the estimate of seconds
    to go.
    """

    epoch: int
    step: int
    losses: tuple[float, ...]
    metrics: Metrics
    learning_rate: float
    samples_per_second: float
    left: float


@dataclass(frozen=True, slots=True)
class EpochEnded(Event):
    """An epoch is over: metrics of the training part (as trained) and of the validation part (in eval), if it
    ends with a validation.
    """

    epoch: int
    step: int
    train: Metrics
    validation: Metrics
    learning_rate: float
    best: bool
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Validated(Event):
    """Metrics of the validation part within an epoch, where it is looked at every so many steps."""

    epoch: int
    step: int
    validation: Metrics
    best: bool
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Saved(Event):
    """A checkpoint is whole on disk; `name` is "last", "best" or that of an epoch that is kept."""

    name: str
    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something did not work and the run goes on all the same: a checkpoint that found no room, say.

    `about` is "disk" where the next checkpoint that is written makes it good, "moved" where the run's folder
    lies elsewhere now.
    """

    message: str
    hint: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """Ways to compute the same training were measured beside it, and from `step` on it goes the `chosen` one.

    Each of `ways` says its threads, memory_format, precision and whether it is compiled; the `seconds` of a
    step; whether its losses and gradients were `equal` to those of the first, which was in use till then,
    to the last bit; and why it `failed`, if it did.
    """

    step: int
    chosen: int
    ways: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Unmeasured(Event):
    """Settings on auto of which nothing is measured: `kept` says by their names what is taken, and why."""

    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LayersMeasured(Event):
    """Statistics of the layers in one step, by the path of the drawn node: conv1; block/conv1 in a block, or
    block/2/conv1 in the third turn of one that follows itself with weights of its own.

    Of what a node gives: its `mean`, its `std`, the share of `zeros`, the `largest` magnitude. Of its weights
    the norm `weights`, that of their `gradient`, and `update`, the norm of the step over that of the weights.
    `bad` is 1 where a value was not finite. A node has those that it can have. `inputs` are the nodes that
    give what they are given.
    """

    epoch: int
    step: int
    layers: Mapping[str, Mapping[str, float]]
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paused(Event):
    """Waiting; no step runs until resumed."""

    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """Going on after a pause."""

    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The run is over: all epochs done, stopped early by patience, or stopped by the user.

    `limit` says what ended one that is completed before all its epochs were done: max_minutes or max_steps.
    Of several seeds `test` is the mean, and `deviation` how far they lie apart (over n - 1).
    """

    reason: Literal["completed", "early", "stopped"]
    epoch: int
    step: int
    best_epoch: int
    test: Metrics = field(default_factory=dict)
    deviation: Metrics = field(default_factory=dict)
    limit: Limit = ""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The run could not go on. The last good checkpoint is kept. `node` is the layer at fault; `fitting` a
    batch size to go on with, where memory did not suffice; `guessed` says that it may have been otherwise;
    `lost` says that its process was ended.
    """

    message: str
    hint: str
    epoch: int = 0
    step: int = 0
    node: str | None = None
    details: str = ""
    fitting: int | None = None
    guessed: bool = False
    lost: bool = False


KINDS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(Started, Progress, EpochEnded, Validated, Saved, Warned, Measured, Unmeasured, LayersMeasured),
        *(Paused, Resumed, Finished, Failed),
    )
}


def with_last_epoch(events: Sequence[Event]) -> list[Event]:
    """The events without those epochs' ends that a later one makes old: short epochs end many at a time.

    Of several seeds each one's last epoch stays.
    """
    kept: list[Event] = []
    old = False
    for event in reversed(events):
        if not (old and isinstance(event, EpochEnded)):
            kept.append(event)
        if isinstance(event, Started | EpochEnded):
            old = isinstance(event, EpochEnded)
    return kept[::-1]


def to_dict(event: Event) -> dict[str, Any]:
    """An event as JSON values, its kind under "event"."""
    return {"event": type(event).__name__, **asdict(event)}


def from_dict(values: Mapping[str, Any]) -> Event:
    """The event that `to_dict` wrote; raises ValueError for an unknown kind or wrong keys."""
    rest: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if key != "event"
    }
    try:
        return KINDS[values["event"]](**rest)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an event: {error}") from error
