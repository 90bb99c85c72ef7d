"""Edits of what was decided about single samples: left out, relabelled, weighted; each can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.project.field_edits import with_role
from studio.project.params import Value
from studio.project.project import Project, SampleChanges


def exclude(project: Project, keys: Iterable[str]) -> Project:
    """Leave samples out."""
    changes = project.data.changes
    return _with(project, replace(changes, excluded=(*changes.excluded, *keys)))


def include(project: Project, keys: Iterable[str]) -> Project:
    """Take samples in again that were left out."""
    changes, back = project.data.changes, frozenset(keys)
    return _with(
        project, replace(changes, excluded=tuple(key for key in changes.excluded if key not in back))
    )


def relabel(project: Project, column: str, labels: Mapping[str, str]) -> Project:
    """Give samples another class, by their key."""
    changes = project.data.changes
    of = {**changes.labels.get(column, {}), **labels}
    return _with(project, replace(changes, labels={**changes.labels, column: of}))


def weigh(project: Project, weights: Mapping[str, float]) -> Project:
    """Have samples seen more or less often in an epoch; 1 takes the weight back."""
    kept = {**project.data.changes.weights, **weights}
    weighted = {key: weight for key, weight in kept.items() if weight != 1.0}
    return _with(project, replace(project.data.changes, weights=weighted))


def take_back(project: Project, keys: Iterable[str]) -> Project:
    """Forget all that was decided about samples."""
    changes, back = project.data.changes, frozenset(keys)
    labels = {
        name: {key: label for key, label in of.items() if key not in back}
        for name, of in changes.labels.items()
    }
    return _with(
        project,
        SampleChanges(
            tuple(key for key in changes.excluded if key not in back),
            labels,
            {key: weight for key, weight in changes.weights.items() if key not in back},
        ),
    )


def leave_out(project: Project, columns: Iterable[str]) -> Project:
    """Leave columns out."""
    return replace(project, data=with_role(project.data, columns, "ignore"))


def with_option(project: Project, name: str, value: Value) -> Project:
    """Set an option of the data."""
    return replace(project, data=replace(project.data, options={**project.data.options, name: value}))


def _with(project: Project, changes: SampleChanges) -> Project:
    return replace(project, data=replace(project.data, changes=changes))
