"""Edits of what was decided about columns of the data: kind, role, missing and odd values, transforms, random
changes in training.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studio.project.project import Data, FieldSetting, Setting

OPEN = FieldSetting()


def setting_of(data: Data, name: str) -> FieldSetting:
    """What was decided about a column; all is open where nothing was."""
    return data.fields.get(name, OPEN)


def with_kind(data: Data, names: Iterable[str], kind: str) -> Data:
    """Columns of another kind ("" for the one found); steps that were chosen for the kind before go."""
    for name in names:
        old = setting_of(data, name)
        if old.kind != kind:
            data = _with(data, name, replace(old, kind=kind, transforms=None, augment=()))
    return data


def with_role(data: Data, names: Iterable[str], role: str, guessed: Iterable[str] = ()) -> Data:
    """Columns in another role. Where a target is chosen, those that were `guessed` are targets no longer.

    What is done about missing values of a target and of an input differs: it is open again.
    """
    chosen, known = tuple(names), frozenset(guessed)
    if role == "target":
        for name in known.difference(chosen):
            if not setting_of(data, name).role:
                data = _in_role(data, name, "input", was_target=True)
    for name in chosen:
        before = setting_of(data, name).role
        data = _in_role(data, name, role, was_target=before == "target" or (not before and name in known))
    return data


def _in_role(data: Data, name: str, role: str, *, was_target: bool) -> Data:
    old = setting_of(data, name)
    missing = old.missing if was_target == (role == "target") else ""
    return _with(data, name, replace(old, role=role, missing=missing))


def with_missing(data: Data, names: Iterable[str], missing: str) -> Data:
    """Columns with another way for missing values ("" for the source's own)."""
    for name in names:
        data = _with(data, name, replace(setting_of(data, name), missing=missing))
    return data


def with_odd(data: Data, names: Iterable[str], odd: str) -> Data:
    """Columns with another way for values that are not of their kind ("" names the first)."""
    for name in names:
        data = _with(data, name, replace(setting_of(data, name), odd=odd))
    return data


def with_transforms(data: Data, name: str, steps: tuple[Setting, ...] | None) -> Data:
    """A column with these steps; None for those proposed."""
    return _with(data, name, replace(setting_of(data, name), transforms=steps))


def with_augment(data: Data, name: str, steps: tuple[Setting, ...]) -> Data:
    """A column with these random changes in training."""
    return _with(data, name, replace(setting_of(data, name), augment=steps))


def forgotten(data: Data, names: Iterable[str]) -> Data:
    """All is open again about these columns."""
    for name in names:
        data = _with(data, name, OPEN)
    return data


def _with(data: Data, name: str, setting: FieldSetting) -> Data:
    """A setting that leaves all open is not kept."""
    fields = {key: one for key, one in data.fields.items() if key != name}
    if setting != OPEN:
        fields[name] = setting
    return replace(data, fields=fields)
