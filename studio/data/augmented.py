"""The random changes of training, put to fields that are made already: no column is made anew for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.data.augment.kinds import checked_augment
from studio.data.columns import kind_after
from studio.data.raw import DataError
from studio.project.project import Data, FieldSetting

if TYPE_CHECKING:
    from studio.data.pipeline import Ready


def without_augment(data: Data) -> Data:
    """The settings without what is not asked before training: random changes, and weights of samples."""
    fields = {name: replace(one, augment=()) for name, one in data.fields.items()}
    said = {name: one for name, one in fields.items() if one != FieldSetting()}
    return replace(data, fields=said, changes=replace(data.changes, weights={}))


def augmented(ready: Ready, settings: Mapping[str, FieldSetting]) -> Ready:
    """The same fields with the random changes that are set. Raises DataError for one that cannot be."""
    planned = dict(ready.planned)
    augment = dict(ready.raw.augment)
    for name, setting in settings.items():
        if not setting.augment:
            continue
        one = planned.get(name)
        if one is None:
            continue
        planned[name] = replace(one, augment=checked_augment(name, kind_after(one), setting.augment))
        _check_apart(name, setting.augment[0].type, ready)
        augment[ready.named[name]] = planned[name].augment
    if not augment:
        return ready
    return replace(ready, planned=planned, raw=replace(ready.raw, augment=augment))


def _check_apart(name: str, what: str, ready: Ready) -> None:
    """Numbers of a table come as one field together, which nothing changes at random."""
    if name in ready.stacked:
        raise DataError(
            f"{name}: {what} cannot change a column that is a part of features.",
            "Take it off.",
            f"fields.{name}",
        )
