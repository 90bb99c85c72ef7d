"""Targets that are the same in every sample: a network would soon be right, and have learned nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.data.lazy import Lazy
from studio.data.raw import Array, RawData
from studio.data.splits import Rows
from studio.errors import Problem
from studio.project.fields import Field

HINT = "There is nothing to learn: choose another target, or bring samples of other classes."
NUMBERS = "There is nothing to learn: choose another target, or bring samples where it differs."
OF_TRAINING = "There is nothing to learn: part the samples in another way, or bring others."


def one_value(raw: RawData, rows: Rows, named: Mapping[str, str]) -> tuple[Problem, ...]:
    """An error for each target with one class in all samples or in all of training, a warning for one with
    one number in all samples.

    `named` gives the field that each column became. Values that are made when they are asked for are not
    looked at.
    """
    column_of = {field: column for column, field in named.items()}
    found: list[Problem] = []
    for name, field in raw.fields.items():
        array = raw.arrays[name]
        if field.role != "target" or isinstance(array, Lazy) or array.ndim > 2:
            continue
        column = column_of.get(name, name)
        told = _told(column, field, array, rows["train"])
        if told is not None:
            severity = "warning" if field.classes is None else "error"
            found.append(Problem(severity, told[0], told[1], field=f"data.fields.{column}"))
    return tuple(found)


def _told(column: str, field: Field, array: Array, train: Array) -> tuple[str, str] | None:
    """A sentence and what to do; None where the values differ."""
    if _is_one(array):
        hint = NUMBERS if field.classes is None else HINT
        return f"{column}, the target, is {_value(field, array)} in all {len(array):,} samples.", hint
    if field.classes is not None and _is_one(array[train]):
        value = _value(field, array[train])
        sentence = f"{column}, the target, is {value} in all {len(train):,} samples of the training part."
        return sentence, OF_TRAINING
    return None


def _is_one(array: Array) -> bool:
    return len(array) > 1 and bool((array == array[:1]).all())


def _value(field: Field, array: Array) -> str:
    first = array[0]
    if field.classes is not None and first.ndim == 0 and 0 <= int(first) < len(field.classes):
        return field.classes[int(first)]
    return ", ".join(f"{float(one):.6g}" for one in np.atleast_1d(first)[:3])
