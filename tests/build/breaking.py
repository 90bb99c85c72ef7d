"""A drawing that breaks a rule of the checks, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.project.fields import Field
from studio.project.project import Project


@dataclass(frozen=True)
class Case:
    """A drawing that breaks a rule: what is said, where, and the fix that comes first."""

    rule: str
    project: Project
    message: str
    node: str | None
    field: str | None
    fix: str
    fields: Mapping[str, Field] | None = None
    parts: Mapping[str, int] | None = None
    severity: str = "error"
