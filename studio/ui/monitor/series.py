"""What a run has reported so far, as lines that grow: one per metric and part, with smoothing. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from studio.train.events import EpochEnded, Event, Failed, Finished, Progress, Started, Validated
from studio.ui.monitor.trace import Column, Trace

if TYPE_CHECKING:
    from numpy import ndarray

Numbers: TypeAlias = "Sequence[float] | ndarray"
Part = Literal["steps", "train", "validation"]
"""Which line of a metric: training as it goes, training over whole epochs, validation after each epoch."""
Abscissa = Literal["step", "epoch", "time"]
LONGEST_EXPONENT = 300.0


class Line:
    """Values with the step and the time at which each was reached; infinite ones and NaN are left out."""

    def __init__(self) -> None:
        self.step, self.time, self.value = Column(), Column(), Trace()
        self.cuts = 0
        """How often points were forgotten: what was derived from them has to start over."""

    def __len__(self) -> int:
        return len(self.value)

    def extend(self, steps: Numbers, times: Numbers, values: Numbers) -> None:
        """Append points; steps ascend."""
        import numpy as np

        parts = [np.asarray(part, dtype=float) for part in (steps, times, values)]
        finite = np.isfinite(parts[2])
        if not finite.all():
            parts = [part[finite] for part in parts]
        for column, part in zip((self.step, self.time, self.value), parts, strict=True):
            column.extend(part)

    def cut(self, step: int) -> None:
        """Forget what came after a step: a run that goes on from a checkpoint repeats it."""
        size = int(self.step.array.searchsorted(step, side="right"))
        for part in (self.step, self.time, self.value):
            part.cut(size)
        self.cuts += 1

    def nearest(self, x: ndarray, at: float) -> int:
        """The index of the point closest to an abscissa."""
        right = int(x.searchsorted(at))
        if right == 0:
            return 0
        return right - 1 if right == len(x) or at - x[right - 1] <= x[right] - at else right


class Smoothed:
    """The exponential mean of a line over about `span` steps, following it as it grows.

    Each point is the mean of all values so far, weighted by exp(-(steps ago) / span): no start-up bias, and
    the same for lines with a point every step and lines with fewer.
    """

    def __init__(self, span: float) -> None:
        self.span = span
        self.value = Trace()
        self._cuts = 0
        self._at = self._sum = self._weight = 0.0

    def follow(self, line: Line) -> None:
        """Take in what was appended to the line since the last call."""
        import numpy as np

        if line.cuts != self._cuts:
            self.value.cut(0)
            self._cuts = line.cuts
        while (done := len(self.value)) < len(line):
            start = line.step.array[done]
            end = int(line.step.array.searchsorted(start + LONGEST_EXPONENT * self.span, side="right"))
            weights = np.exp((line.step.array[done:end] - start) / self.span)
            carried = math.exp((self._at - start) / self.span) if done else 0.0
            sums = carried * self._sum + np.cumsum(weights * line.value.array[done:end])
            totals = carried * self._weight + np.cumsum(weights)
            self.value.extend(sums / totals)
            self._at = float(line.step.array[end - 1])
            self._sum, self._weight = float(sums[-1] / weights[-1]), float(totals[-1] / weights[-1])


class History:
    """The lines of one run by metric and part. Metrics come in the order in which they are shown."""

    def __init__(self, name: str, epochs: int = 0, steps_per_epoch: int = 0) -> None:
        self.name = name
        self.run = ""
        """What tells it from every other run, whatever its name is."""
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        self.lines: dict[tuple[str, Part], Line] = {}
        self.before: History | None = None
        """Of a forked run, what its ancestors reported until it began."""
        self.members, self.member = 1, 0
        self.over = False
        self.planned = False
        """Whether it is still being trained, so that what it is to reach counts."""
        self.others: list[dict[tuple[str, Part], Line]] = []
        """Of a run of several seeds, the lines of those before the one that trains."""
        self._bands: dict[tuple[str, Part], Band] = {}
        self._seen = (0, 0.0)
        self._total = 0

    @property
    def metrics(self) -> list[str]:
        """The metrics reported so far: loss first, others, then those of each loss node, its loss first."""
        every = [*self.others, self.lines]
        found = dict.fromkeys(metric for lines in every for metric, _ in lines)
        return sorted(found, key=_place)

    @property
    def total_steps(self) -> int:
        """Steps of the whole run as planned, or as far as it went where that is more."""
        return max(self._total or self.epochs * self.steps_per_epoch, self._seen[0], 1)

    @property
    def reach(self) -> int:
        """Steps that a plot has to hold: of a run that is being trained all planned ones, else those made."""
        return self.total_steps if self.planned else max(self._made, 1)

    @property
    def _made(self) -> int:
        """Steps that were made; of several seeds the most that one made."""
        lines = [line for part in (self.lines, *self.others) for line in part.values() if len(line)]
        return max((int(line.step.array[-1]) for line in lines), default=self._seen[0])

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self._seen[1]

    def line(self, metric: str, part: Part) -> Line | None:
        """One line, or None where nothing was reported."""
        return self.lines.get((metric, part))

    @property
    def ended(self) -> list[dict[tuple[str, Part], Line]]:
        """The lines of each seed that is over."""
        return [*self.others, self.lines] if self.over else self.others

    def band(self, metric: str, part: Part) -> Band | None:
        """The mean and the spread of the seeds that are over; None before two of them are."""
        lines = [line for one in self.ended if (line := one.get((metric, part))) is not None]
        if self.members < 2 or len(lines) < 2:
            return None
        known = self._bands.get((metric, part))
        if known is None or known.count != len(lines):
            known = self._bands[metric, part] = band_of(lines)
        return known

    def add(self, events: Iterable[Event]) -> set[str]:
        """Take in what the run reports; returns the metrics whose lines have grown or shrunk."""
        changed: set[str] = set()
        ended: list[EpochEnded | Validated] = []
        for event in events:
            if isinstance(event, EpochEnded | Validated):
                ended.append(event)
                continue
            changed |= self._epochs(ended)
            ended = []
            if isinstance(event, Started):
                changed |= self._start(event)
            elif isinstance(event, Finished):
                self.over, self.planned = event.reason != "stopped", False
                changed |= set(self.metrics) if self.members > 1 else set()
            elif isinstance(event, Failed):
                self.planned = False
            elif isinstance(event, Progress):
                changed |= self._progress(event)
        return changed | self._epochs(ended)

    def put_by(self) -> History:
        """Count as an earlier run from now on: what it was to reach matters no more."""
        self.planned = False
        return self

    def along(self, line: Line, abscissa: Abscissa) -> tuple[ndarray, float]:
        """A line's points along the chosen abscissa (steps, epochs, seconds): an array, and its factor."""
        if abscissa == "time":
            return line.time.array, 1.0
        return line.step.array, 1.0 / max(1, self.steps_per_epoch) if abscissa == "epoch" else 1.0

    def _start(self, event: Started) -> set[str]:
        if event.member > self.member:
            self.others.append(self.lines)
            self.lines = {}
        self.member, self.members, self.over = event.member, event.members, False
        self.planned = True
        self.epochs, self.steps_per_epoch = event.epochs, max(1, event.steps_per_epoch)
        self._seen, self._total = (event.step, event.time), event.total
        for line in self.lines.values():
            line.cut(event.step)
        return {metric for metric, _ in self.lines}

    def _progress(self, event: Progress) -> set[str]:
        import numpy as np

        count = len(event.losses)
        before, seconds = self._seen[1], max(0.0, event.time - self._seen[1])
        done = np.arange(1, count + 1)
        times = before + seconds * done / max(count, 1)
        self._extend("loss", "steps", event.step - count + done, times, event.losses)
        running = {name: value for name, value in event.metrics.items() if name != "loss"}
        for name, value in running.items():
            self._extend(name, "steps", (event.step,), (event.time,), (value,))
        self._seen = (event.step, max(before, event.time))
        return {"loss", *running}

    def _epochs(self, ended: Sequence[EpochEnded | Validated]) -> set[str]:
        """Epochs that ended one after the other, and validations within; short ones end many at a time."""
        points: dict[tuple[str, Part], list[tuple[float, float, float]]] = {}
        for event in ended:
            parts: tuple[tuple[Part, Mapping[str, float]], ...]
            train = event.train if isinstance(event, EpochEnded) else {}
            parts = (("train", train), ("validation", event.validation))
            for part, values in parts:
                for metric, value in values.items():
                    points.setdefault((metric, part), []).append((event.step, event.time, value))
            self._seen = (event.step, max(self._seen[1], event.time))
        for (metric, part), rows in points.items():
            self._extend(metric, part, *zip(*rows, strict=True))
        return {metric for metric, _ in points}

    def _extend(self, metric: str, part: Part, steps: Numbers, times: Numbers, values: Numbers) -> None:
        if len(values):
            if (metric, part) not in self.lines:
                self.lines[metric, part] = Line()
            self.lines[metric, part].extend(steps, times, values)


class Band:
    """The mean of several lines, and one deviation below and above it."""

    def __init__(self, line: Line, low: Trace, high: Trace, count: int) -> None:
        self.line, self.low, self.high, self.count = line, low, high, count


def band_of(lines: Sequence[Line]) -> Band:
    """The mean and the deviation (over n - 1) at the points that all have reached."""
    import numpy as np

    size = min(len(line) for line in lines)
    values = np.stack([line.value.array[:size] for line in lines])
    times = np.stack([line.time.array[:size] for line in lines]).mean(0)
    means, apart = values.mean(0), values.std(0, ddof=1)
    mean, low, high = Line(), Trace(), Trace()
    mean.extend(lines[0].step.array[:size], times, means)
    low.extend(means - apart)
    high.extend(means + apart)
    return Band(mean, low, high, len(lines))


def history_of(name: str, events: Iterable[Event], running: bool = False, run: str = "") -> History:
    """The lines of a run that is on disk."""
    history = History(name)
    history.run = run
    history.add(events)
    history.planned = running
    return history


def _place(metric: str) -> tuple[bool, str, bool]:
    node, _, last = metric.rpartition(".")
    return (bool(node) or metric != "loss", node, last != "loss")
