"""train --resume takes what changes how long and where a run goes on, keeps it, and refuses all else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.project.edits import set_training
from studio.project.graph import Node
from studio.train.drift import drift
from studio.train.events import Finished, Progress
from studio.train.runs import create_run, read_events, read_json, read_run, run_project, write_run
from studio.train.seed_runs import member_dirs
from tests.cli.conftest import Call
from tests.train.drawings import SAMPLES, digits, losses, train

HIDDEN = Node("hidden", "Linear", {"out_features": 16})
LONG = 120.0


def project(**options: object):
    return digits(HIDDEN, **{"epochs": 6, **options})


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run that was stopped within its third epoch, and such that are over: of two seeds, and early."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studio.train.report.SHOWN", 0.0)

        def stop(event, control):
            if isinstance(event, Progress) and event.step >= 50:
                control.stop()

        stopped = train(project(), folder / "stopped", steer=stop).result
    assert (stopped.finished.reason, stopped.finished.epoch) == ("stopped", 2)
    early = train(project(patience=2, least_gain=5.0), folder / "early").result
    assert early.finished.reason == "early"
    return {
        "stopped": stopped.run_dir,
        "over": train(project(), folder / "over").result.run_dir,
        "seeds": train(project(epochs=1, seeds=2), folder / "seeds").result.run_dir,
        "early": early.run_dir,
    }


@pytest.fixture
def run_of(ends: dict[str, Path], tmp_path: Path):
    """A copy of one of them."""
    return lambda name: Path(shutil.copytree(ends[name], tmp_path / "runs" / name))


def content(run: Path) -> dict[str, bytes]:
    """All files of a run."""
    return {str(one.relative_to(run)): one.read_bytes() for one in run.rglob("*") if one.is_file()}


@pytest.mark.parametrize("name", ["stopped", "over", "early"])
@pytest.mark.parametrize(
    "assignment",
    [
        *("training.average=ema", "training.seeds=3", "optimizer=Adam", "optimizer.lr=0.1"),
        *("hidden.out_features=64", "data.validation=0.3", "schedule=Cosine", "training.seed=5"),
        *("training.clip_norm=1", "training.precision=bfloat16", "training.batch_size=48"),
    ],
)
def test_what_would_make_another_run_is_refused(name: str, assignment: str, run_of, call: Call):
    run = run_of(name)
    before = content(run)
    answer = call("train", "--resume", run, "--epochs", 9, "--set", assignment)
    assert answer.code == 2, answer.err
    assert f"{assignment.partition('=')[0]}: a run that goes on keeps " in answer.err
    assert f"train --from {run} --set {assignment}" in answer.err
    assert content(run) == before


def test_what_it_takes_is_kept_in_the_run(run_of, call: Call):
    run = run_of("stopped")
    sets = ["training.patience=40", "training.keep_every=2", "training.threads=1", "optimizer.lr=0.05"]
    answer = call("train", "--resume", run, "--epochs", 7, *(one for key in sets for one in ("--set", key)))
    assert answer.code == 0, answer.err
    assert read_run(run).epochs_done == read_run(run).epochs == 7
    expected = set_training(project(), epochs=7, patience=40, keep_every=2, threads=1)
    assert run_project(run) == expected
    whole = train(set_training(project(), epochs=7), run.parent / "whole").result.run_dir
    assert losses(read_events(run)) == losses(read_events(whole))
    assert call("reproduce", run).code == 0
    found = drift(run.parent / "digits-001", run)
    assert found.none
    assert found.changes == ()


def test_a_smaller_batch_makes_steps_as_large_as_before(run_of, call: Call):
    run = run_of("stopped")
    assert call("train", "--resume", run, "--batch-size", 32).code == 0
    assert run_project(run) == set_training(project(), batch_size=32, accumulate=2)
    whole = train(project(), run.parent / "whole").losses
    assert losses(read_events(run)) == pytest.approx(whole, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "said", "more"),
    [
        ("over", "all 6 epochs are done: nothing is left to train.", "--epochs 12"),
        ("seeds", "all of its seeds are over: nothing is left to train.", "Begin a new run"),
        ("early", "stopped early, after 2 validations without a better one.", "--set training.patience=4"),
    ],
)
def test_a_finished_run_has_nothing_left_and_says_so(name: str, said: str, more: str, run_of, call: Call):
    run = run_of(name)
    before = content(run)
    answer = call("train", "--resume", run)
    assert answer.code == 0
    assert f"{run.name}: {said}" in answer.err
    assert more in answer.err
    given = ["--epochs", "4"] if name != "seeds" else ["--epochs", "9"]
    answer = call("train", "--resume", run, *given)
    assert answer.code == 2
    assert said in answer.err
    assert content(run) == before


def test_what_a_finished_run_is_told_to_give_lets_it_go_on(run_of, call: Call):
    over, early = run_of("over"), run_of("early")
    assert call("train", "--resume", over, "--epochs", 8).code == 0
    assert read_run(over).epochs_done == 8
    done = read_run(early).epochs_done
    assert call("train", "--resume", early, "--set", "training.patience=3").code == 0
    assert read_run(early).epochs_done == done + 1


@pytest.mark.parametrize(
    ("limit", "said"),
    [({"max_steps": 30}, "30 steps are done"), ({"max_minutes": 0.001}, "max_minutes is over")],
)
def test_a_run_that_a_limit_ended_says_which(limit, said: str, tmp_path: Path, call: Call):
    ran = train(project(epochs=5000, **limit), tmp_path).result
    assert ran.finished.limit
    answer = call("train", "--resume", ran.run_dir, "--epochs", 6000)
    assert answer.code == 2
    assert said in answer.err
    assert f"--set training.{next(iter(limit))}=" in answer.err


@pytest.mark.parametrize(("assignment", "done"), [("training.epochs=1", 2), ("training.max_steps=20", 50)])
def test_less_than_was_trained_is_refused(assignment: str, done: int, run_of, call: Call):
    run = run_of("stopped")
    before = content(run)
    answer = call("train", "--resume", run, "--set", assignment)
    assert answer.code == 2
    assert f"{assignment}: stopped has trained {done} already" in answer.err
    assert content(run) == before


def test_another_project_cannot_be_given(run_of, call: Call):
    run = run_of("stopped")
    for other, said in (([SAMPLES / "mlp_digits.loom"], "FILE"), (["--from", run], "--from")):
        answer = call("train", *other, "--resume", run)
        assert answer.code == 2
        assert said in answer.err
        assert "cannot be given with it" in answer.err


def test_seeds_are_trained_alike(run_of, call: Call):
    """One seed is over, the other was never begun."""
    run = run_of("seeds")
    shutil.rmtree(run / "seeds" / "001")
    write_run(run, {**read_json(run), "status": "interrupted"})
    before = content(run)
    for given, said in (
        (["--epochs", 4], "training.epochs: a seed of seeds is over already"),
        (["--processes", 2], "several seeds cannot be trained by several processes"),
    ):
        answer = call("train", "--resume", run, *given)
        assert answer.code == 2
        assert said in answer.err
        assert content(run) == before
    assert call("train", "--resume", run, "--set", "training.keep_every=1").code == 0
    assert read_run(run).status == "completed"
    projects = [run_project(one).training.options for one in (run, *member_dirs(run))]
    assert ["keep_every" in one for one in projects] == [True, False, True]


def test_a_run_without_a_checkpoint_says_that_it_begins_anew(tmp_path: Path, call: Call):
    path = create_run(project(epochs=1), SAMPLES, tmp_path)
    assert "begins anew" not in call("train", "--resume", path).err
    for one in (path / "checkpoints").iterdir():
        one.unlink()
    write_run(path, {**read_json(path), "status": "interrupted"})
    answer = call("train", "--resume", path)
    assert answer.code == 0
    assert f"{path.name} ended before its first checkpoint: it begins anew." in answer.err


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_lost_process_without_a_checkpoint_is_told_so(tmp_path: Path):
    """One of two is killed while they train, before the first checkpoint."""
    command = [sys.executable, "-m", "studio", "train", str(SAMPLES / "mlp_digits.loom"), "--json"]
    command += ["--runs", str(tmp_path), "--epochs", "40", "--processes", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if '"Progress"' in line:
                break
        run = tmp_path / "mlp_digits-001"
        os.kill(read_json(run)["process"]["pid"], signal.SIGKILL)
        assert not (run / "checkpoints" / "last.json").exists()
        out, err = child.communicate(timeout=LONG)
    assert child.returncode == 0, err
    (said,) = [one["message"] for one in map(json.loads, out.splitlines()) if one["event"] == "Warned"][:1]
    assert said.endswith("Training begins anew by new processes, as there was no checkpoint yet.")
    assert isinstance(read_events(run)[-1], Finished)
