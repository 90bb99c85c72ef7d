"""What a check says of the graph that is looked at: of the whole project's answer the part inside one use."""

from __future__ import annotations

from dataclasses import replace

from studio.build.plan import Checked
from studio.project.project import Project
from studio.ui.focus import Path


def here(checked: Checked, focus: Path, drawing: Project) -> Checked:
    """The answer for a graph: `drawing` has it as its main one, problems have their paths from there."""
    if not focus:
        return checked
    known = checked.inside(focus)
    problems = tuple(replace(one, path=one.path[len(focus) :]) for one in known.problems)
    return replace(known, project=drawing, problems=problems)
