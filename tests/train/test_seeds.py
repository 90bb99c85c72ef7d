"""One run with several seeds: each as if it were trained alone, and what they come to together."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from statistics import mean, stdev

import pytest

from studio.analysis.evaluate import evaluate
from studio.errors import StudioError
from studio.train.checkpoint import load_network
from studio.train.events import EpochEnded, Finished, Started
from studio.train.fork import plan_fork, read_fork
from studio.train.history import by_member, read_events
from studio.train.kept import list_kept
from studio.train.runs import create_run, list_runs, read_run
from studio.train.seed_runs import member_dirs
from tests.train.drawings import SAMPLES, digits, everything, losses, train
from tests.train.test_resume import CHILD, assert_same, outcome, stop_at


def several(**options):
    return everything(**{"epochs": 3, "patience": None, "seeds": 3, "seed": 5, **options})


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    ran = train(several(), tmp_path_factory.mktemp("seeds"))
    assert ran.result.finished is not None
    return ran


def test_each_seed_is_as_if_it_were_trained_alone(reference, tmp_path):
    path = reference.result.run_dir
    alone = train(everything(epochs=3, patience=None, seed=6), tmp_path)
    second = member_dirs(path)[1]
    assert_same(second, outcome(alone.result.run_dir))
    assert losses(by_member(read_events(path))[1]) == alone.losses
    assert [(one.member, one.members, one.run) for one in reference.of(Started)] == [
        (at, 3, path.name) for at in range(3)
    ]


def test_the_test_part_has_a_mean_and_a_deviation(reference):
    path = reference.result.run_dir
    tests = [read_run(one).test["loss"] for one in member_dirs(path)]
    (end,) = reference.of(Finished)
    assert end.test["loss"] == pytest.approx(mean(tests))
    assert end.deviation["loss"] == pytest.approx(stdev(tests))
    info = read_run(path)
    assert info.status == "completed"
    assert info.test == end.test
    assert info.deviation == end.deviation
    assert [run.path for run in list_runs(path.parent)] == [path]


def test_run_json_and_the_end_say_the_best_epoch_of_the_best_seed(tmp_path):
    project = digits(seeds=2, epochs=3)
    path = create_run(project, SAMPLES, tmp_path)
    train(project, tmp_path, path)
    file = path / "seeds" / "000" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "best": 0.0, "best_epoch": 2}))
    (end,) = train(project, tmp_path, path, resume=True).of(Finished)
    assert read_run(path).best_epoch == end.best_epoch == 2


def test_a_run_of_which_one_seed_stopped_early_is_completed(tmp_path):
    """It is told as early only where all of them stopped so."""
    project = digits(seeds=2, epochs=3)
    path = create_run(project, SAMPLES, tmp_path)
    train(project, tmp_path, path)
    for name, status, reason in (("000", "early", "completed"), ("001", "early", "early")):
        raw = json.loads((path / "seeds" / name / "run.json").read_text())
        (path / "seeds" / name / "run.json").write_text(json.dumps({**raw, "status": status}))
        again = train(project, tmp_path, path, resume=True)
        assert again.result.finished.reason == reason
        assert read_run(path).status == reason


def test_it_is_asked_with_the_weights_of_its_best_seed(reference):
    path = reference.result.run_dir
    best = min(member_dirs(path), key=lambda one: read_run(one).best)
    assert evaluate(path).metrics == evaluate(best).metrics


def test_its_last_checkpoint_is_that_of_its_best_seed(reference, tmp_path):
    """Measured, and forked from with the weights alone: no seed's optimizer is that of the others."""
    path = reference.result.run_dir
    best = min(member_dirs(path), key=lambda one: read_run(one).best)
    assert evaluate(path, "test", "last").metrics == evaluate(best, "test", "last").metrics
    plan = load_network(path)[1]
    fork = plan_fork(path, "last", several(), plan)
    assert (fork.epoch, fork.whole, fork.fresh, fork.dropped) == (3, False, (), ())
    assert list_kept(path)[0].problem == ""


def test_a_run_without_its_last_checkpoint_says_what_there_is(reference, tmp_path):
    path = shutil.copytree(reference.result.run_dir, tmp_path / "older")
    for file in (path / "checkpoints").glob("last.*"):
        file.unlink()
    with pytest.raises(StudioError, match="older: there is no last checkpoint") as told:
        evaluate(path, "test", "last")
    assert f"There are: {read_run(path).best_epoch} (best)" in told.value.hint


@pytest.mark.parametrize("step", [7, 60, 100])
def test_stopped_in_any_seed_it_goes_on_to_the_same_digits(step, tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    seen = {"before": 0}

    def steer(event, control):
        if isinstance(event, Started):
            seen["before"] = 60 * event.member
        stop_at(step - seen["before"])(event, control)

    stopped = train(several(), tmp_path, steer=steer)
    path = stopped.result.run_dir
    assert stopped.result.finished.reason == "stopped"
    assert read_run(path).resumable
    resumed = train(several(), tmp_path, path, resume=True)
    assert resumed.result.finished.test == reference.result.finished.test
    whole = reference.result.run_dir
    for mine, theirs in zip(member_dirs(path), member_dirs(whole), strict=True):
        assert_same(mine, outcome(theirs))
    mine, theirs = ([losses(one) for one in by_member(read_events(each))] for each in (path, whole))
    assert mine == theirs


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_it_goes_on_to_the_same_digits(tmp_path, reference):
    path = create_run(several(), SAMPLES, tmp_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(SAMPLES)])
    deadline = time.monotonic() + 60
    while child.poll() is None and not (path / "seeds" / "001" / "checkpoints" / "last.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert subprocess.run([sys.executable, "-c", CHILD, str(path), str(SAMPLES)], check=False).returncode == 0
    whole = reference.result.run_dir
    for mine, theirs in zip(member_dirs(path), member_dirs(whole), strict=True):
        assert_same(mine, outcome(theirs))
    assert read_run(path).test == read_run(whole).test
    ends = [[e.validation for e in one if isinstance(e, EpochEnded)] for one in by_member(read_events(path))]
    assert [len(one) for one in ends] == [3, 3, 3]


def test_a_failure_in_one_seed_ends_the_run(tmp_path):
    path = create_run(digits(seeds=2, epochs=1), SAMPLES, tmp_path)
    train(digits(seeds=2, epochs=1), tmp_path, path)
    shutil.rmtree(path / "seeds" / "001")
    raw = json.loads((path / "seeds" / "000" / "run.json").read_text())
    (path / "seeds" / "000" / "run.json").write_text(json.dumps({**raw, "status": "interrupted"}))
    weights = next((path / "seeds" / "000" / "checkpoints").glob("last.*.safetensors"))
    weights.write_bytes(b"broken")
    failed = train(digits(seeds=2, epochs=1), tmp_path, path, resume=True).result.failed
    assert "has changed" in failed.message
    assert read_run(path).status == "failed"
    assert read_fork(path) is None
