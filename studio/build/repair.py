"""Proposed repairs, each tried by the checker before it is offered.

A trial is an incremental check of the project as the fix would leave it. A fix is offered where its problem
is gone then and no other error has come in its place; the first of them is the one to take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.build.proposals import proposals
from studio.errors import Fix, Problem, StudioError
from studio.project.graph import Endpoint
from studio.project.project import Project

MOST = 4
"""Fixes that are offered for one problem."""
TRIALS_EACH = 14
TRIALS = 120
"""Trials for all problems of a drawing of some hundred nodes; fewer where a check takes longer."""
LEAST_TRIALS = 12
NODES_CHECKED = 60_000

Key = tuple[object, ...]
"""What makes a problem the same one after an edit."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A fix that mended its problem: the project it made, the errors that came to light, and the warnings
    that it caused.
    """

    fix: Fix
    project: Project
    errors: int
    warnings: int


def repaired(checked: Checked, checker: Checker, stop: Callable[[], bool] = lambda: False) -> Checked | None:
    """The answer with those fixes that mend, the best first; None where `stop` said so between two trials.

    `checker` is the one that gave the answer, and has checked nothing since. Problems beyond the number of
    trials that are worth their time are left without fixes.
    """
    left = max(LEAST_TRIALS, min(TRIALS, NODES_CHECKED // max(1, checked.project.node_count)))
    told: list[Problem] = []
    for problem in checked.problems:
        if of_data(problem):
            told.append(replace(problem, fixes=problem.fixes[:MOST]))
            continue
        bench = _Bench(checked, checker, problem, min(left, TRIALS_EACH), stop)
        found = bench.run()
        if found is None:
            return None
        left -= bench.trials
        told.append(replace(problem, fixes=found))
    return None if stop() else replace(checked, problems=tuple(told))


def without_fixes(checked: Checked, kept: Iterable[Problem] = ()) -> Checked:
    """The answer before any fix was tried: with the fixes that the same problem has in `kept`, or none."""
    known = {key_of(problem): problem.fixes for problem in kept}
    told = (
        problem if of_data(problem) else replace(problem, fixes=known.get(key_of(problem), ()))
        for problem in checked.problems
    )
    return replace(checked, problems=tuple(told))


def of_data(problem: Problem) -> bool:
    """Whether a problem is one of the data with repairs, which no check of the drawing can try."""
    data = problem.node is None and (problem.field or "").startswith("data.")
    return data and bool(problem.fixes)


def key_of(problem: Problem) -> Key:
    """What makes a problem the same one in the answers of two checks."""
    return (problem.severity, problem.path, problem.block, problem.node, problem.field, problem.message)


class _Bench:
    """The trials for one problem."""

    def __init__(
        self, before: Checked, checker: Checker, problem: Problem, most: int, stop: Callable[[], bool]
    ) -> None:
        self.trials = 0
        self._before, self._checker, self._problem = before, checker, problem
        self._most, self._stop = most, stop
        self._keys = Counter(map(key_of, before.problems))

    def run(self) -> tuple[Fix, ...] | None:
        """The fixes that mend, the best first; None where it was stopped."""
        found: list[_Trial] = []
        for fix, project in self._candidates():
            if self.trials >= self._most or sum(not one.errors for one in found) >= MOST:
                break
            if self._stop():
                return None
            self.trials += 1
            trial = self._tried(fix, project)
            if trial is not None:
                found.append(trial)
        clean = [one for one in found if not one.errors]
        best = sorted(clean or found, key=lambda one: (one.errors, min(one.warnings, 1)))
        return tuple(one.fix for one in best[:MOST])

    def _candidates(self) -> Iterator[tuple[Fix, Project]]:
        """Each fix with the project it makes, where that is a change, and one that no fix before it makes."""
        project = self._before.project
        seen: list[Project] = [project]
        proposed = proposals(self._before, self._problem, self._checker.fields)
        fixes = sorted((*self._problem.fixes, *proposed), key=lambda fix: fix.rank)
        for fix in fixes:
            try:
                edited = fix.edit(project)
            except (ValueError, StudioError):
                continue
            if edited not in seen:
                seen.append(edited)
                yield fix, edited

    def _tried(self, fix: Fix, project: Project) -> _Trial | None:
        after = self._checker.trial(project)
        keys = Counter(key_of(problem) for problem in _as_before(after, self._before.project))
        mine = key_of(self._problem)
        if keys[mine] >= self._keys[mine]:
            return None
        new = keys - self._keys
        if self._problem.severity == "warning" and new:
            return None
        errors = [key for key in new.elements() if key[0] == "error"]
        if not all(self._revealed(key) for key in errors):
            return None
        caused = sum(not self._revealed(key) for key in new.elements())
        return _Trial(fix, project, len(errors), caused)

    def _revealed(self, key: Key) -> bool:
        """Whether an error was there all the time and only hidden: before, what arrived was not known."""
        severity, path, block, node = key[:4]
        if path or block or not isinstance(node, str):
            return False
        if node == self._problem.node:
            return severity == "warning"
        graph, types = self._before.project.graph, self._before.types
        arriving = [edge.source for edge in graph.incoming(node)]
        return any(Endpoint(end.node, end.port) not in types for end in arriving)


def _as_before(after: Checked, before: Project) -> Iterator[Problem]:
    """The problems of a trial; where it renamed one node, as they would read under the old name."""
    old = [name for name in before.graph.nodes if name not in after.project.graph.nodes]
    new = [name for name in after.project.graph.nodes if name not in before.graph.nodes]
    renamed = len(old) == len(new) == 1
    for problem in after.problems:
        if renamed and problem.node == new[0]:
            message = problem.message.replace(new[0], old[0])
            yield replace(problem, node=old[0], message=message)
        else:
            yield problem
