"""A run that was stopped or killed goes on to the same last bit as one that never was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from studio.project.project import FieldSetting, Setting
from studio.train.checkpoint import load_checkpoint
from studio.train.control import Control
from studio.train.events import EpochEnded, Finished, Progress, Saved, Started
from studio.train.runs import create_run, read_events, read_run
from tests.train.drawings import SAMPLES, Recorded, everything, losses, train

CHILD = """
import sys
from pathlib import Path
from studio.train.control import Control
from studio.train import engine
from studio.train.job import Job
from studio.train.runs import run_project
engine.WITHIN_EPOCH = engine.BETWEEN_EPOCHS = 0.05
from studio.train import report, saving
report.SHOWN, saving.SHARE = 0.002, 1.0
path = Path(sys.argv[1])
result = engine.run(
    Job(run_project(path), Path(sys.argv[2]), path, resume=True), lambda event: None, Control()
)
sys.exit(result.failed is not None)
"""

PATIENCE = 600
"""Seconds that a process may take until it has saved once: on a busy machine it loads torch for a minute."""


def outcome(path):
    """All that must be equal: weights, optimizer, generators, and the epochs' curves."""
    tensors, content = load_checkpoint(path, "last")
    best, _ = load_checkpoint(path, "best")
    epochs = [
        (event.epoch, event.step, event.train, event.validation, event.best, event.best_epoch)
        for event in read_events(path)
        if isinstance(event, EpochEnded)
    ]
    told = {key: content[key] for key in ("place", "trained", "ledger", "random", "last_loss")}
    ends = [event.test for event in read_events(path) if isinstance(event, Finished)][-1:]
    return tensors, best, told, epochs, losses(read_events(path)), ends


def assert_same(path, reference):
    tensors, best, *rest = outcome(path)
    expected, expected_best, *expected_rest = reference
    for found, wanted in ((tensors, expected), (best, expected_best)):
        assert found.keys() == wanted.keys()
        for name, tensor in wanted.items():
            assert torch.equal(found[name], tensor), name
    assert rest == expected_rest


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The run that is never interrupted."""
    ran = train(everything(), tmp_path_factory.mktemp("reference"))
    assert ran.result.finished is not None
    return outcome(ran.result.run_dir)


def stop_at(step: int):
    """Stop after this step, wherever in an epoch it is."""

    def steer(event, control):
        if isinstance(event, Progress) and event.step >= step:
            control.stop()

    return steer


@pytest.mark.parametrize("step", [1, 7, 20, 33, 60, 71, 80])
def test_stopped_anywhere_it_goes_on_bit_equal(step, tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)  # look at every step, so as to stop at this one
    project = everything()
    stopped = train(project, tmp_path, steer=stop_at(step))
    assert stopped.result.finished.reason == "stopped"
    assert stopped.result.finished.step == step
    path = stopped.result.run_dir
    assert read_run(path).resumable
    resumed = train(project, tmp_path, path, resume=True)
    assert resumed.of(Started)[0].step == step
    assert_same(path, reference)


class WhileValidating(Control):
    """Stops between two batches of the first validation: before, it asks after the first step only."""

    asked = 0

    @property
    def stopping(self) -> bool:
        self.asked += 1
        return self.asked > 2


def test_stopped_while_it_validates_it_validates_anew(tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 1e9)
    project = everything(batch_size=64)
    stopped = train(project, tmp_path, control=WhileValidating())
    assert stopped.of(EpochEnded) == []
    assert load_checkpoint(stopped.result.run_dir, "last")[1]["place"]["batch"] == 20
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)


def test_stopped_many_times_it_still_ends_the_same(tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project, path, step = everything(), None, 0
    rng = random.Random(5)
    ran: Recorded | None = None
    while ran is None or ran.result.finished.reason == "stopped":
        step += rng.randint(1, 17)
        ran = train(project, tmp_path, path, steer=stop_at(step), resume=path is not None)
        path = ran.result.run_dir
    assert_same(path, reference)


def test_a_resume_without_a_checkpoint_starts_over(tmp_path, reference):
    project = everything()
    path = create_run(project, SAMPLES, tmp_path)
    assert train(project, tmp_path, path, resume=True).of(Started)[0].step == 0
    assert_same(path, reference)


def test_patience_and_best_go_on_where_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(epochs=60, patience=2, clip_norm=None)
    whole = train(project, tmp_path)
    assert whole.result.finished.reason == "early"
    last = whole.of(EpochEnded)[-1]
    assert last.epoch - last.best_epoch == 2
    stopped = train(project, tmp_path, steer=stop_at(last.step - 25))
    resumed = train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert resumed.result.finished.reason == "early"
    assert_same(stopped.result.run_dir, outcome(whole.result.run_dir))


def augmented(**options: object):
    """Digits whose training pictures change at random in every batch, and are mixed."""
    changes = ("Flip", "RandomCrop", "Rotate", "ColorJitter", "Blur", "Noise", "Erase", "Mixup", "Cutmix")
    fields = {"image": FieldSetting(augment=tuple(Setting(one) for one in changes))}
    project = everything(**options)
    return replace(project, data=replace(project.data, fields=fields))


@pytest.fixture(scope="module")
def augmented_reference(tmp_path_factory):
    ran = train(augmented(), tmp_path_factory.mktemp("augmented"))
    assert ran.result.finished is not None
    return outcome(ran.result.run_dir)


@pytest.mark.parametrize("step", [1, 33, 60])
def test_random_changes_go_on_where_they_were(step, tmp_path, augmented_reference, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = augmented()
    stopped = train(project, tmp_path, steer=stop_at(step))
    assert stopped.result.finished.step == step
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, augmented_reference)
    assert augmented_reference[4] != reference[4]


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_random_changes_are_the_same_in_another_process_and_after_a_kill(tmp_path, augmented_reference):
    path = create_run(augmented(), SAMPLES, tmp_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(SAMPLES)])
    deadline = time.monotonic() + PATIENCE
    try:
        while child.poll() is None and not any(isinstance(event, Saved) for event in _told(path)):
            assert time.monotonic() < deadline
            time.sleep(0.002)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    again = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(SAMPLES)], capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr[-2000:]
    assert_same(path, augmented_reference)


def _told(path):
    return read_events(path) if (path / "events.jsonl").exists() else ()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_at_any_moment_it_goes_on_bit_equal(tmp_path):
    project = everything(epochs=40, patience=None)
    whole = train(project, tmp_path)
    path = create_run(project, SAMPLES, tmp_path)
    rng, killed = random.Random(11), 0
    while read_run(path).status != "completed":
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(SAMPLES)])
        log = path / "events.jsonl"
        until = rng.randint(6_000, 15_000) + (log.stat().st_size if log.exists() else 0)
        if killed < 5:
            deadline = time.monotonic() + PATIENCE
            while (not log.exists() or log.stat().st_size < until) and child.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.002)
            child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        assert child.returncode in (0, -signal.SIGKILL)
        if child.returncode:
            assert read_run(path).status == "interrupted"
    assert killed >= 3
    assert any(isinstance(event, Saved) for event in read_events(path))
    assert_same(path, outcome(whole.result.run_dir))
