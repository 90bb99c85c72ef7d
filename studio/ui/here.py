"""What a check says of the graph that is looked at: of the whole project's answer the part inside one use."""

from __future__ import annotations

from dataclasses import replace

from studio.build.plan import Checked
from studio.errors import Problem
from studio.project.project import Project
from studio.ui.focus import Path


def here(checked: Checked, focus: Path, drawing: Project) -> Checked:
    """The answer for a graph: `drawing` has it as its main one, problems have their paths from there.

    Every use of a block that is wrong inside has its problems, although the whole answer tells them once.
    """
    if not focus and not checked.inner:
        return checked
    known = checked.inside(focus) if focus else checked
    mended = {_key(one): one.fixes for one in checked.problems}
    problems = [replace(one, path=one.path[len(focus) :]) for one in known.problems]
    told = {one.path[0] for one in problems if one.path}
    for name in known.inner.keys() - told:
        problems += known.inside((name,)).problems
    # Only the repairs that the whole answer has for a mistake are known to mend it.
    mended_ones = (replace(one, fixes=mended.get(_key(one), ())) if one.block else one for one in problems)
    return replace(known, project=drawing, problems=tuple(mended_ones))


def _key(problem: Problem) -> tuple[object, ...]:
    """What a problem inside of a block has in common with the one told of all its uses."""
    return (problem.block, problem.node, problem.field, problem.severity, problem.hint)
