"""What a network's results mean: classes with their shares, or numbers; the loss of each tells which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from studio.build.plan import LossStep, Plan, Ref
from studio.catalog.registry import Turn
from studio.data.raw import Array
from studio.data.row_ways import back_of, begin_of
from studio.data.ways import Way
from studio.project.fields import Field
from studio.project.graph import Endpoint
from studio.train import balance

MOST_MOMENTS, FAR = 8, 1e6
"""Dates that an answer tells, and days from the first that they lie at most."""
AFTER: Mapping[str, Turn] = {"Softmax": "none", "LogSoftmax": "exp", "Sigmoid": "none"}
"""What makes shares of the output of such a layer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a tensor: `turn` first, then as a share for each of `classes`, or (without any) as numbers.

    Two classes may come as one number, the share of the second. `places` are classified each by itself: the
    numbers are then the index of the likeliest class of each. `back` brings numbers to the data's own units;
    where they count days, `begin` is the moment from which they do.
    """

    turn: Turn = "none"
    classes: tuple[str, ...] | None = None
    places: bool = False
    back: Callable[[Array], Array] | None = None
    begin: str = ""

    def values(self, tensor: Tensor) -> Array:
        """Shares (N, classes), or numbers as they came, one sample a row; of scores N×C×… the classes N×…"""
        if self.places:
            return tensor.argmax(1).cpu().numpy()
        turned = self._turned(tensor.float() if tensor.is_floating_point() else tensor)
        if self.classes is not None and len(self.classes) == 2 and turned.numel() == len(turned):
            second = turned.reshape(-1, 1)
            turned = torch.cat((1 - second, second), 1)
        return self.own(turned.cpu().numpy())

    def own(self, numbers: Array) -> Array:
        """Numbers in the data's own units."""
        return numbers if self.back is None or self.classes is not None else self.back(numbers)

    def _turned(self, tensor: Tensor) -> Tensor:
        if self.turn == "softmax":
            return tensor.softmax(1)
        if self.turn == "exp":
            return tensor.exp()
        return tensor.sigmoid() if self.turn == "sigmoid" else tensor


@dataclass(frozen=True, slots=True)
class Answer:
    """What one result says about one sample: classes with their shares, likeliest first, or else numbers.

    `text` is what the numbers stand for, where they are tokens.
    """

    shares: tuple[tuple[str, float], ...] = ()
    numbers: Array | None = None
    text: str = ""

    @property
    def label(self) -> str | None:
        """The likeliest class."""
        return self.shares[0][0] if self.shares else None

    @property
    def confidence(self) -> float | None:
        """The share of the likeliest class."""
        return self.shares[0][1] if self.shares else None

    def __str__(self) -> str:
        """cat, or 1.5, 2"""
        return self.shares[0][0] if self.shares else self.text or numbers_text(self.numbers)


def reading_of(
    plan: Plan, ref: Ref, fields: Mapping[str, Field], ways: Mapping[str, Way] = MappingProxyType({})
) -> Reading:
    """How to read a tensor of the drawing."""
    for loss in plan.losses:
        if loss.prediction == ref:
            return loss_reading(plan, loss, fields, ways)
    steps = {step.name: step for step in plan.steps}
    step = steps.get(ref.node) if isinstance(ref, Endpoint) else None
    for loss in plan.losses:
        of = loss_reading(plan, loss, fields, ways)
        if step is not None and step.layer.type in AFTER and step.args[:1] == (loss.prediction,):
            return replace(of, turn=AFTER[step.layer.type])
        before = steps.get(loss.prediction.node) if isinstance(loss.prediction, Endpoint) else None
        if before is not None and before.layer.type == "LogSoftmax" and before.args[:1] == (ref,):
            return replace(of, turn="softmax")
    return Reading()


def loss_reading(
    plan: Plan, loss: LossStep, fields: Mapping[str, Field], ways: Mapping[str, Way] = MappingProxyType({})
) -> Reading:
    """How to read what a loss compares; `ways` tell how targets came to their numbers."""
    way = ways.get(balance.target_field(plan, loss) or "")
    return replace(_loss_reading(plan, loss, fields), back=back_of(way), begin=begin_of(way))


def _loss_reading(plan: Plan, loss: LossStep, fields: Mapping[str, Field]) -> Reading:
    turn = loss.layer.turn
    field = target_field(plan, loss, fields)
    named = field.classes if field is not None else None
    shape = loss.inputs[0].shape
    if loss.layer.compares == "chances":
        single = all(size == 1 for size in shape[1:])
        return Reading(turn, named if named is not None and len(named) == 2 and single else None)
    if loss.layer.compares != "classes":
        return Reading(turn)
    if len(shape) != 2:
        return Reading(turn, places=True)
    count = shape[1]
    assert isinstance(count, int)
    names = named or ()
    return Reading(turn, names[:count] + tuple(map(str, range(len(names), count))))


def target_field(plan: Plan, loss: LossStep, fields: Mapping[str, Field]) -> Field | None:
    """The field of the data a loss compares with, None where the drawing computes the target."""
    name = balance.target_field(plan, loss)
    return fields.get(name) if name is not None else None


def answer(reading: Reading, values: Array) -> Answer:
    """The answer for one sample's row of `Reading.values`."""
    if reading.classes is None:
        return Answer(numbers=values, text=moments(values, reading.begin) if reading.begin else "")
    order = np.argsort(-values, kind="stable")
    return Answer(tuple((reading.classes[at], float(values[at])) for at in order))


def moments(days: Array, begin: str) -> str:
    """Days since a moment as the moments that they lead to."""
    start = np.datetime64(begin, "s")
    flat = np.asarray(days, np.float64).reshape(-1)[:MOST_MOMENTS]
    seconds = np.nan_to_num(np.clip(flat, -FAR, FAR)) * 86_400
    found = [str(start + np.timedelta64(round(one), "s")).replace("T", " ") for one in seconds]
    return ", ".join(one.removesuffix(" 00:00:00") for one in found)


def numbers_text(numbers: Array | None) -> str:
    """Numbers as a person reads them, never many."""
    if numbers is None:
        return ""
    flat = np.asarray(numbers).reshape(-1)
    return ", ".join(f"{value:.5g}" for value in flat[:8]) + (", …" if len(flat) > 8 else "")
