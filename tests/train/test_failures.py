"""What goes wrong is told in plain words, with its node, and the last good checkpoint stays."""

from __future__ import annotations

import math
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.data.memory import free
from studio.project.edits import set_training
from studio.project.graph import Edge, Endpoint, Node
from studio.project.project import Data, Setting
from studio.train.checkpoint import load_checkpoint, load_network
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Failed, Progress, Saved, Started, Warned
from studio.train.failures import diverged
from studio.train.host_lost import words
from studio.train.job import Job
from studio.train.runs import create_run, read_events, read_run, run_project
from studio.train.shortage import of_run, shrink
from tests.train.drawings import SAMPLES, digits, sample, train


def arrays(path, name: str = "data", **given) -> Data:
    """Data of these arrays."""
    np.savez(path / f"{name}.npz", **given)
    options = {"validation": 0.0, "test": 0.0, "normalize": "none"}
    return Data(Setting("Arrays", {"path": str(path / f"{name}.npz"), "target": "label"}), options)


@pytest.mark.parametrize(("rate", "other"), [(30.0, "0.01"), (1e30, "0.01")])
def test_a_learning_rate_too_large_is_named_with_its_step(tmp_path, rate, other):
    project = sample("linear_regression", epochs=3000)
    project = replace(project, training=replace(project.training, optimizer=Setting("SGD", {"lr": rate})))
    ran = train(project, tmp_path)
    failed = ran.result.failed
    assert ran.events[-1] is failed
    assert "infinite" in failed.message or "NaN" in failed.message
    assert f"step {failed_step(ran)} " in failed.message
    assert f"learning rate ({rate:g}) is probably too large: try {other}, or" in failed.hint
    assert read_run(ran.result.run_dir).status == "failed"
    assert read_run(ran.result.run_dir).message == failed.message
    assert all(np.isfinite(ran.losses))


def test_of_a_rate_below_the_usual_one_a_tenth_is_proposed():
    assert "try 0.0005, or" in diverged(math.nan, 1, 2, 0.5, 0.005, None, 0.01).hint
    assert "try 0.01, or" in diverged(math.nan, 1, 2, 0.5, 4.0, None, 0.01).hint


def failed_step(ran) -> int:
    """The step after the last one whose loss was told."""
    return ran.of(Progress)[-1].step + 1


def test_nan_never_gets_into_a_checkpoint(tmp_path):
    """The checkpoint made before the loss ran away is still there, whole and good."""
    project = sample("linear_regression", epochs=2)
    good = train(project, tmp_path)
    before = load_checkpoint(good.result.run_dir, "last")
    wild = set_training(project, epochs=500)
    wild = replace(wild, training=replace(wild.training, optimizer=Setting("SGD", {"lr": 30.0})))
    ran = train(wild, tmp_path, good.result.run_dir, resume=True)
    assert ran.result.failed is not None
    assert ran.of(Saved) == []
    after = load_checkpoint(good.result.run_dir, "last")
    assert after[1] == before[1]
    network, _ = load_network(good.result.run_dir, "last")
    assert all(bool(one.isfinite().all()) for one in network.parameters())


def test_no_number_in_the_first_step_names_the_node(tmp_path):
    x = np.full((32, 3), 3e38, np.float32)
    project = digits(
        Node("widen", "Linear", {"out_features": 8}),
        Node("norm", "BatchNorm1d"),
        data=arrays(tmp_path, image=x, label=np.arange(32) % 10),
    )
    failed = train(project, tmp_path).result.failed
    assert failed.node == "widen"
    assert "at step 1 (epoch 1)" in failed.message
    assert "widen is the first node" in failed.hint


def test_no_numbers_in_the_data_are_found_before_training(tmp_path):
    x = np.ones((20, 3), np.float32)
    x[13, 1] = np.nan
    ran = train(digits(data=arrays(tmp_path, image=x, label=np.arange(20) % 10)), tmp_path)
    assert ran.of(Started) == []
    assert "image" in ran.result.failed.message
    assert "13" in ran.result.failed.message


def test_an_exception_in_a_layer_names_it(tmp_path):
    tokens = np.array([[1, 2], [3, 99]] * 8)
    project = digits(
        Node("words", "Embedding", {"num_embeddings": 10, "embedding_dim": 4}),
        Node("flat", "Flatten"),
        data=arrays(tmp_path, image=tokens, label=np.arange(16) % 10),
    )
    failed = train(project, tmp_path).result.failed
    assert failed.node == "words"
    assert "words" in failed.message
    assert failed.hint


def test_labels_outside_the_classes_name_loss_sample_and_class(tmp_path):
    labels = np.arange(30) % 10
    labels[17] = 12
    failed = train(
        digits(data=arrays(tmp_path, image=np.ones((30, 4), np.float32), label=labels)), tmp_path
    ).result.failed
    assert failed is not None
    assert "12" in failed.message + failed.hint or "13" in failed.message + failed.hint
    assert failed.node in ("loss", "scores")


def test_missing_data_is_told_and_nothing_else_happens(tmp_path):
    data = Data(Setting("CSV", {"path": "no/such/file.csv"}))
    ran = train(digits(data=data), tmp_path)
    assert "file.csv" in ran.result.failed.message
    assert ran.result.failed.hint
    assert ran.events == [ran.result.failed]
    assert read_run(ran.result.run_dir).status == "failed"


def test_a_drawing_with_errors_is_told(tmp_path):
    project = digits(Node("pool", "MaxPool2d"))
    failed = train(project, tmp_path).result.failed
    assert failed.node == "pool"


def test_nothing_to_learn_is_told(tmp_path):
    project = digits()
    straight = Edge(Endpoint("flatten", "output"), Endpoint("loss", "prediction"))
    graph = project.graph.without_nodes(["scores"]).with_edges(straight)
    failed = train(replace(project, graph=graph), tmp_path).result.failed
    assert "learn" in failed.message or "train" in failed.message


def test_a_folder_that_is_no_run_is_told(tmp_path):
    events = []
    result = run(Job(digits(), SAMPLES, tmp_path / "none"), events.append, Control())
    assert result.failed is not None
    assert events == [result.failed]


def test_too_little_memory_is_told_with_a_batch_that_fits_and_goes_on_with_it(tmp_path):
    """The first epoch is trained, then the system gives no more; the rest goes on with smaller batches."""
    project = digits(
        Node("wide", "Linear", {"out_features": 100_000}),
        Node("relu", "ReLU"),
        batch_size=256,
        epochs=2,
    )
    limit = resource.getrlimit(resource.RLIMIT_AS)

    def tighten(event, control):
        if isinstance(event, Saved) and event.name == "last":
            held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (held + 2**24, limit[1]))
        elif isinstance(event, EpochEnded):
            control.save_now()

    try:
        failed = train(project, tmp_path, steer=tighten).result.failed
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limit)
    assert "not enough memory" in failed.message
    assert "wide" in failed.message
    assert failed.fitting in (1, 2, 4, 8, 16, 32, 64, 128)
    assert f"batch size of {failed.fitting}, {256 // failed.fitting} of which" in failed.hint
    (path,) = tmp_path.glob("digits-*")
    before = load_checkpoint(path, "last")[1]["step"]
    shrink(path, failed.fitting)
    ran = train(run_project(path), tmp_path, path, resume=True)
    assert ran.of(Started)[0].step == before > 0
    assert ran.result.finished.step == 10
    straight = train(project, tmp_path)
    assert read_events(path)[-1].test["loss"] == pytest.approx(
        straight.result.finished.test["loss"], rel=1e-3
    )


def test_each_time_it_says_how_many_batches_make_a_step(tmp_path):
    """Three times in a row: the batches are always those that make a step as large as the first."""
    path = train(digits(batch_size=600, epochs=1), tmp_path).result.run_dir
    before = 600
    for _ in range(3):
        project = run_project(path)
        short = of_run(path, project, {"train": 1257, "validation": 270, "test": 270})
        assert short.size <= before // 2
        shrink(path, short.size)
        options = run_project(path).training.options
        assert options["batch_size"] * options["accumulate"] == 600
        told = (
            f"batch size of {short.size}, {options['accumulate']} of which make one step as large as before"
        )
        assert told in short.hint
        before = short.size


def test_want_of_memory_is_likely_only_where_a_run_needs_much_of_what_is_free(tmp_path):
    project = digits(epochs=1)
    path = train(project, tmp_path).result.run_dir
    parts = {"train": 1257, "validation": 270, "test": 270}
    assert not of_run(path, project, parts).likely
    large = of_run(path, set_training(project, batch_size=free() // 100), parts)
    assert large.likely
    killed = words(-9, memory=False, likely=large.likely)
    assert killed.endswith("was ended from outside (signal 9), most likely for want of memory.")


FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from studio.train import engine, saving
from studio.train.control import Control
from studio.train.events import EpochEnded, Warned
from studio.train.job import Job
from studio.train.runs import run_project
engine.BETWEEN_EPOCHS, saving.SHARE, saving.WAIT_S = 0.0, 1e9, 1.0
free = "free" in sys.argv
def emit(event):
    if isinstance(event, EpochEnded) and event.epoch in (2, 4):
        room = 20_000 if event.epoch == 2 else resource.RLIM_INFINITY if free else 20_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
path = Path(sys.argv[1])
engine.run(Job(run_project(path), Path(sys.argv[2]), path), emit, Control())
"""


@pytest.mark.parametrize("free", [True, False])
def test_a_full_disk_is_told_and_training_goes_on(free, tmp_path):
    """The system refuses files over 20 kB from the second epoch on, in one case not to the end."""
    project = digits(Node("hidden", "Linear", {"out_features": 128}), epochs=6)
    path = create_run(project, SAMPLES, tmp_path)
    command = [sys.executable, "-c", FULL, str(path), str(SAMPLES), *(["free"] if free else [])]
    subprocess.run(command, check=True)
    events = read_events(path)
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1, 2, 3, 4, 5, 6]
    warned = [event for event in events if isinstance(event, Warned)]
    assert len(warned) == (1 if free else 2)
    assert "too large" in warned[0].message
    assert "Make room" in warned[0].hint
    _, content = load_checkpoint(path, "last")
    assert content["epoch"] == (6 if free else 1)
    info = read_run(path)
    assert info.status == ("completed" if free else "failed")
    if not free:
        assert "waiting for room" in warned[1].message
        assert "could not be saved" in next(event for event in events if isinstance(event, Failed)).message
    assert load_network(path, "best")
