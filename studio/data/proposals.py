"""What is proposed for data that are taken for the first time, beside what their source and columns say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studio.data.column_facts import ColumnFacts
from studio.data.findings import names_an_id
from studio.data.splits import NAMES
from studio.project.field_edits import setting_of, with_role, with_transforms
from studio.project.project import Data, Setting

TARGETS = (
    "target", "label", "labels", "class", "klass", "y", "outcome", "diagnosis", "survived", "churn",
    "sentiment", "species",
)  # fmt: skip
"""What columns to predict are called, the surest first."""
LEAST_NAMED = 20
"""Of fewer samples it may be by chance that the values differ."""
LARGEST_PLAIN, NARROWEST_PLAIN = 16.0, 0.25
"""Numbers within these bounds are learned as they are."""


def with_targets_scaled(data: Data, facts: Iterable[ColumnFacts]) -> Data:
    """Large or tiny numbers to predict are standardised, and points of pictures brought to 0 to 1: a network
    begins with answers near 0, and would take ever so long to get to them. Predicted numbers are told in the
    units that they had before.
    """
    for one in facts:
        if _picture(one) and setting_of(data, one.name).transforms is None:
            data = with_transforms(data, one.name, (*one.steps, Setting("Rescale")))
        if _far(one) and setting_of(data, one.name).transforms is None:
            data = with_transforms(data, one.name, (*one.steps, Setting("Standardize")))
    return data


def with_target_named(data: Data, facts: Iterable[ColumnFacts]) -> Data:
    """Where a column was taken for the target only because it is the last, one that is called as targets are
    takes its place; or else the last that does not name the samples.
    """
    columns = [one for one in facts if one.role != "ignore" and one.missing < one.seen]
    guessed = [one for one in columns if one.guessed]
    said = data.source.params.get("target") or any(setting.role for setting in data.fields.values())
    if said or len(guessed) != 1 or guessed[0] is not columns[-1] or len(columns) < 2:
        return data
    ranks = {one.name: _rank(one.name) for one in columns}
    best = min(reversed(columns), key=lambda one: ranks[one.name])
    if ranks[best.name] == len(TARGETS):
        best = next((one for one in reversed(columns) if not _names_samples(one)), guessed[0])
    if best is guessed[0]:
        return data
    if _names_samples(guessed[0]):
        data = with_role(data, (guessed[0].name,), "ignore")
    return with_role(data, (best.name,), "target", (guessed[0].name,))


def without_names(data: Data, facts: Iterable[ColumnFacts]) -> Data:
    """What names the samples is left out, though its column was taken for the target at first."""
    return with_role(
        data, [one.name for one in facts if (one.kind, one.role) == ("identifier", "input")], "ignore"
    )


def _rank(name: str) -> int:
    plain = name.strip().lower()
    return TARGETS.index(plain) if plain in TARGETS else len(TARGETS)


def _names_samples(one: ColumnFacts) -> bool:
    return one.different == one.seen > LEAST_NAMED and names_an_id(one.name)


def with_parts_told(data: Data, facts: Iterable[ColumnFacts]) -> Data:
    """A column that says train, test or validation of every sample parts them, and is no input."""
    columns = [one for one in facts if one.role != "ignore"]
    told = next((one for one in columns if _tells_parts(one) and not setting_of(data, one.name).role), None)
    others = [one for one in columns if one is not told]
    if told is None or len(others) < 2 or "split" in data.options:
        return data
    data = with_role(data, (told.name,), "ignore")
    if told.role == "target":
        data = with_role(data, (others[-1].name,), "target")
    return replace(data, options={**data.options, "split": "column", "split_column": told.name})


def _tells_parts(one: ColumnFacts) -> bool:
    classes = one.field.classes if one.field is not None and one.kind == "category" else None
    parts = [NAMES.get(name.strip().lower()) for name in classes or ()]
    return not one.missing and len(parts) > 1 and None not in parts and "train" in parts


def _picture(one: ColumnFacts) -> bool:
    return (one.role, one.kind) == ("target", "image") and one.field is not None and one.field.classes is None


def _far(one: ColumnFacts) -> bool:
    field = one.field if one.role == "target" and one.kind in ("number", "time") else None
    if field is None or field.classes is not None or field.dtype != "float32" or len(field.shape) > 1:
        return False
    if field.low is None or field.high is None or field.low == field.high:
        return False
    return max(-field.low, field.high) > LARGEST_PLAIN or field.high - field.low < NARROWEST_PLAIN
