"""Checkpoints that are kept by a policy: which ones, what they are good for, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.errors import StudioError
from studio.train.checkpoint import load_checkpoint, load_network
from studio.train.events import EpochEnded, Started, Warned
from studio.train.kept import epoch_name, list_kept, named
from studio.train.runs import create_run, read_run
from tests.train.drawings import SAMPLES, everything, train
from tests.train.test_resume import CHILD, assert_same, outcome, stop_at


def kept(**options):
    return everything(**{"epochs": 8, "patience": None, "keep_best": 3, "keep_every": 4, **options})


def epochs_kept(path):
    return {one.epoch for one in list_kept(path) if one.name.startswith("epoch-")}


def states(path):
    """The kept states, apart from the time that they took."""
    found = {}
    for one in list_kept(path):
        if one.name.startswith("epoch-"):
            tensors, content = load_checkpoint(path, one.name)
            found[one.name] = tensors, {key: content[key] for key in ("place", "metrics", "ledger", "random")}
    return found


def assert_same_states(path, expected):
    found = states(path)
    assert found.keys() == expected.keys()
    for name, (tensors, told) in expected.items():
        assert found[name][1] == told
        assert found[name][0].keys() == tensors.keys()
        assert all(torch.equal(found[name][0][key], one) for key, one in tensors.items())


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    ran = train(kept(), tmp_path_factory.mktemp("kept"))
    assert ran.result.finished is not None
    return ran


def test_the_best_and_every_fourth_are_kept(reference):
    path = reference.result.run_dir
    ranked = sorted((end.validation["loss"], end.epoch) for end in reference.of(EpochEnded))
    assert epochs_kept(path) == {epoch for _, epoch in ranked[:3]} | {4, 8}
    told = {one.name: one for one in list_kept(path)}
    assert told["best"].epoch == ranked[0][1]
    assert not told["best"].whole
    assert told[epoch_name(4)].whole
    assert told[epoch_name(4)].metrics["validation"] == reference.of(EpochEnded)[3].validation
    assert {file.stem.split(".")[0] for file in (path / "checkpoints").iterdir()} == set(told)


def test_without_the_settings_only_last_and_best_are_written(tmp_path):
    path = train(everything(), tmp_path).result.run_dir
    assert [one.name for one in list_kept(path)] in (["last", "best"], ["best", "last"])


def test_any_kept_one_evaluates_and_predicts(reference):
    path = reference.result.run_dir
    ends = {end.epoch: end for end in reference.of(EpochEnded)}
    for epoch in sorted(epochs_kept(path)):
        found = evaluate(path, "validation", str(epoch))
        assert found.metrics["loss"] == pytest.approx(ends[epoch].validation["loss"], rel=1e-5)
        assert Predictor(path, str(epoch)).inputs
    assert named(path, "4") == epoch_name(4)
    with pytest.raises(StudioError, match="no checkpoint of epoch 99") as told:
        load_network(path, "99")
    assert "4 (epoch)" in told.value.hint


@pytest.mark.parametrize("step", [1, 75, 90])
def test_stopped_and_resumed_the_same_ones_are_kept(step, tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    stopped = train(kept(), tmp_path, steer=stop_at(step))
    path = stopped.result.run_dir
    train(kept(), tmp_path, path, resume=True)
    assert_same(path, outcome(reference.result.run_dir))
    assert_same_states(path, states(reference.result.run_dir))


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_and_resumed_the_same_ones_are_kept(tmp_path, reference):
    path = create_run(kept(), SAMPLES, tmp_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(SAMPLES)])
    deadline = time.monotonic() + 60
    while child.poll() is None and len(list((path / "checkpoints").glob("*.json"))) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert subprocess.run([sys.executable, "-c", CHILD, str(path), str(SAMPLES)], check=False).returncode == 0
    assert_same(path, outcome(reference.result.run_dir))
    assert_same_states(path, states(reference.result.run_dir))


def test_a_damaged_last_one_is_told_and_the_newest_whole_one_goes_on(tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    path = train(kept(), tmp_path, steer=stop_at(110)).result.run_dir
    weights = next((path / "checkpoints").glob("last.*.safetensors"))
    _damage(weights)
    (damaged,) = [one for one in list_kept(path) if one.problem]
    assert damaged.name == "last"
    assert "has changed" in damaged.problem
    with pytest.raises(StudioError, match="has changed") as told:
        load_network(path, "last")
    assert epoch_name(4) in told.value.hint
    resumed = train(kept(), tmp_path, path, resume=True)
    assert "goes on from that of epoch" in resumed.of(Warned)[0].message
    assert 4 <= resumed.of(Started)[0].epoch <= 5
    assert_same(path, outcome(reference.result.run_dir))
    assert_same_states(path, states(reference.result.run_dir))


def test_where_all_are_damaged_the_run_says_so_and_stays_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    path = train(everything(), tmp_path, steer=stop_at(30)).result.run_dir
    (path / "checkpoints" / "last.json").write_text("{")
    failed = train(everything(), tmp_path, path, resume=True).result.failed
    assert "cannot be read" in failed.message
    assert "best (epoch 1)" in failed.hint
    assert read_run(path).status == "failed"


def _damage(file):
    """Another last byte."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 255
    file.write_bytes(content)
