"""The data settings as a part of a .loom file: source, options, fields, and what was changed of samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.project.params import Value, shown
from studio.project.project import Data, FieldSetting, SampleChanges, Setting
from studio.project.strict_json import finite, line, refuse, sealed, whole_text
from studio.project.typed_json import list_of, object_of, read_setting, rest_of, values_of

WORDS = ("kind", "role", "missing", "odd")
"""What is said of a field in a word each."""
MOST_CHANGES = 1_000_000
"""How many samples can be excluded, relabelled or weighted."""


def read_data(content: Mapping[str, Any], where: str) -> Data:
    """The data settings that an object describes; `where` names the file. Raises StudioError."""
    fields = object_of(content.get("fields", {}), where, "data.fields")
    return Data(
        source=read_setting(content.get("source", {"type": "None"}), where, "data.source"),
        options=values_of(content.get("options", {}), where, "data.options"),
        fields={
            whole_text(name, where, "data.fields"): _read_field(one, where, f"data.fields {shown(name)}")
            for name, one in fields.items()
        },
        changes=_read_changes(object_of(content.get("changes", {}), where, "data.changes"), where),
        extra=rest_of(content, {"source", "options", "fields", "changes"}, where, "data"),
    )


def data_parts(data: Data) -> dict[str, list[str]]:
    """What was decided about fields and samples, as lines by key; nothing where nothing was."""
    parts: dict[str, list[str]] = {}
    if data.fields:
        parts["fields"] = [
            f"{line(whole_text(name, '', 'data.fields'))}: {_field_line(one, name)}"
            for name, one in sorted(data.fields.items())
        ]
    changes = data.changes
    if changes != SampleChanges():
        known: dict[str, Value] = {}
        if changes.excluded:
            known["excluded"] = changes.excluded
        if changes.labels:
            known["labels"] = {name: _ordered(of) for name, of in sorted(changes.labels.items())}
        if changes.weights:
            known["weights"] = _ordered(changes.weights)
        parts["changes"] = [
            f"{line(key)}: {line(sealed(value, '', 'data.changes', 1))}" for key, value in known.items()
        ]
    return parts


def _ordered(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: table[key] for key in sorted(table)}


def _read_field(content: object, where: str, place: str) -> FieldSetting:
    table = object_of(content, where, place)
    words = {key: whole_text(table.get(key, ""), where, f"{place}: {key}") for key in WORDS}
    transforms = table.get("transforms")
    return FieldSetting(
        kind=words["kind"],
        role=words["role"],
        missing=words["missing"],
        odd=words["odd"],
        transforms=None if transforms is None else _read_settings(transforms, where, f"{place}: transforms"),
        augment=_read_settings(table.get("augment", []), where, f"{place}: augment"),
        extra=rest_of(table, {*words, "transforms", "augment"}, where, place),
    )


def _read_settings(content: object, where: str, place: str) -> tuple[Setting, ...]:
    listed = list_of(content, where, place)
    return tuple(read_setting(one, where, f"{place}[{at}]") for at, one in enumerate(listed))


def _read_changes(content: Mapping[str, Any], where: str) -> SampleChanges:
    place = "data.changes"
    excluded = list_of(content.get("excluded", []), where, f"{place}.excluded")
    labels = object_of(content.get("labels", {}), where, f"{place}.labels")
    weights = object_of(content.get("weights", {}), where, f"{place}.weights")
    count = len(excluded) + len(weights) + sum(len(of) for of in labels.values() if isinstance(of, dict))
    if count > MOST_CHANGES:
        refuse(where, place, f"at most {MOST_CHANGES:,} changed samples", f"{count:,}")
    return SampleChanges(
        excluded=tuple(whole_text(key, where, f"{place}.excluded") for key in excluded),
        labels={
            whole_text(name, where, f"{place}.labels"): _read_texts(
                of, where, f"{place}.labels {shown(name)}"
            )
            for name, of in labels.items()
        },
        weights={
            whole_text(key, where, f"{place}.weights"): _read_weight(
                one, where, f"{place}.weights {shown(key)}"
            )
            for key, one in weights.items()
        },
    )


def _read_texts(content: object, where: str, place: str) -> dict[str, str]:
    table = object_of(content, where, place)
    return {whole_text(key, where, place): whole_text(value, where, place) for key, value in table.items()}


def _read_weight(value: object, where: str, place: str) -> float:
    weight = finite(value, where, place)
    if weight < 0:
        refuse(where, place, "a number that is not below 0", shown(weight))
    return weight


def _field_line(one: FieldSetting, name: str) -> str:
    place = f"data.fields {shown(name)}"
    known: dict[str, Any] = {
        key: whole_text(value, "", place) for key in WORDS if (value := getattr(one, key))
    }
    if one.transforms is not None:
        known["transforms"] = [_setting_value(step) for step in one.transforms]
    if one.augment:
        known["augment"] = [_setting_value(step) for step in one.augment]
    return line(sealed(known | dict(one.extra), "", place, 1))


def _setting_value(setting: Setting) -> dict[str, Any]:
    params = {"params": _ordered(setting.params)} if setting.params else {}
    return {"type": setting.type, **params, **setting.extra}
