"""Checks of samples that are mixed with each other in training: every target must stand being mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio.build.plan import FieldRef, LossStep
from studio.build.whole import Whole
from studio.catalog.transforms.augmentations import MIXES
from studio.errors import Fix, Problem
from studio.project.project import Project

MIXING = frozenset(one.type for one in MIXES)
SHARES = frozenset({"CrossEntropy"})
"""Losses that take a share of each class in place of a class."""


def mixed_targets(whole: Whole) -> Iterator[Problem]:
    """A loss that takes one class for each sample where mixing makes shares of several; other inputs."""
    for column, setting in whole.project.data.fields.items():
        types = [one.type for one in setting.augment if one.type in MIXING]
        if not types or column not in {step.field for step in whole.plan.inputs}:
            continue
        for type in types:
            yield from (_problem(column, type, why) for why in _reasons(whole, column, type))


def _reasons(whole: Whole, column: str, type: str) -> Iterator[tuple[str, str]]:
    """What stands against it, and what to do."""
    fields = whole.fields or {}
    for step in whole.plan.inputs:
        if step.field != column and step.field in fields and fields[step.field].role == "input":
            yield (
                f"the drawing reads {step.field} too, which would stay that of one sample",
                f"Take {type} off, or use {column} alone.",
            )
    for loss in whole.plan.losses:
        yield from _of_loss(loss, whole, type)


def _of_loss(loss: LossStep, whole: Whole, type: str) -> Iterator[tuple[str, str]]:
    target = loss.type_at("target")
    if target is None or target.dtype != "int64" or not _from_data(loss, whole):
        return
    if len(target.shape) > 1:
        if type != "Cutmix":
            yield (
                f"{loss.name} compares a class for each point, which has none between",
                f"Take Cutmix, which mixes masks point by point, in place of {type}.",
            )
    elif loss.layer.type not in SHARES:
        yield (
            f"{loss.name} ({loss.layer.type}) takes one class a sample, and {type} makes shares of several",
            f"Take CrossEntropy, or take {type} off.",
        )
    elif int(loss.kwargs.get("ignore_index", -1)) >= 0:
        yield (f"{loss.name} leaves a class out, and shares have none alone", "Set ignore_index to -100.")


def _from_data(loss: LossStep, whole: Whole) -> bool:
    names = {step.name for step in whole.plan.inputs}
    return isinstance(loss.target, FieldRef) or (loss.target is not None and loss.target.node in names)


def _problem(column: str, type: str, why: tuple[str, str]) -> Problem:
    message, hint = why
    fix = Fix(f"Take {type} off {column}", lambda project: _without(project, column, type))
    return Problem("error", f"{type} of {column}: {message}", hint, None, f"data.fields.{column}", (fix,))


def _without(project: Project, column: str, type: str) -> Project:
    setting = project.data.fields.get(column)
    if setting is None:
        return project
    kept = tuple(one for one in setting.augment if one.type != type)
    fields = {**project.data.fields, column: replace(setting, augment=kept)}
    return replace(project, data=replace(project.data, fields=fields))
