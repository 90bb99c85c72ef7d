"""What every program begins with: the settings of training, and the project as a run would plan it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.build.check import Checker
from studio.build.plan import Checked, Plan
from studio.build.requirements import settled
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.data.prepare import Prepared
from studio.errors import StudioError
from studio.project.project import Project


def training_options(project: Project, plan: Plan) -> Mapping[str, Any]:
    """All settings of training. Raises StudioError where one is wrong, or there is nothing to train."""
    if not plan.losses:
        raise StudioError("The drawing has no loss, so there is nothing to train.", "Add a loss.")
    options, wrong = checked_values(TRAINING, project.training.options)
    for message in wrong.values():
        raise StudioError(f"{message}.", "Correct it in the training settings.")
    return options


def planned(project: Project, prepared: Prepared) -> Checked:
    """The project as a run would plan it. Raises StudioError."""
    checker = Checker()
    checked = checker.check(project, prepared.fields)
    if not checked.errors and any(step.type.open for step in checked.plan.inputs):
        checked = checker.check(settled(project, prepared.fields), prepared.fields)
    if checked.errors:
        raise StudioError(checked.errors[0].message, checked.errors[0].hint)
    return checked


def program_path(project: Project, folder: Path) -> Path:
    """Where a program lies of which nothing else is said."""
    name = re.sub(r"\W+", "_", project.name).strip("_") or "program"
    return folder / f"{name}.py"
