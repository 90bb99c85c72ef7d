"""What a run has told of its layers: the latest statistics, and how each has gone over the steps. No Qt."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite, nan

from studio.train.events import Event, LayersMeasured, Started
from studio.train.statistics.kept import far_enough

KEYS = ("mean", "std", "zeros", "largest", "gradient", "weights", "update")
"""The statistics in the order in which they are shown."""
Statistics = Mapping[str, float]


class LayerSeries:
    """The statistics of one run. Of a long one as many are kept as its file has: some hundreds."""

    def __init__(self) -> None:
        self.last: LayersMeasured | None = None
        self.total = 0
        """Steps of the whole run as planned."""
        self._rows: list[tuple[int, float, array[float]]] = []
        self._places: dict[str, int] = {}
        self._provisional = False

    @property
    def layers(self) -> Mapping[str, Statistics]:
        """The latest statistics by the path of the node."""
        return self.last.layers if self.last is not None else {}

    def add(self, events: Iterable[Event]) -> bool:
        """Take in what the run reports; whether there is anything new to show."""
        changed = False
        for event in events:
            if isinstance(event, Started):
                self._start(event)
                changed = True
            elif isinstance(event, LayersMeasured) and (read := _readable(event)) is not None:
                self._take(read)
                changed = True
        return changed

    def curve(self, path: str, key: str) -> tuple[list[int], list[float], list[float]]:
        """The steps, the times and the values of one statistic of a node."""
        at = self._places.get(path)
        if at is None:
            return [], [], []
        place = at * len(KEYS) + KEYS.index(key)
        points = [
            (step, time, row[place])
            for step, time, row in self._rows
            if place < len(row) and isfinite(row[place])
        ]
        return [one[0] for one in points], [one[1] for one in points], [one[2] for one in points]

    def _start(self, event: Started) -> None:
        """A run begins, or goes on after a step: what came after that is measured anew."""
        self.total = event.total or event.epochs * event.steps_per_epoch
        kept = [row for row in self._rows if row[0] <= event.step]
        if len(kept) < len(self._rows):
            self._rows, self._provisional = kept, False
            self.last = None if not kept else self.last

    def _take(self, event: LayersMeasured) -> None:
        if self._provisional:
            self._rows.pop()
        self._provisional = bool(self._rows) and not far_enough(self._rows[-1][1], event.time)
        self._rows.append((event.step, event.time, self._row(event)))
        self.last = event

    def _row(self, event: LayersMeasured) -> array[float]:
        for path in event.layers:
            self._places.setdefault(path, len(self._places))
        row = array("f", [nan]) * (len(self._places) * len(KEYS))
        for path, found in event.layers.items():
            start = self._places[path] * len(KEYS)
            for at, key in enumerate(KEYS):
                row[start + at] = found.get(key, nan)
        return row


def _readable(event: LayersMeasured) -> LayersMeasured | None:
    """What can be read of an event, whoever wrote it; None where nothing can."""
    if not isinstance(event.layers, Mapping):
        return None
    layers = {path: _numbers(one) for path, one in event.layers.items() if isinstance(one, Mapping)}
    return replace(event, layers=layers, inputs=event.inputs if isinstance(event.inputs, tuple) else ())


def _numbers(found: Statistics) -> Statistics:
    return {key: one for key, one in found.items() if isinstance(one, int | float) and isfinite(one)}


def drawn(path: str) -> tuple[str, ...]:
    """The drawn node that a path stands for: the block nodes that lead to it, and its name. The turns of a
    block that follows itself are drawn once.
    """
    return tuple(part for part in path.split("/") if not part.isdecimal())


def turn(path: str) -> str:
    """A path as it is read: the number of a turn from 1, as people count."""
    return "/".join(str(int(part) + 1) if part.isdecimal() else part for part in path.split("/"))


def by_drawn(layers: Mapping[str, Statistics]) -> dict[tuple[str, ...], Statistics]:
    """The statistics of each drawn node: of several turns the mean."""
    found: dict[tuple[str, ...], list[Statistics]] = {}
    for path, one in layers.items():
        found.setdefault(drawn(path), []).append(one)
    return {node: several[0] if len(several) == 1 else _mean(several) for node, several in found.items()}


def _mean(several: list[Statistics]) -> Statistics:
    keys = dict.fromkeys(key for one in several for key in one)
    values = {key: [one[key] for one in several if key in one] for key in keys}
    return {key: sum(known) / len(known) for key, known in values.items()}
