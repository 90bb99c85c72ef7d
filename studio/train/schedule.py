"""The learning rate's factor over a run: a pure function of the step, but where it listens to the loss.

Without torch, so that a window can draw the curve of a schedule at once.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.catalog.registry import checked_values, registry
from studio.errors import StudioError
from studio.project.project import Setting

Factor = Callable[[int, int], float]
"""(epoch from 1, step over the whole run from 0) -> factor of the optimizer's learning rate."""
Values = Mapping[str, Any]


class Schedule:
    """The factor at every step. `plateau` is what listens to the loss of each epoch, where one does."""

    def __init__(self, factor: Factor, plateau: Plateau | None = None) -> None:
        self._factor = factor
        self._plateau = plateau

    def __call__(self, epoch: int, step: int) -> float:
        """The factor of a step."""
        factor = self._factor(epoch, step)
        return factor if self._plateau is None else factor * self._plateau.factor

    @property
    def listens(self) -> bool:
        """Whether the factor depends on the loss."""
        return self._plateau is not None

    def epoch_ended(self, epoch: int, loss: float) -> None:
        """Take in the loss by which an epoch (from 1) is judged."""
        if self._plateau is not None:
            self._plateau.judge(epoch, loss)

    def state(self) -> dict[str, float | int | None]:
        """All that `load` needs to go on exactly; nothing where the step says it all."""
        return self._plateau.state() if self._plateau else {}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        if self._plateau is not None and state:
            self._plateau.load(state)


class Plateau:
    """The factor that falls when the loss does not, as torch's ReduceLROnPlateau. Epochs up to `start` do not
    count.
    """

    def __init__(self, values: Values, start: float) -> None:
        self._values, self._start = values, start
        self.factor = 1.0
        self._best: float | None = None
        self._bad = self._resting = 0

    def judge(self, epoch: int, loss: float) -> None:
        """Take in an epoch's loss."""
        if epoch <= self._start:
            return
        better = self._best is None or loss < self._best * (1.0 - self._values["threshold"])
        if better:
            self._best, self._bad = loss, 0
        else:
            self._bad += 1
        if self._resting:
            self._resting, self._bad = self._resting - 1, 0
        if self._bad > self._values["patience"]:
            self.factor = max(self.factor * self._values["factor"], self._values["least"])
            self._resting, self._bad = self._values["cooldown"], 0

    def state(self) -> dict[str, float | int | None]:
        """What was seen so far."""
        return {"factor": self.factor, "best": self._best, "bad": self._bad, "resting": self._resting}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.factor, self._best = state["factor"], state["best"]
        self._bad, self._resting = state["bad"], state["resting"]


def make_schedule(setting: Setting, epochs: int, steps_per_epoch: int, total: int | None = None) -> Schedule:
    """The factor that a schedule's settings give, over all epochs or so many steps in `total`.

    Raises StudioError for one that is not known.
    """
    steps = epochs * steps_per_epoch if total is None else total
    component = registry().component("schedule", setting.type)
    if component is None:
        known = ", ".join(one.type for one in registry().components("schedule"))
        raise StudioError(
            f"There is no schedule {setting.type!r}.", f"Choose one of {known} in the training settings."
        )
    values, _ = checked_values(component.params, setting.params)
    warm = min(round(_number(values["warmup"]) * steps_per_epoch), steps)
    left = max(1, steps - warm)
    factor = _MAKERS[setting.type](values, left, steps_per_epoch)
    plateau = Plateau(values, warm / steps_per_epoch) if setting.type == "Plateau" else None
    return Schedule(_warmed(factor, warm, steps_per_epoch), plateau)


def curve(
    setting: Setting, epochs: int, steps_per_epoch: int, points: int = 200, total: int | None = None
) -> list[float]:
    """The factor at evenly spaced steps of a whole training, the first and the last among them; over all
    epochs or so many steps in `total`.

    For a schedule that listens to the loss: as if the loss got no better after the first epoch. Raises
    StudioError for a schedule that is not known.
    """
    schedule = make_schedule(setting, epochs, steps_per_epoch, total)
    steps = epochs * steps_per_epoch if total is None else total
    count = max(2, min(points, steps))
    found: list[float] = []
    judged = 0
    for point in range(count):
        step = round(point * (steps - 1) / (count - 1))
        while schedule.listens and judged < step // steps_per_epoch:
            judged += 1
            schedule.epoch_ended(judged, 1.0)
        found.append(schedule(step // steps_per_epoch + 1, step))
    return found


def _warmed(factor: Factor, warm: int, per_epoch: int) -> Factor:
    """Grow evenly for so many steps; the schedule's own steps and epochs count from then on."""
    if not warm:
        return factor

    def warmed(epoch: int, step: int) -> float:
        if step < warm:
            return (step + 1) / (warm + 1)
        return factor((step - warm) // per_epoch + 1, step - warm)

    return warmed


def _constant(values: Values, steps: int, per_epoch: int) -> Factor:
    return lambda epoch, step: 1.0


def _linear(values: Values, steps: int, per_epoch: int) -> Factor:
    start, end = _number(values["start"]), _number(values["end"])
    over = steps if values["over"] is None else max(1, round(_number(values["over"]) * per_epoch))
    return lambda epoch, step: start + (end - start) * min(step, over) / over


def _step(values: Values, steps: int, per_epoch: int) -> Factor:
    every, factor = int(values["every"]), _number(values["factor"])
    return lambda epoch, step: factor ** ((epoch - 1) // every)


def _multi_step(values: Values, steps: int, per_epoch: int) -> Factor:
    given, factor = values["at"], _number(values["factor"])
    at: Sequence[int] = sorted(given if isinstance(given, Sequence) else (given,))
    return lambda epoch, step: factor ** bisect_right(at, epoch - 1)


def _exponential(values: Values, steps: int, per_epoch: int) -> Factor:
    factor = _number(values["factor"])
    return lambda epoch, step: factor ** (epoch - 1)


def _cosine(values: Values, steps: int, per_epoch: int) -> Factor:
    least = _number(values["least"])
    return lambda epoch, step: _between(1.0, least, step / steps)


def _restarts(values: Values, steps: int, per_epoch: int) -> Factor:
    period, growth = max(1.0, _number(values["period"]) * per_epoch), int(values["growth"])
    least = _number(values["least"])

    def factor(epoch: int, step: int) -> float:
        if growth == 1:
            return _between(1.0, least, (step % period) / period)
        round_ = int(math.log(step / period * (growth - 1) + 1, growth) + 1e-9)
        began = period * (growth**round_ - 1) / (growth - 1)
        return _between(1.0, least, (step - began) / (period * growth**round_))

    return factor


def _one_cycle(values: Values, steps: int, per_epoch: int) -> Factor:
    start = 1.0 / _number(values["start"])
    end = start / _number(values["end"])
    top = _number(values["rise"]) * steps - 1.0
    bend = _between if values["shape"] == "cos" else _straight

    def factor(epoch: int, step: int) -> float:
        if step <= top:
            return bend(start, 1.0, step / top if top > 0 else 1.0)
        return bend(1.0, end, min(1.0, (step - top) / max(1e-9, steps - 1.0 - top)))

    return factor


def _polynomial(values: Values, steps: int, per_epoch: int) -> Factor:
    power = _number(values["power"])
    return lambda epoch, step: (1.0 - min(step, steps) / steps) ** power


def _chained(values: Values, steps: int, per_epoch: int) -> Factor:
    turn = min(steps, round(_number(values["until"]) * per_epoch))
    first = _link(values["first"], values["first_settings"], max(1, turn), per_epoch)
    second = _link(values["second"], values["second_settings"], max(1, steps - turn), per_epoch)

    def factor(epoch: int, step: int) -> float:
        if step < turn:
            return first(epoch, step)
        return second((step - turn) // per_epoch + 1, step - turn)

    return factor


def _link(type: str, settings: Values, steps: int, per_epoch: int) -> Factor:
    """One part of a chain; its settings are checked as its own form would."""
    component = registry().component("schedule", type)
    assert component
    known = {param.name for param in component.params}
    values, wrong = checked_values(component.params, settings)
    wrong |= {name: f"{type} has no setting {name}" for name in settings if name not in known}
    for message in wrong.values():
        hint = f"{type} has: {', '.join(sorted(known - {'warmup'}))}. Correct it in the training settings."
        raise StudioError(f"The chained schedule cannot be made: {message}.", hint)
    warm = min(round(_number(values["warmup"]) * per_epoch), steps)
    return _warmed(_MAKERS[type](values, max(1, steps - warm), per_epoch), warm, per_epoch)


def _between(first: float, last: float, share: float) -> float:
    """Along half a cosine."""
    return last + (first - last) * (1.0 + math.cos(math.pi * share)) / 2.0


def _straight(first: float, last: float, share: float) -> float:
    return first + (last - first) * share


def _number(value: Any) -> float:  # noqa: ANN401
    return float(value)


_MAKERS: Mapping[str, Callable[[Values, int, int], Factor]] = {
    "Constant": _constant,
    "Linear": _linear,
    "Step": _step,
    "MultiStep": _multi_step,
    "Exponential": _exponential,
    "Cosine": _cosine,
    "CosineRestarts": _restarts,
    "OneCycle": _one_cycle,
    "Polynomial": _polynomial,
    "Plateau": _constant,
    "Chained": _chained,
}
