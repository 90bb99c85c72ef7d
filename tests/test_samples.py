"""The samples: each checks without problems, trains, and reaches what its notes promise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.data.describe import describe
from studio.data.loader import order
from studio.data.prepare import prepare
from studio.places import shipped
from studio.project import edits
from studio.project.project import Project
from studio.project.storage import dumps, load
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import Event, Progress
from studio.train.job import Job, Result
from studio.train.runs import create_run

SAMPLES = sorted(shipped("samples").glob("*.loom"))
NAMES = {
    *("linear_regression", "logistic_regression", "mlp_digits", "dense_regression", "cnn_digits"),
    *("residual_digits", "lstm_digits", "two_inputs", "fashion_mnist_mlp", "fashion_mnist_cnn"),
    *("resnet50", "unet", "transformer_encoder", "transformer_decoder", "mobilenet_v3", "convnext"),
    *("unet_digits", "lstm_sunspots", "text_language", "char_transformer", "autoencoder_digits"),
    *("table_and_picture", "recommender_ink"),
    *("keras_functional_mnist_mlp", "keras_toy_resnet", "keras_functional_ensemble"),
}
FASHION = Path("/usr/share/datasets/fashion-mnist")
WIDTH, HEIGHT = 200, 120
"""More than any node of the samples takes."""


def _sample(name: str) -> Project:
    return load(shipped("samples") / f"{name}.loom")


def _train(project: Project, tmp_path: Path) -> tuple[Result, list[Event]]:
    events: list[Event] = []
    folder = shipped("samples")
    job = Job(project, folder, create_run(project, folder, tmp_path))
    result = run(job, events.append, Control())
    assert result.failed is None, result.failed
    return result, events


def _tested(project: Project, tmp_path: Path, name: str = "accuracy") -> float:
    result, _ = _train(project, tmp_path)
    assert result.finished is not None
    return result.finished.test[name]


def test_all_samples_are_there():
    assert {path.stem for path in SAMPLES} == NAMES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_canonical_named_after_its_file_and_explained(path: Path):
    project = load(path)
    assert dumps(project) == path.read_text("utf-8")
    assert project.name == path.stem
    lines = project.notes.splitlines()
    assert len(lines) == 5
    assert all(20 < len(line) < 130 for line in lines)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_nodes_lie_apart_and_mostly_flow_to_the_right(path: Path):
    project = load(path)
    places = [node.position for node in project.graph.nodes.values()]
    for at, (x, y) in enumerate(places):
        for other_x, other_y in places[at + 1 :]:
            assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT
    nodes = project.graph.nodes
    right = [nodes[e.target.node].position[0] > nodes[e.source.node].position[0] for e in project.graph.edges]
    assert sum(right) >= 0.7 * len(right)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_has_no_problems(path: Path):
    if "fashion" in path.stem and not FASHION.is_dir():
        pytest.skip("the package dataset-fashion-mnist is not installed")
    project = load(path)
    description = describe(project.data, path.parent)
    found = Checker().check(project, description.fields, description.problems, description.parts)
    assert found.problems == ()
    assert found.plan.losses


def test_missing_data_says_what_to_install(tmp_path: Path):
    project = _sample("fashion_mnist_cnn")
    source = replace(project.data.source, params={"folder": str(tmp_path / "nothing")})
    (problem,) = describe(edits.set_source(project, source).data, tmp_path).problems
    assert str(tmp_path / "nothing") in problem.message
    if not FASHION.is_dir():
        (problem,) = describe(project.data, tmp_path).problems
        assert "apt install dataset-fashion-mnist" in problem.hint


def _digits_by_hand() -> tuple[nn.Module, torch.optim.Optimizer, nn.Module]:
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10), nn.LogSoftmax(-1)
    )
    return network, torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9), nn.NLLLoss()


def _dense_by_hand() -> tuple[nn.Module, torch.optim.Optimizer, nn.Module]:
    network = nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1))
    return network, torch.optim.Adam(network.parameters(), lr=0.01), nn.MSELoss()


def _line_by_hand() -> tuple[nn.Module, torch.optim.Optimizer, nn.Module]:
    network = nn.Linear(1, 1)
    return network, torch.optim.SGD(network.parameters(), lr=0.05), nn.MSELoss()


@pytest.mark.parametrize(
    ("name", "by_hand", "fields"),
    [
        ("linear_regression", _line_by_hand, ("features", "y")),
        ("mlp_digits", _digits_by_hand, ("image", "label")),
        ("dense_regression", _dense_by_hand, ("features", "target")),
    ],
)
def test_the_loss_curve_is_that_of_a_hand_written_loop(tmp_path: Path, name, by_hand, fields):
    """Every step of the whole training, with the same seed, initial weights and order, to 1e-6."""
    project = _sample(name)
    epochs, size = project.training.options["epochs"], project.training.options["batch_size"]
    part = prepare(project.data, shipped("samples")).parts["train"]
    inputs, targets = (part.tensors[field] for field in fields)
    torch.manual_seed(0)
    network, optimizer, loss = by_hand()
    expected: list[float] = []
    for epoch in range(1, epochs + 1):
        for rows in order(len(part), 0, epoch).split(size):
            optimizer.zero_grad()
            value = loss(network(inputs[rows]), targets[rows])
            value.backward()
            optimizer.step()
            expected.append(value.item())
    _, events = _train(project, tmp_path)
    curve = [one for event in events if isinstance(event, Progress) for one in event.losses]
    np.testing.assert_allclose(curve, expected, rtol=1e-6, atol=1e-6)


def test_the_line_is_found(tmp_path: Path):
    result, events = _train(_sample("linear_regression"), tmp_path)
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert last.losses[-1] < 1e-4
    assert result.finished is not None
    assert result.finished.reason == "completed"


def test_diabetes_is_explained_as_far_as_it_can_be(tmp_path: Path):
    assert _tested(_sample("dense_regression"), tmp_path, "r2") > 0.45


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("name", "least"), [("mlp_digits", 0.95), ("logistic_regression", 0.96)])
def test_accuracy_on_the_test_part(tmp_path: Path, name: str, least: float, seed: int):
    assert _tested(edits.set_training(_sample(name), seed=seed), tmp_path) >= least


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_accuracy_of_the_convolutional_network(tmp_path: Path, seed: int):
    assert _tested(edits.set_training(_sample("cnn_digits"), seed=seed), tmp_path) >= 0.985


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "metric", "least"),
    [
        ("residual_digits", "accuracy", 0.97),
        ("lstm_digits", "accuracy", 0.94),
        ("two_inputs", "digit_loss.accuracy", 0.95),
        ("two_inputs", "ink_loss.r2", 0.9),
    ],
)
def test_the_other_samples_reach_what_they_promise(tmp_path: Path, name: str, metric: str, least: float):
    assert _tested(_sample(name), tmp_path, metric) >= least


@pytest.mark.slow
@pytest.mark.skipif(not FASHION.is_dir(), reason="the package dataset-fashion-mnist is not installed")
@pytest.mark.parametrize(("name", "least"), [("fashion_mnist_mlp", 0.85), ("fashion_mnist_cnn", 0.90)])
def test_fashion_on_its_own_test_files(tmp_path: Path, name: str, least: float):
    project = _sample(name)
    if name == "fashion_mnist_mlp":
        project = edits.set_training(project, epochs=3)
    assert _tested(project, tmp_path) >= least
