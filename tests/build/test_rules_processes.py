"""What the place where a training is to run has to do with its settings."""

from __future__ import annotations

import pytest

from studio.build.check import Checker
from studio.build.machine import Machine
from studio.build.repair import repaired
from studio.errors import Problem
from studio.project.project import Project
from tests.build.mistakes import DATA
from tests.build.mistakes.making import SOUND, trained


def told(project: Project, machine: Machine | None) -> list[Problem]:
    """The problems with the fixes that mend them."""
    checker = Checker()
    answer = repaired(checker.check(project, DATA, machine=machine), checker)
    assert answer is not None
    return list(answer.problems)


def test_cuda_that_is_not_there_is_a_doubt() -> None:
    project = trained(SOUND, device="cuda")
    (problem,) = told(project, Machine(4, cuda=False))
    assert (problem.severity, problem.field) == ("warning", "training.device")
    assert [fix.label for fix in problem.fixes] == ["Set device to 'auto'"]
    assert told(project, Machine(4, cuda=True)) == told(project, Machine(4)) == told(project, None) == []


@pytest.mark.parametrize(("processes", "cores"), [(3, 2), (2, 1)])
def test_more_processes_than_cores(processes: int, cores: int) -> None:
    project = trained(SOUND, processes=processes)
    (problem,) = told(project, Machine(cores))
    assert (problem.severity, problem.field) == ("warning", "training.processes")
    assert f"{processes} processes on {cores} core" in problem.message
    assert [fix.label for fix in problem.fixes] == [f"Set processes to {cores}"]
    assert told(project, Machine(processes)) == told(project, Machine(cores, cuda=True)) == []


def test_processes_started_from_outside_count() -> None:
    project = trained(SOUND, sharding="fsdp")
    assert told(project, Machine(4, world=2)) == []
    (problem,) = told(trained(SOUND, seeds=2), Machine(4, world=2))
    assert problem.severity == "error"
