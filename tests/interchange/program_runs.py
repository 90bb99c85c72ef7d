"""Runs of small projects, and of the programs made of them in another process, to compare their curves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.build.check import Checker
from studio.build.plan import Plan
from studio.data.describe import describe
from studio.interchange.exported import Exported
from studio.interchange.program.written import export_pytorch_program
from studio.project.params import Value
from studio.project.project import Project, Setting
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.job import Job
from studio.train.runs import create_run

Curve = list[tuple[Mapping[str, float], Mapping[str, float]]]
"""Of each epoch the losses and metrics in training and in validation."""
CHILD = """
import json, runpy, sys
for path, log, *more in json.loads(sys.stdin.read()):
    sys.argv = [path, "--log", log, *more]
    runpy.run_path(path, run_name="__main__")
"""
RULES = "E,F,W,I,B,UP,C4,SIM,RET,PIE"


@dataclass(frozen=True)
class Both:
    """A run's curve, and the file into which its program writes its own."""

    curve: Curve
    program: Path
    exported: Exported

    @property
    def log(self) -> Path:
        return self.program.with_suffix(".jsonl")

    @property
    def own(self) -> Curve:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [(one["train"], one.get("validation", {})) for one in lines]


def trained_with(
    project: Project, optimizer: Setting | None = None, schedule: Setting | None = None, **options: Value
) -> Project:
    """The project with other training settings, on the CPU."""
    training = project.training
    return replace(
        project,
        training=replace(
            training,
            optimizer=optimizer or training.optimizer,
            schedule=schedule or training.schedule,
            options={**training.options, "device": "cpu", **options},
        ),
    )


def plan_in(project: Project, folder: Path) -> Plan:
    """The plan of a project whose data start in a folder."""
    checked = Checker().check(project, describe(project.data, folder).fields)
    assert not checked.errors, checked.errors
    return checked.plan


def both(project: Project, folder: Path, name: str, out: Path) -> Both:
    """Train a project here, and write its program."""
    path = out / f"{name}.py"
    exported = export_pytorch_program(project, plan_in(project, folder), path, folder)
    events: list[Event] = []
    result = run(Job(project, folder, create_run(project, folder, out / "runs")), events.append, Control())
    assert result.failed is None, result.failed
    curve = [(one.train, one.validation) for one in events if isinstance(one, EpochEnded)]
    return Both(curve, path, exported)


def run_programs(them: Iterable[Both], *more: str) -> None:
    """Run programs one after the other in another process, far from where they lie."""
    orders = [[str(one.program), str(one.log), *more] for one in them]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD],
        input=json.dumps(orders), capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def assert_same(one: Both) -> None:
    """Its losses are the run's to the last bit, its metrics but for rounding."""
    assert len(one.own) == len(one.curve) > 0
    for ours, theirs in zip(one.curve, one.own, strict=True):
        for expected, found in zip(ours, theirs, strict=True):
            assert expected.keys() == found.keys()
            for key, value in expected.items():
                assert abs(found[key] - value) <= 1e-9 * max(1.0, abs(value)), key
            assert all(found[key] == expected[key] for key in expected if key == "loss")


def lint(paths: Iterable[Path]) -> None:
    """Refuse what ruff finds fault with, by the rules of the project."""
    listed = [str(path) for path in paths]
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--isolated", "--select", RULES, "--line-length", "110", "--target-version", "py311"]
    for command in (["check", *rules], ["format", "--isolated", "--diff"]):
        done = subprocess.run([*ruff, *command, *listed], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
