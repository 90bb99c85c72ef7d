"""Problems inside of blocks: seen from outside, told once for all uses, with repairs that edit the block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from studio.errors import Fix, Problem
from studio.project.block import within


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as it is at its node, and in how many uses of its block it was found."""

    problem: Problem
    uses: int = 1


def lifted(problem: Problem, use: str, block: str) -> Problem:
    """A problem in a block's graph as its use sees it; its repairs then edit the block."""
    if problem.block is not None:
        return replace(problem, path=(use, *problem.path))
    fixes = tuple(in_block(block, fix) for fix in problem.fixes)
    return replace(problem, path=(use, *problem.path), block=block, fixes=fixes)


def in_block(block: str, fix: Fix) -> Fix:
    """A repair of a block's drawing as one of the project."""
    return replace(fix, edit=_within(block, fix.edit))


def _within(block: str, edit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda project: within(project, block, edit)


def told_once(found: Iterable[Told]) -> tuple[Told, ...]:
    """The same mistake (but for its numbers) at the same node of a block once, with all its uses."""
    kept: dict[object, Told] = {}
    for one in found:
        key = mistake(one.problem) if one.problem.block else len(kept)
        before = kept.get(key)
        kept[key] = one if before is None else Told(before.problem, before.uses + one.uses)
    return tuple(kept.values())


def mistake(problem: Problem) -> object:
    """What makes two problems in blocks the same: place and words, whatever the numbers."""
    words = re.sub(r"\d+", "0", problem.message)
    return (problem.block, problem.node, problem.field, problem.severity, words)


def spoken(told: Told) -> Problem:
    """The problem as it is shown: its message says where, and how many other uses have it too."""
    problem = told.problem
    if not problem.path:
        return problem
    where = ".".join(problem.path)
    own = problem.node is not None and problem.message.startswith(f"{problem.node}:")
    message = f"{where}.{problem.message}" if own else f"{where}: {problem.message}"
    others = told.uses - 1
    if others:
        message += f" (and in {others} more {'use' if others == 1 else 'uses'} of {problem.block})"
    return replace(problem, message=message)
