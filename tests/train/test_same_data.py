"""A run goes on with the data that it began with; with other data it is refused, and stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from studio.project.project import Data, FieldSetting, Setting
from studio.train.control import Control
from studio.train.distributed.launch import ProcessesRunner
from studio.train.engine import run
from studio.train.events import Event, Failed, Progress, Started
from studio.train.fork import create_fork, plan_fork
from studio.train.job import Job, Result
from studio.train.runs import create_run, read_events, read_json, read_run, run_project, write_run
from tests.train.drawings import digits

LONG = 120.0


def numbers(folder: Path, seed: int = 0, count: int = 200, compressed: bool = False) -> None:
    """Pictures of ten classes, drawn with a seed."""
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(count, 1, 8, 8)).astype(np.float32)
    label = np.arange(count) % 10
    (np.savez_compressed if compressed else np.savez)(folder / "numbers.npz", image=image, label=label)


def project(**options: object):
    return digits(data=Data(Setting("Arrays", {"path": "numbers.npz"})), **{"epochs": 400, **options})


def go(folder: Path, path: Path, of, until: int | None = None) -> tuple[Result, list[Event]]:
    """Train, or go on; stopped after a step where one is given."""
    control, events = Control(), []

    def emit(event: Event) -> None:
        events.append(event)
        if until is not None and isinstance(event, Progress) and event.step >= until:
            control.stop()

    return run(Job(of, folder, path, resume=read_run(path).status != "created"), emit, control), events


def stopped(folder: Path, of, monkeypatch: pytest.MonkeyPatch, until: int = 5) -> Path:
    """A run that was stopped within its third epoch."""
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    numbers(folder)
    path = create_run(of, folder, folder / "runs")
    assert go(folder, path, of, until)[0].finished.reason == "stopped"
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 1}, "the train part has other values"),
        ({"count": 180}, "the train part has 126 samples, where it had 140"),
    ],
)
def test_other_data_is_refused_and_the_run_stays_as_it_was(change, said, tmp_path, monkeypatch):
    path = stopped(tmp_path, project(), monkeypatch)
    before, told = read_json(path), read_events(path)
    numbers(tmp_path, **change)
    result, events = go(tmp_path, path, project(epochs=500))
    (last,) = [one for one in events if isinstance(one, Failed)]
    assert result.refused
    assert not any(isinstance(one, Started) for one in events)
    assert f"{path.name}: the data is not what it was trained on: {said}" in last.message
    assert "Bring the data back" in last.hint
    assert "--from RUN" in last.hint
    now = read_json(path)
    assert (now["status"], now["data"], now["message"]) == ("stopped", before["data"], "")
    assert read_events(path) == told
    assert run_project(path) == project()
    numbers(tmp_path)
    assert go(tmp_path, path, project(), 20)[0].finished.reason == "stopped"
    assert read_json(path)["data"] == before["data"]


def test_files_are_told_where_they_are_others(tmp_path, monkeypatch):
    path = stopped(tmp_path, project(), monkeypatch)
    before = (tmp_path / "numbers.npz").stat().st_size
    numbers(tmp_path, count=180)
    now = (tmp_path / "numbers.npz").stat().st_size
    failed = go(tmp_path, path, project())[0].failed
    assert f"its files are 1 file of {now:,} bytes, where they were 1 file of {before:,} bytes" in (
        failed.message
    )


def test_a_run_of_several_seeds_is_refused_in_every_seed(tmp_path, monkeypatch):
    """The first one is over when the data changes: the second, without a checkpoint, would see other data."""
    several = project(epochs=2, seeds=2)
    numbers(tmp_path)
    path = create_run(several, tmp_path, tmp_path / "runs")
    assert go(tmp_path, path, several)[0].finished.reason == "completed"
    shutil.rmtree(path / "seeds" / "001")
    write_run(path, {**read_json(path), "status": "interrupted"})
    numbers(tmp_path, seed=1)
    before = read_json(path)["data"]
    result, events = go(tmp_path, path, several)
    assert result.refused
    assert read_json(path)["data"] == before
    assert f"{path.name}: the data is not what it was trained on" in events[-1].message
    assert read_run(path).status == "interrupted"
    assert read_run(path / "seeds" / "001").status == "interrupted"
    numbers(tmp_path)
    assert go(tmp_path, path, several)[0].finished.reason == "completed"


def test_runs_in_a_folder_that_is_called_seeds_are_runs_of_their_own(tmp_path):
    for seed in (0, 1):
        numbers(tmp_path, seed)
        path = create_run(project(epochs=1), tmp_path, tmp_path / "seeds")
        assert go(tmp_path, path, project(epochs=1))[0].failed is None


def test_several_processes_are_refused_too(tmp_path, monkeypatch):
    path = stopped(tmp_path, project(), monkeypatch)
    numbers(tmp_path, seed=1)
    runner = ProcessesRunner(2)
    runner.start(Job(project(), tmp_path, path, resume=True))
    assert runner.join(LONG)
    assert "the data is not what it was trained on" in runner.result.failed.message
    assert read_run(path).status == "stopped"


@pytest.mark.parametrize("gone", ["data", "parts"])
def test_a_run_whose_record_is_older_goes_on(gone, tmp_path, monkeypatch):
    path = stopped(tmp_path, project(), monkeypatch)
    raw = read_json(path)
    write_run(path, {**raw, "data": {}} if gone == "parts" else {k: v for k, v in raw.items() if k != "data"})
    assert go(tmp_path, path, project(), 20)[0].failed is None


def test_a_run_that_was_moved_with_its_data_goes_on(tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    path = stopped(old, project(), monkeypatch)
    shutil.move(old, new)
    assert go(new, new / path.relative_to(old), project(), 20)[0].failed is None


def test_a_run_without_a_checkpoint_begins_anew_with_what_is_there(tmp_path, monkeypatch):
    path = stopped(tmp_path, project(), monkeypatch)
    shutil.rmtree(path / "checkpoints")
    numbers(tmp_path, seed=1)
    assert go(tmp_path, path, project(), 3)[0].failed is None


def test_a_fork_may_go_on_with_other_data(tmp_path, monkeypatch):
    from studio.build.check import Checker
    from studio.train.checkpoint import load_fields

    path = stopped(tmp_path, project(), monkeypatch)
    numbers(tmp_path, seed=1)
    plan = Checker().check(project(), load_fields(path)).plan
    fork = create_fork(plan_fork(path, "last", project(), plan), project(), tmp_path, tmp_path / "runs")
    assert go(tmp_path, fork, project(), 8)[0].failed is None
    assert read_json(fork)["data"] != read_json(path)["data"]


def test_what_is_read_batch_by_batch_is_told_by_its_files(tmp_path, monkeypatch):
    """Pictures that are changed at random are not in memory: no sum of values tells them apart."""
    changed = digits(
        data=Data(
            Setting("Arrays", {"path": "numbers.npz"}),
            fields={"image": FieldSetting(augment=(Setting("Noise"),))},
        ),
        epochs=400,
    )
    path = stopped(tmp_path, changed, monkeypatch)
    numbers(tmp_path, seed=1, compressed=True)
    failed = go(tmp_path, path, changed)[0].failed
    assert "is not what it was trained on: its files are 1 file of" in failed.message
    numbers(tmp_path)
    assert go(tmp_path, path, changed, 20)[0].failed is None


def test_values_of_another_machine_are_not_compared(tmp_path, monkeypatch):
    """Other versions may differ in the last digit of what they normalise: then samples and rows tell."""
    path = stopped(tmp_path, project(), monkeypatch)
    raw = read_json(path)
    write_run(path, {**raw, "environment": {**raw["environment"], "numpy": "1.26.0"}})
    numbers(tmp_path, seed=1)
    assert go(tmp_path, path, project(), 20)[0].failed is None
