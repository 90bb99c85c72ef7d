"""What was set for former data and counts for a newer file of the same kind, as far as its columns allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.project.edits import same_columns
from studio.project.field_edits import forgotten
from studio.project.project import Data, Setting

if TYPE_CHECKING:
    from studio.data.describe import Description

OF_COLUMNS = ("split", "split_column")
"""Options that speak of columns."""
NAMING = ("target", "ignore", "target_kind")
"""Parameters of a source that do."""
Describe = Callable[[Data], "Description"]


def carried_over(before: Data, setting: Setting) -> Data:
    """The data of a source, with what was said of the columns of those before where it may have the same."""
    if not same_columns(before.source, setting):
        return Data(setting)
    params = dict(setting.params)
    if before.source.type == setting.type:
        named = {name: before.source.params[name] for name in NAMING if name in before.source.params}
        params = {**named, **params}
    options = {name: before.options[name] for name in OF_COLUMNS if name in before.options}
    return Data(replace(setting, params=params), fields=before.fields, options=options)


def fitting(data: Data, described: Describe) -> tuple[Data, Description]:
    """Without what was said of columns that are not there, or that hold something else now."""
    description = described(data)
    told = {one.field for one in description.errors}
    if wrong := {name for name in NAMING if name in data.source.params and f"data.{name}" in told}:
        params = {name: value for name, value in data.source.params.items() if name not in wrong}
        return fitting(replace(data, source=replace(data.source, params=params)), described)
    columns = {one.name for one in description.facts}
    if columns and data.options.get("split_column", "") not in {"", *columns}:
        options = {name: value for name, value in data.options.items() if name not in OF_COLUMNS}
        return fitting(replace(data, options=options), described)
    if stale := _stale(data, description):
        return fitting(forgotten(data, stale), described)
    return data, description


def _stale(data: Data, description: Description) -> tuple[str, ...]:
    """The columns of which something is said that cannot be carried out."""
    there = {one.name for one in description.facts}
    told = {(one.field or "").removeprefix("data.fields.") for one in description.errors}
    wrong = told if not description.fields else set[str]()
    return tuple(name for name in data.fields if there and (name not in there or name in wrong))
