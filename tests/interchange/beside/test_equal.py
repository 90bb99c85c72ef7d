"""A drawing learns the same in PyTorch and in TensorFlow: samples, optimizers, schedules and losses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.places import shipped
from studio.project import edits
from studio.project.params import Value
from studio.project.project import Project, Setting
from studio.project.storage import load
from tests.interchange.beside.conftest import Sides

SAMPLES = Path(shipped("samples"))


def sample(name: str) -> Project:
    return load(SAMPLES / f"{name}.loom")


@pytest.mark.parametrize("name", ["linear_regression", "mlp_digits", "dense_regression", "cnn_digits"])
def test_samples_have_the_same_losses(sides: Sides, name: str) -> None:
    trained = sides.train(sample(name), SAMPLES, 4)
    assert max(trained.differences()[:2]) < 1e-4
    assert max(trained.differences()) < 1e-3
    if name != "linear_regression":  # which has no validation part
        assert max(trained.differences("validation")) < 2e-3
    assert all(one["seconds"] > 0 for one in trained.epochs["tensorflow"])
    assert trained.ready["parameters"] > 0


OPTIMIZERS: dict[str, tuple[Setting, float]] = {
    "SGD with momentum": (Setting("SGD", {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.01}), 1e-5),
    "SGD with Nesterov": (Setting("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}), 1e-5),
    "Adam with decay": (Setting("Adam", {"lr": 0.003, "weight_decay": 0.05, "eps": 1e-3}), 1e-5),
    "AdamW": (Setting("AdamW", {"lr": 0.003, "weight_decay": 0.3, "beta2": 0.9}), 1e-5),
    "Adagrad": (Setting("Adagrad", {"lr": 0.02, "lr_decay": 0.01}), 1e-5),
    "Adadelta": (Setting("Adadelta", {"lr": 1.0}), 1e-5),
    "RMSprop": (Setting("RMSprop", {"lr": 0.001, "momentum": 0.5, "centered": True}), 1e-4),
    "Adamax": (Setting("Adamax", {"lr": 0.003}), 1e-5),
}


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_optimizers_move_the_weights_alike_along_a_schedule(sides: Sides, name: str) -> None:
    optimizer, apart = OPTIMIZERS[name]
    project = edits.set_optimizer(sample("mlp_digits"), optimizer)
    project = edits.set_schedule(project, Setting("Cosine", {"warmup": 0.5}))
    project = edits.set_training(project, clip_norm=0.5, decay_all=False)
    assert max(sides.train(project, SAMPLES, 2).differences("validation")) < apart


LOSSES: dict[str, tuple[str, str, dict[str, Value]]] = {
    "smoothed": ("mlp_digits", "CrossEntropy", {"label_smoothing": 0.1}),
    "weighted": ("mlp_digits", "CrossEntropy", {"class_weights": "balanced", "ignore_index": 3}),
    "likelihood": ("mlp_digits", "NLL", {"class_weights": "balanced", "ignore_index": 3}),
    "L1": ("dense_regression", "L1", {}),
    "SmoothL1": ("dense_regression", "SmoothL1", {"beta": 3.0}),
    "Huber": ("dense_regression", "Huber", {"delta": 20.0}),
    "Poisson": ("dense_regression", "PoissonNLL", {"full": True}),
}


@pytest.mark.parametrize("case", list(LOSSES))
def test_losses_are_the_same(sides: Sides, case: str) -> None:
    name, type, params = LOSSES[case]
    project = sample(name)
    loss = project.graph.nodes["loss"]
    target = {"target": loss.params["target"]}
    swapped = replace(loss, type=type, params={**target, **params, "weight": 0.5})
    project = project.with_graph(project.graph.with_nodes(swapped))
    assert max(sides.train(project, SAMPLES, 1).differences()) < 1e-5


def test_a_drawing_with_images_out_and_an_input_as_target(sides: Sides) -> None:
    trained = sides.train(sample("autoencoder_digits"), SAMPLES, 1)
    assert max(trained.differences()) < 1e-4
