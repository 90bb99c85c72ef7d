"""A run is repeated from its own record, and how far the copy strays is told curve by curve."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from studio.build.check import Checker
from studio.cli.forking import lines
from studio.errors import StudioError
from studio.project.project import Setting
from studio.train.checkpoint import load_fields
from studio.train.control import Control
from studio.train.drift import drift, repeat
from studio.train.engine import run
from studio.train.fork import create_fork, plan_fork
from studio.train.history import read_before
from studio.train.job import Job
from studio.train.runs import create_run, note_run, read_json, read_run, write_run
from studio.ui.monitor.run_record import drift_lines
from tests.train.drawings import SAMPLES, digits, everything, train
from tests.train.test_resume import stop_at


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return train(everything(epochs=3), tmp_path_factory.mktemp("original")).result.run_dir


def repeated(path):
    project, folder, new = repeat(path)
    assert run(Job(project, folder, new), lambda event: None, Control()).failed is None
    return new


def test_a_run_records_what_its_numbers_depend_on(original):
    info = read_run(original)
    assert {"python", "torch", "numpy", "system", "cores", "threads"} <= info.environment.keys()
    assert info.data["parts"]["train"]["samples"] == 1257
    assert len(info.data["parts"]["test"]["values"]) == 16


def test_the_copy_is_equal_to_the_last_digit(original):
    new = repeated(original)
    found = drift(new, original)
    assert found.none
    assert found.changes == ()
    assert {curve.name for curve in found.curves} >= {"loss of each step", "validation loss", "test loss"}
    assert read_run(new).reproduces == str(original)


@pytest.mark.parametrize("which", ["2", "best"])
def test_a_copy_of_a_fork_begins_where_the_fork_began(tmp_path, which):
    project = everything(epochs=5, keep_every=2)
    parent = train(project, tmp_path / "parent").result.run_dir
    plan = Checker().check(project, load_fields(parent)).plan
    more = everything(epochs=7, keep_every=2)
    fork = create_fork(plan_fork(parent, which, more, plan), more, SAMPLES, tmp_path)
    ran = train(more, tmp_path, fork)
    assert ran.result.failed is None
    shutil.rmtree(parent)
    new = repeated(fork)
    found = drift(new, fork)
    assert found.none
    assert found.changes == ()
    assert read_run(new).parent == read_run(fork).parent
    assert read_before(new) == read_before(fork)
    weights = json.loads((fork / "checkpoints" / "start.json").read_text())["file"]
    (fork / "checkpoints" / weights).unlink()
    there = sorted(tmp_path.iterdir())
    with pytest.raises(StudioError, match="what it began with is gone"):
        repeat(fork)
    assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize("step", [7, 20, 33, 40])
@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_the_copy_of_a_run_that_was_ended_early_goes_no_further(tmp_path, monkeypatch, step, status):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    path = train(everything(epochs=50), tmp_path, steer=stop_at(step)).result.run_dir
    write_run(path, {**read_json(path), "status": status})
    monkeypatch.undo()
    new = repeated(path)
    found = drift(new, path)
    assert found.none
    assert next(one.points for one in found.curves if one.name == "loss of each step") == step
    assert (read_run(new).status, read_run(new).step) == ("stopped", step)


def test_a_copy_goes_on_where_it_is_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(epochs=3)
    path = train(project, tmp_path, steer=stop_at(30)).result.run_dir
    new = repeated(path)
    train(project, tmp_path, new, resume=True)
    train(project, tmp_path, path, resume=True)
    assert drift(new, path).none
    assert read_run(new).status == "completed"


def test_a_run_that_was_ended_before_its_first_step_is_not_repeated(tmp_path):
    path = create_run(everything(epochs=3), SAMPLES, tmp_path)
    write_run(path, {**read_json(path), "status": "interrupted"})
    with pytest.raises(StudioError, match="before its first step"):
        repeat(path)


def test_where_one_went_further_what_both_have_is_compared(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)  # whoever stops them sees every step
    short = train(everything(epochs=50), tmp_path, steer=stop_at(25)).result.run_dir
    longer = train(everything(epochs=50), tmp_path, steer=stop_at(60)).result.run_dir
    found = drift(longer, short)
    assert found.common_equal
    assert found.missing
    assert not found.none
    assert "that both have are equal to the last digit" in lines(found)[0]
    assert drift_lines(found)[0].endswith("has too are equal, to the last digit")


def test_what_strays_is_told_with_its_digits_and_what_changed(tmp_path):
    project = digits(epochs=2)
    path = train(project, tmp_path).result.run_dir
    raw = read_json(path)
    write_run(path, {**raw, "environment": {**raw["environment"], "torch": "2.0.0"}})
    near = replace(project.training, optimizer=Setting("SGD", {"lr": 0.0500005, "momentum": 0.9}))
    other = train(replace(project, training=near), tmp_path).result.run_dir
    found = drift(other, path)
    assert not found.none
    steps = next(curve for curve in found.curves if curve.name == "loss of each step")
    assert steps.first == 2
    assert 1 <= steps.equal < steps.points == 40
    assert 3 <= steps.digits <= 7
    told = {change.what: (change.before, change.after) for change in found.changes}
    assert told["torch"][0] == "2.0.0"
    assert "project" in told


def test_other_data_are_told(tmp_path):
    path = train(digits(epochs=1), tmp_path).result.run_dir
    project = digits(epochs=1)
    other = replace(project, data=replace(project.data, options={"normalize": "range"}))
    told = {change.what for change in drift(train(other, tmp_path).result.run_dir, path).changes}
    assert "data: parts train values" in told
    assert "data: parts train rows" not in told


def test_a_note_stays_with_the_run(original):
    note_run(original, "  the first\nthat worked ")
    assert read_run(original).note == "the first\nthat worked"
    note_run(original, "")
    assert read_run(original).note == ""


def test_git_state_is_that_of_the_projects_folder(tmp_path):
    from studio.train.record import git_state

    assert git_state(tmp_path) == {}
    import subprocess

    def git(*words: str) -> None:
        names = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(tmp_path), *names, *words], check=True, capture_output=True)

    git("init", "-b", "trunk")
    (tmp_path / "a.txt").write_text("1")
    git("add", "a.txt")
    git("commit", "-m", "one")
    clean = git_state(tmp_path)
    assert (clean["branch"], clean["changed"], len(clean["commit"])) == ("trunk", False, 40)
    (tmp_path / "a.txt").write_text("2")
    assert git_state(tmp_path) == {**clean, "changed": True}
    json.dumps(clean)
