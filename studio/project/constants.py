"""Constants: names with values that formulas in the main graph read; set, renamed and removed."""

from __future__ import annotations

from dataclasses import replace

from studio.project.formulas import with_values
from studio.project.graph import name_error
from studio.project.params import Value
from studio.project.project import Project


def constant_name_error(project: Project, name: str) -> str | None:
    """Why a constant cannot have this name, or None if it can."""
    return name_error(name) or (f"there is a constant {name} already" if name in project.constants else None)


def set_constant(project: Project, name: str, value: Value) -> Project:
    """Give a constant a value; a new one comes after the others."""
    return replace(project, constants={**project.constants, name: value})


def rename_constant(project: Project, old: str, new: str) -> Project:
    """Give a constant another name, in the formulas too. Raises ValueError if it is invalid or taken."""
    if old == new:
        return project
    wrong = constant_name_error(project, new)
    if wrong:
        raise ValueError(wrong)
    constants = {new if name == old else name: value for name, value in project.constants.items()}
    graph = with_values(project.graph, {old: f"= {new}"})
    return replace(project, constants=constants, graph=graph)


def remove_constant(project: Project, name: str) -> Project:
    """Remove a constant: its value takes its place in the formulas."""
    constants = {key: value for key, value in project.constants.items() if key != name}
    graph = with_values(project.graph, {name: project.constants[name]})
    return replace(project, constants=constants, graph=graph)
