"""Several batches to a step are one batch so many times as large, and a run stopped between two goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.checkpoint import load_checkpoint
from studio.train.control import Control
from studio.train.events import EpochEnded, Saved, Started
from studio.train.runs import create_run, read_events
from tests.train.drawings import SAMPLES, digits, everything, losses, train
from tests.train.test_resume import CHILD, assert_same, outcome, stop_at

HIDDEN = (Node("hidden", "Linear", {"out_features": 24}), Node("relu", "ReLU"))


def weighing(project, **params: object):
    """The project with options of its loss."""
    return project.with_graph(project.graph.with_nodes(project.graph.nodes["loss"].with_params(**params)))


@pytest.mark.parametrize(
    "params",
    [{}, {"class_weights": "balanced"}, {"class_weights": "1,2,3,4,5,6,7,8,9,10"}, {"ignore_index": 3}],
)
def test_it_is_one_batch_so_many_times_as_large(params, tmp_path):
    """1258 samples: the last step of an epoch has fewer batches than the others, the last of them short."""
    runs = [
        train(weighing(digits(*HIDDEN, epochs=2, **options), **params), tmp_path)
        for options in ({"batch_size": 96}, {"batch_size": 32, "accumulate": 3})
    ]
    large, parts = runs
    assert large.result.finished
    assert parts.result.finished
    assert large.result.finished.step == parts.result.finished.step
    assert parts.of(Started)[0].steps_per_epoch == large.of(Started)[0].steps_per_epoch
    assert parts.losses == pytest.approx(large.losses, rel=2e-5)
    ends = zip(large.of(EpochEnded), parts.of(EpochEnded), strict=True)
    for one, other in ends:
        assert other.train == pytest.approx(one.train, rel=2e-5)
        assert other.validation["accuracy"] == one.validation["accuracy"]


def test_parts_in_which_nothing_counts_are_left_out(tmp_path):
    """With batches of one sample some hold nothing but the class that is ignored."""
    runs = [
        train(weighing(digits(*HIDDEN, epochs=1, **options), ignore_index=3), tmp_path)
        for options in ({"batch_size": 12}, {"batch_size": 1, "accumulate": 12})
    ]
    assert runs[1].losses == pytest.approx(runs[0].losses, rel=1e-4)


def test_lbfgs_takes_the_whole_step_too(tmp_path):
    setting = Setting("LBFGS", {"max_iter": 4})
    runs = [
        train(digits(epochs=2, optimizer=setting, **options), tmp_path)
        for options in ({"batch_size": 1258}, {"batch_size": 400, "accumulate": 4})
    ]
    assert len(runs[0].losses) == 2
    assert runs[1].losses == pytest.approx(runs[0].losses, rel=1e-3)


def accumulated(**options: object):
    """All that an exact resume must carry, four batches to a step."""
    return everything(**{"batch_size": 16, "accumulate": 4, **options})


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    ran = train(accumulated(), tmp_path_factory.mktemp("accumulated"))
    assert ran.result.finished is not None
    return outcome(ran.result.run_dir)


class AtTheBatch(Control):
    """Stops as soon as it was asked so often between batches or steps."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self.left = asked

    @property
    def stopping(self) -> bool:
        self.left -= 1
        if self.left <= 0:
            self.stop()
        return super().stopping


@pytest.mark.parametrize("asked", [2, 31, 90])
def test_stopped_within_a_step_it_goes_on_bit_equal(asked, tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 1e9)
    project = accumulated()
    stopped = train(project, tmp_path, control=AtTheBatch(asked))
    assert stopped.result.finished.reason == "stopped"
    tensors, content = load_checkpoint(stopped.result.run_dir, "last")
    assert int(tensors["step.done"]) in (1, 2, 3)
    resumed = train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert resumed.of(Started)[0].step == content["step"]
    assert_same(stopped.result.run_dir, reference)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_it_goes_on_bit_equal(tmp_path, reference):
    """Killed twice wherever it is, most likely between two of the four batches of a step."""
    path = create_run(accumulated(), SAMPLES, tmp_path)
    for saved in (1, 2):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(SAMPLES)])
        deadline = time.monotonic() + 120
        while child.poll() is None and _saved(path) < saved:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert subprocess.run([sys.executable, "-c", CHILD, str(path), str(SAMPLES)], check=False).returncode == 0
    assert_same(path, reference)


def _saved(path) -> int:
    return sum(isinstance(event, Saved) for event in read_events(path))


def test_stopped_between_steps_it_goes_on_bit_equal(tmp_path, reference, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    stopped = train(accumulated(), tmp_path, steer=stop_at(25))
    train(accumulated(), tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)


def test_two_losses_and_their_weights_add_up(tmp_path):
    """Without dropout and batch statistics, which look at each batch by itself."""

    def plain(**options: object):
        project = everything(epochs=1, **options)
        nodes = project.graph.nodes
        graph = project.graph.with_nodes(
            nodes["dropout"].with_params(p=0.0), replace(nodes["norm"], type="LayerNorm", params={})
        )
        return project.with_graph(graph)

    large = train(plain(batch_size=64), tmp_path)
    parts = train(plain(batch_size=16, accumulate=4), tmp_path)
    assert large.result.finished
    assert parts.result.finished
    assert losses(parts.events) == pytest.approx(losses(large.events), rel=5e-5)
    assert parts.of(EpochEnded)[0].train == pytest.approx(large.of(EpochEnded)[0].train, rel=5e-5)
