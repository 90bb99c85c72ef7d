"""Several processes train what one process trains, to the last digits but for the order of sums."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.project.edits import set_training
from studio.project.graph import Node
from studio.project.project import Project, Setting
from studio.train.checkpoint import load_checkpoint
from studio.train.control import Control
from studio.train.events import EpochEnded, Event, Finished, LayersMeasured
from studio.train.runs import create_run, read_events, read_run
from studio.train.statistics import watch
from tests.train.drawings import SAMPLES, chain, digits, everything, losses, train
from tests.train.test_losses import CASES, arrays, label

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="the loopback is named otherwise")]
ROOT = Path(__file__).parents[2]
WAIT = 400
CLOSE = 1e-6
ROUGH = {"half precision": 5e-3, "L-BFGS": 2e-5}
"""Gradients of a part are rounded to half precision before they are added up; the steps of L-BFGS, which are
divided by small differences of gradients, make rounding larger."""
HIDDEN = (Node("hidden", "Linear", {"out_features": 32}), Node("norm", "BatchNorm1d"), Node("relu", "ReLU"))
PLAIN = (Node("hidden", "Linear", {"out_features": 32}), Node("relu", "ReLU"))


def without_chance(project: Project) -> Project:
    """The same with a dropout of nothing, which draws other numbers in each process, and with SGD.

    The bias before a normalization has no gradient but what rounding leaves; Adam makes whole steps of that.
    """
    dropout = replace(project.graph.nodes["dropout"], params={"p": 0.0})
    training = replace(project.training, optimizer=Setting("SGD", {"lr": 0.05, "momentum": 0.9}))
    return replace(project, graph=project.graph.with_nodes(dropout), training=training)


def noted_means() -> Project:
    """An instance normalization that notes means, and batches that two processes cannot part evenly."""
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("conv", "Conv2d", {"out_channels": 8}),
        Node("norm", "InstanceNorm2d", {"track_running_stats": True}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    return digits(batch_size=33).with_graph(graph)


PROJECTS: dict[str, Project] = {
    "all at once": without_chance(everything()),
    "AdamW": digits(*PLAIN, optimizer=Setting("AdamW", {"lr": 0.003, "eps": 1e-4})),
    "a last batch of one": digits(*PLAIN, batch_size=157),
    "batches of one": digits(*PLAIN, batch_size=1, epochs=1, max_steps=40, validate_every=5),
    "several batches to a step": digits(*HIDDEN, accumulate=3, average="ema"),
    "a mean over epochs": digits(*HIDDEN, average="swa", swa_start=0.3),
    "half precision": digits(*PLAIN, precision="bfloat16"),
    "in the middle": digits(*PLAIN, validate_steps=7, best_by="accuracy", patience=4),
    "L-BFGS": digits(optimizer=Setting("LBFGS", {"max_iter": 4}), batch_size=301, epochs=2),
    "noted means": noted_means(),
    "layers measured": without_chance(everything(layer_statistics=True)),
    "layers measured in shards": digits(
        Node("wide", "Linear", {"out_features": 2048}), *HIDDEN[1:], sharding="fsdp", layer_statistics=True
    ),
    "shards": digits(
        Node("wide", "Linear", {"out_features": 2048}), *HIDDEN[1:], clip_norm=0.5, sharding="fsdp"
    ),
}


def together(folder: Path, runs: Sequence[str], world: int = 2) -> None:
    """Train runs one after the other by the same processes."""
    command = [sys.executable, "-m", "tests.train.ranks"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    children = [
        subprocess.Popen(
            [*command, str(rank), str(world), str(folder), *runs],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(world)
    ]
    told = [child.communicate(timeout=WAIT)[1] for child in children]
    assert [child.returncode for child in children] == [0] * world, "\n".join(told)


def assert_close(found: Sequence[Event], expected: Sequence[Event], close: float = CLOSE) -> None:
    """Every step's loss, and every metric of every epoch."""
    assert len(losses(found)) == len(losses(expected)) > 0
    assert np.abs(np.subtract(losses(found), losses(expected))).max() <= close
    ends, others = ([one for one in events if isinstance(one, EpochEnded)] for events in (found, expected))
    for end, other in zip(ends, others, strict=True):
        assert (end.epoch, end.step, end.best_epoch) == (other.epoch, other.step, other.best_epoch)
        assert dict(end.train) == pytest.approx(dict(other.train), rel=close, abs=close)
        assert dict(end.validation) == pytest.approx(dict(other.validation), rel=close, abs=close)
    (last,), (other,) = ([one for one in events if isinstance(one, Finished)] for events in (found, expected))
    assert dict(last.test) == pytest.approx(dict(other.test), rel=close, abs=close)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All projects, trained by two processes."""
    folder = tmp_path_factory.mktemp("two")
    runs = {name: create_run(project, SAMPLES, folder / "runs") for name, project in PROJECTS.items()}
    together(folder, [str(one) for one in runs.values()])
    return runs


@pytest.mark.parametrize("name", PROJECTS)
def test_two_processes_train_as_one(name: str, trained: dict[str, Path], tmp_path: Path) -> None:
    one = train(set_training(PROJECTS[name], sharding="none"), tmp_path)
    assert one.result.finished is not None
    assert_close(read_events(trained[name]), one.events, ROUGH.get(name, CLOSE))
    assert read_run(trained[name]).status == read_run(one.result.run_dir).status
    tensors, content = load_checkpoint(trained[name], "last")
    expected, other = load_checkpoint(one.result.run_dir, "last")
    assert {key for key in tensors if not key.startswith("rank1.")} == expected.keys()
    assert content["trained"] == other["trained"]
    for key, tensor in expected.items():
        assert tensors[key].shape == tensor.shape, key


@pytest.mark.parametrize("name", [name for name in PROJECTS if name.startswith("layers measured")])
def test_two_processes_measure_what_one_does(
    name: str, trained: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, gradients and steps are those of the whole network; what layers give, of one's own samples."""
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    for setting, value in (("SHORTEST", 0.0), ("LONGEST", 0.0), ("SHARE", 1e9)):
        monkeypatch.setattr(watch, setting, value)
    one = train(set_training(PROJECTS[name], sharding="none"), tmp_path)
    expected = {event.step: event.layers for event in one.events if isinstance(event, LayersMeasured)}
    found = [event for event in read_events(trained[name]) if isinstance(event, LayersMeasured)]
    assert found
    for event in found:
        assert event.layers.keys() == expected[event.step].keys()
        for node, own in event.layers.items():
            whole = expected[event.step][node]
            assert own.keys() == whole.keys()
            assert own["std"] == pytest.approx(whole["std"], rel=0.5, abs=0.1)
            for key in ("weights", "gradient", "update"):
                if key in whole:
                    assert own[key] == pytest.approx(whole[key], rel=2e-3), (node, key)


@pytest.fixture(scope="module")
def all_losses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """Every loss, trained by three processes, with batches that they cannot part evenly."""
    folder = tmp_path_factory.mktemp("losses")
    np.savez(folder / "data.npz", **arrays())
    runs = [
        create_run(set_training(case.project, epochs=2, batch_size=11), folder, folder / "runs")
        for case in CASES
    ]
    together(folder, [str(one) for one in runs], world=3)
    return folder, runs


@pytest.mark.parametrize("number", range(len(CASES)), ids=[label(case) for case in CASES])
def test_every_loss_is_that_of_the_whole_batch(
    number: int, all_losses: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    from studio.train.engine import run
    from studio.train.job import Job

    folder, runs = all_losses
    project = set_training(CASES[number].project, epochs=2, batch_size=11)
    events: list[Event] = []
    path = create_run(project, folder, tmp_path)
    assert run(Job(project, folder, path), events.append, Control()).finished is not None
    assert_close(read_events(runs[number]), events, 5e-6)


@pytest.mark.parametrize("world", [1, 3])
def test_a_checkpoint_goes_on_with_another_number_of_processes(world: int, tmp_path: Path) -> None:
    """Two train until they are stopped in the middle of an epoch, in the same step; others go on."""
    project = without_chance(everything())
    whole = train(project, tmp_path / "whole")
    path = create_run(project, SAMPLES, tmp_path / "part")
    together(tmp_path, [f"{path}@33"])
    stopped = read_run(path)
    assert stopped.status == "stopped"
    assert 33 <= stopped.step < 80
    if world == 1:
        assert train(project, tmp_path, path, resume=True).result.finished is not None
    else:
        (tmp_path / "more").mkdir()
        together(tmp_path / "more", [f"{path}+"], world)
    assert_close([one for one in read_events(path) if getattr(one, "reason", "") != "stopped"], whole.events)


def test_processes_with_dropout_stop_and_go_on_to_the_last_bit(tmp_path: Path) -> None:
    project = everything()
    whole, part = (create_run(project, SAMPLES, tmp_path / "runs") for _ in range(2))
    together(tmp_path, [str(whole), f"{part}@33", f"{part}+"])
    assert losses(read_events(part)) == losses(read_events(whole))
    tensors, content = load_checkpoint(part, "last")
    expected, other = load_checkpoint(whole, "last")
    for name, tensor in expected.items():
        assert torch.equal(tensors[name], tensor), name
    assert [content[key] for key in ("place", "ledger", "random", "ranks")] == [
        other[key] for key in ("place", "ledger", "random", "ranks")
    ]


def test_a_process_with_other_data_is_named(tmp_path: Path) -> None:
    """Each machine reads its own files."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder, seed in zip(folders, (0, 1), strict=True):
        folder.mkdir()
        found = arrays()
        np.savez(
            folder / "data.npz", **{**found, "x": np.random.default_rng(seed).normal(size=found["x"].shape)}
        )
    run = create_run(CASES[0].project, folders[0], tmp_path / "runs")
    command = [sys.executable, "-m", "tests.train.ranks"]
    children = [
        subprocess.Popen(
            [*command, str(rank), "2", str(tmp_path), f"{run}:{folder}"], cwd=ROOT, stderr=subprocess.PIPE
        )
        for rank, folder in enumerate(folders)
    ]
    for child in children:
        child.communicate(timeout=WAIT)
    info = read_run(run)
    assert info.status == "failed"
    assert info.message.startswith("Process 2 of 2 on ")
    assert "read other data than Process 1 of 2" in info.message
