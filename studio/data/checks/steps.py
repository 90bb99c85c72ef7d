"""Repairs that add a step to a column of numbers: they change what is trained on, and no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.data.browsing.seen import Seen
from studio.data.checks.look import Look
from studio.data.columns import Planned
from studio.data.raw import Array
from studio.errors import Fix
from studio.project.field_edits import with_transforms
from studio.project.params import Value
from studio.project.project import Project, Setting

DIGITS = 6


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Puts steps before those that a column has."""

    column: str
    steps: tuple[Setting, ...]
    others: tuple[Setting, ...]

    def __call__(self, project: Project) -> Project:
        """The project with them."""
        data = with_transforms(project.data, self.column, (*self.steps, *self.others))
        return replace(project, data=data)


def clip(look: Look, column: Seen, others: Array) -> tuple[Fix, ...]:
    """The repair that brings numbers to the bounds of the others."""
    planned = steppable(look, column)
    if planned is None or not len(others):
        return ()
    low, high = (float(f"{bound:.{DIGITS}g}") for bound in (others.min(), others.max()))
    step = Setting("Clip", {"low": low, "high": high})
    label = f"Clip to {low:g} … {high:g}"
    return (Fix(label, FirstSteps(column.of, (step,), planned.steps)),)


def no_value(look: Look, column: Seen, value: float) -> tuple[Fix, ...]:
    """The repair that takes a number as a missing value, for which the median stands in."""
    planned = steppable(look, column)
    if planned is None:
        return ()
    steps = (Setting("NoValue", {"value": value}), Setting("Impute", {"by": "median"}))
    kept = tuple(step for step in planned.steps if step.type != "Impute" or planned.missing != "error")
    label = f"Take {value:g} as missing: the median stands in"
    return (Fix(label, FirstSteps(column.of, steps, kept)),)


def is_clipped(look: Look, column: Seen, values: Array) -> bool:
    """Whether a step brings all of these numbers to its bounds."""
    return any(
        step.type == "Clip" and bool((_below(values, step.params) | _above(values, step.params)).all())
        for step in _steps(look, column)
    )


def is_no_value(look: Look, column: Seen, value: float) -> bool:
    """Whether a step takes this number as missing."""
    return any(step.type == "NoValue" and step.params.get("value") == value for step in _steps(look, column))


def steppable(look: Look, column: Seen) -> Planned | None:
    """The column where steps can be given to it: an input of numbers that is a column of the source."""
    planned = look.opened.planned.get(column.of)
    if planned is None or not column.whole or planned.role != "input" or planned.kind != "number":
        return None
    return planned


def _steps(look: Look, column: Seen) -> tuple[Setting, ...]:
    planned = look.opened.planned.get(column.of)
    return planned.steps if planned is not None else ()


def _below(values: Array, params: Mapping[str, Value]) -> Array:
    low = params.get("low")
    return values < (low if isinstance(low, int | float) else -float("inf"))


def _above(values: Array, params: Mapping[str, Value]) -> Array:
    high = params.get("high")
    return values > (high if isinstance(high, int | float) else float("inf"))
