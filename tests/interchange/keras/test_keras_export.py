"""What is written can be used by anyone: source with its weights, .keras, SavedModel, the program."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.build.check import Checker
from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.keras.comparing import CLOSE
from studio.interchange.keras.export import export_keras, export_keras_model
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.program import export_keras_program, to_keras_program
from studio.interchange.keras.running import QUIET
from studio.interchange.keras.source import to_keras
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, node
from tests.interchange.keras.held import SAMPLES, sample, shaken

USED = """
import sys
import keras
import numpy as np
import tensorflow as tf

image, wanted = (np.load(name) for name in ("image.npy", "scores.npy"))
import network

written = network.build_model()
written.load_weights("network.weights.h5")
loaded = keras.saving.load_model("whole.keras")
served = tf.saved_model.load("served")
for one in (written, loaded, served.serve):
    print(float(np.abs(np.asarray(one(image)) - wanted).max()))
"""


def run(folder: Path, *command: str, backend: str) -> str:
    """What a program prints in a folder."""
    environment = {**os.environ, **QUIET, "KERAS_BACKEND": backend}
    found = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]
    return found.stdout


def test_source_weights_and_models_are_read_back(tmp_path: Path) -> None:
    project, plan = scaled()
    network = shaken(plan)
    weights = network.state_dict()
    told = export_keras(project, plan, tmp_path / "network.py", weights)
    assert [path.name for path in told.paths] == ["network.py", "network.weights.h5"]
    assert told.largest_difference is not None
    assert told.largest_difference <= CLOSE
    assert told.samples == 8
    whole = export_keras_model(project, plan, tmp_path / "whole.keras", weights)
    assert "Scale" in whole.notes[-1]
    export_keras_model(project, plan, tmp_path / "served", weights, form="savedmodel")
    image = torch.rand(3, 1, 8, 8)
    np.save(tmp_path / "image.npy", image.movedim(1, -1).numpy())
    np.save(tmp_path / "scores.npy", network(image).detach().numpy())
    for line in run(tmp_path, "-c", USED, backend="tensorflow").split():
        assert float(line) <= CLOSE


def scaled() -> tuple[Project, Plan]:
    """A classifier with a layer that the source itself holds."""
    project = classifier(
        node("conv", "Conv2d", out_channels=4, stride=2, padding=1),
        node("norm", "BatchNorm2d"),
        node("scale", "Scale", learned=True, dim=1),
    )
    return project, Checker().check(project, FIELDS).plan


@pytest.mark.torture
def test_the_program_trains_and_measures(tmp_path: Path) -> None:
    project, plan = sample("mlp_digits")
    path = tmp_path / "program.py"
    told = export_keras_program(project, plan, path, shaken(plan).state_dict(), SAMPLES)
    assert told.largest_difference is not None
    trained = run(tmp_path, "program.py", "--epochs", "1", "--batch-size", "400", backend="torch")
    assert "val_loss" in trained
    weights = ("--evaluate", "--weights", "program.weights.h5")
    assert "test loss" in run(tmp_path, "program.py", *weights, backend="torch")


@pytest.mark.parametrize("name", ["mlp_digits", "two_inputs", "logistic_regression"])
def test_a_program_passes_ruff(name: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(to_keras_program(*sample(name), SAMPLES, path), "utf-8")
    rules = ["--select", "E,F,W,I,B,UP,C4,SIM,RET,ANN,D1", "--ignore", "D107,E501,ANN401"]
    for command in (["check", *rules], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", path]
        found = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


def test_a_program_stops_as_the_settings_say(tmp_path: Path) -> None:
    project, plan = sample("mlp_digits")
    given = {"max_minutes": 0.001, "patience": 4, "least_gain": 0.01, "average": "ema", "best_by": "accuracy"}
    options = {**project.training.options, **given}
    project = replace(project, training=replace(project.training, options=options))
    told = export_keras_program(project, plan, tmp_path / "program.py", None, SAMPLES)
    assert "Left out: average." in told.notes
    assert "The best epoch is that of the least loss, not by accuracy." in told.notes
    text = (tmp_path / "program.py").read_text()
    assert 'keras.callbacks.EarlyStopping("val_loss", min_delta=0.01, patience=4),' in text
    trained = run(tmp_path, "program.py", "--epochs", "50", backend="torch")
    assert "Epoch 1/50" in trained
    assert "Epoch 50/50" not in trained
    ruff = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "program.py"]
    assert subprocess.run(ruff, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_what_has_no_twin_is_named_and_not_written(tmp_path: Path) -> None:
    project = classifier(node("pool", "FractionalMaxPool2d", kernel_size=2))
    plan = Checker().check(project, FIELDS).plan
    (missing,) = missing_twins(plan)
    assert str(missing).startswith("pool (FractionalMaxPool2d): Keras draws no windows at random; take")
    assert "NotImplementedError" in to_keras(project, plan)
    with pytest.raises(StudioError, match="no twin of pool"):
        export_keras(project, plan, tmp_path / "network.py")
    assert list(tmp_path.iterdir()) == []


def test_a_setting_without_a_twin_is_named() -> None:
    project = classifier(node("pool", "MaxPool2d", dilation=2))
    (missing,) = missing_twins(Checker().check(project, FIELDS).plan)
    assert not missing.said
    assert "without dilation" in missing.nearest


def test_what_differs_in_training_only_is_told_beside_the_export() -> None:
    project = classifier(node("act", "RReLU"))
    (missing,) = missing_twins(Checker().check(project, FIELDS).plan)
    assert missing.said


def test_a_drawing_without_a_layer_is_refused(tmp_path: Path) -> None:
    nodes = {"image": Node("image", "Input", {"field": "image"}), "result": Node("result", "Output")}
    wire = Edge(Endpoint("image", "output"), Endpoint("result", "input"))
    project = Project("empty", Graph(nodes, (wire,)))
    with pytest.raises(StudioError, match="no layer for Keras to write"):
        export_keras(project, Checker().check(project, FIELDS).plan, tmp_path / "network.py")
    assert list(tmp_path.iterdir()) == []


def test_stop_writes_nothing(tmp_path: Path) -> None:
    project, plan = sample("linear_regression")
    with pytest.raises(StudioError, match="stopped"):
        export_keras(project, plan, tmp_path / "network.py", stopped=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_model_is_not_written_over(tmp_path: Path) -> None:
    project, plan = sample("linear_regression")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    with pytest.raises(StudioError, match="no SavedModel"):
        export_keras_model(project, plan, tmp_path / "mine", form="savedmodel")
    assert (tmp_path / "mine" / "file").read_text() == "mine"


def test_nothing_to_train_is_told(tmp_path: Path) -> None:
    project, plan = sample("linear_regression")
    with pytest.raises(StudioError, match="no loss"):
        export_keras_program(project, replace(plan, losses=()), tmp_path / "program.py", folder=SAMPLES)
