"""What is proposed for data that are taken for the first time, beside what their source and columns say."""

from __future__ import annotations

from collections.abc import Iterable

from studio.data.column_facts import ColumnFacts
from studio.project.field_edits import setting_of, with_transforms
from studio.project.project import Data, Setting

LARGEST_PLAIN, NARROWEST_PLAIN = 16.0, 0.25
"""Numbers within these bounds are learned as they are."""


def with_targets_scaled(data: Data, facts: Iterable[ColumnFacts]) -> Data:
    """Large or tiny numbers to predict are standardised: a network begins with answers near 0, and would take
    ever so long to get to them. Predictions are told in the units that they had before.
    """
    for one in facts:
        if _far(one) and setting_of(data, one.name).transforms is None:
            data = with_transforms(data, one.name, (*one.steps, Setting("Standardize")))
    return data


def _far(one: ColumnFacts) -> bool:
    field = one.field if (one.role, one.kind) == ("target", "number") else None
    if field is None or field.classes is not None or field.dtype != "float32" or len(field.shape) > 1:
        return False
    if field.low is None or field.high is None or field.low == field.high:
        return False
    return max(-field.low, field.high) > LARGEST_PLAIN or field.high - field.low < NARROWEST_PLAIN
