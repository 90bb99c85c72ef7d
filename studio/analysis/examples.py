"""Samples as a person looks at them: what went in, what is true, what the network says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.analysis.answers import Answer, answer, loss_reading, moments, numbers_text, target_field
from studio.analysis.pictures import shown_picture
from studio.build import calls
from studio.build.network import make_losses
from studio.build.plan import LossStep, Plan
from studio.build.targets import SETTLED
from studio.data.raw import Array, RawData
from studio.data.ways import Way
from studio.project.fields import Field

Compared = Mapping[str, tuple[Tensor, ...]]
"""The tensors of each loss node for all samples of a part, in the order of its ports."""
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of the part: `row` is its number in the source, from 0.

    `picture` is bytes to show, (height, width) or (height, width, 3), where an input is a picture; `values`
    are the other inputs in words. `confidence` is the share of the predicted class, None where numbers are
    predicted; `loss` is the weighted sum of all losses for this sample alone; `wrong` says that a class was
    predicted, and not the true one.
    """

    row: int
    picture: Array | None
    values: str
    truth: str
    prediction: str
    confidence: float | None
    loss: float
    wrong: bool = False


def worst_samples(
    plan: Plan,
    fields: Mapping[str, Field],
    raw: RawData,
    rows: Array,
    compared: Compared,
    most: int,
    ways: Mapping[str, Way],
) -> tuple[Sample, ...]:
    """The samples with the largest losses first; `rows` are the part's row numbers in the source."""
    losses = _sample_losses(plan, compared)
    order = torch.argsort(losses, descending=True, stable=True)[:most]
    told = {loss.name: _told(plan, loss, fields, compared[loss.name], order, ways) for loss in plan.losses}
    samples: list[Sample] = []
    for place, at in enumerate(order.tolist()):
        row = int(rows[at])
        picture, values = _input(plan, raw, row)
        pairs = {name: of[place] for name, of in told.items()}
        confidence = next(
            (said.confidence for said, _ in pairs.values() if said.confidence is not None), None
        )
        truth = _joined({name: true for name, (_, true) in pairs.items()})
        prediction = _joined({name: str(said) for name, (said, _) in pairs.items()})
        wrong = any(said.label is not None and said.label != true for said, true in pairs.values())
        samples.append(Sample(row, picture, values, truth, prediction, confidence, float(losses[at]), wrong))
    return tuple(samples)


def _sample_losses(plan: Plan, compared: Compared) -> Tensor:
    """The weighted loss of each sample alone."""
    total = torch.zeros(len(next(iter(compared.values()))[0]))
    for loss in plan.losses:
        total += _each(loss, make_losses(plan)[loss.name], compared[loss.name]) * loss.weight
    return total


def _each(loss: LossStep, module: Any, compared: tuple[Tensor, ...]) -> Tensor:  # noqa: ANN401
    """One loss of each sample alone: at once where torch can tell them apart, else one by one."""
    count = len(compared[0])
    if loss.layer.compares in SETTLED:
        inner: Any = getattr(module, "loss", module)
        if hasattr(inner, "reduction"):
            inner.reduction = "none"
            each: Tensor = module(*compared)
            return each.reshape(count, -1).mean(1)
    args, named = calls.arrange(loss.layer, loss.ports, compared)
    rows = range(count)
    alone = [
        module(*(one[at : at + 1] for one in args), **{key: one[at : at + 1] for key, one in named.items()})
        for at in rows
    ]
    return torch.stack(alone)


def _told(
    plan: Plan,
    loss: LossStep,
    fields: Mapping[str, Field],
    compared: tuple[Tensor, ...],
    order: Tensor,
    ways: Mapping[str, Way],
) -> list[tuple[Answer, str]]:
    """What the network says and what is true ("" where nothing is), of one loss, in this order."""
    prediction = compared[0][order]
    reading = loss_reading(plan, loss, fields, ways)
    said = [answer(reading, values) for values in reading.values(prediction)]
    field = target_field(plan, loss, fields)
    names = reading.classes or (field.classes if field is not None else None)
    if "target" not in loss.ports:
        return [(one, "") for one in said]
    target = compared[loss.ports.index("target")][order]
    return list(
        zip(said, [_truth(one, names, reading.begin) for one in reading.own(target.numpy())], strict=True)
    )


def _truth(value: Array, names: Sequence[str] | None, begin: str = "") -> str:
    if begin:
        return moments(value, begin)
    if names is not None and value.size == 1 and 0 <= int(value.item()) < len(names):
        return names[int(value.item())]
    return numbers_text(value)


def _joined(texts: Mapping[str, str]) -> str:
    """One loss's text alone; several with the names of their nodes."""
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name}: {text}" for name, text in texts.items())


def _input(plan: Plan, raw: RawData, row: int) -> tuple[Array | None, str]:
    """The picture among the inputs, if any, and the other inputs in words."""
    picture: Array | None = None
    texts: list[str] = []
    for name in dict.fromkeys(step.field for step in plan.model_inputs):
        field, sample = raw.fields[name], raw.arrays[name][row]
        if field.picture and picture is None:
            picture = shown_picture(sample, field)
        else:
            texts.append(_words(raw, field, sample))
    return picture, "; ".join(texts)


def _words(raw: RawData, field: Field, sample: Array) -> str:
    """petal length 1.4, petal width 0.2, …"""
    if field.classes is not None and np.ndim(sample) == 0:
        return f"{field.name} {field.classes[int(sample)]}"
    columns = raw.columns.get(field.name, ())
    if not columns:
        return f"{field.name} {numbers_text(sample)}"
    values, start, words = np.asarray(sample).reshape(-1), 0, list[str]()
    for column in columns[:SHOWN]:
        part = values[start : start + column.width]
        start += column.width
        text = f"{part[0]:.5g}" if column.classes is None else column.classes[int(part.argmax())]
        words.append(f"{column.name} {text}")
    return ", ".join(words) + (", …" if len(columns) > SHOWN else "")
