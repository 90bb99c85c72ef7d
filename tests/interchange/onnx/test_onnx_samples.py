"""Every sample is written as ONNX, equal to its network, and what was written is read again, equal to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio.build.check import Checker
from studio.build.given_weights import fitting, given_weights
from studio.build.network import Network
from studio.data.describe import describe
from studio.interchange.onnx.reading import import_onnx
from studio.interchange.onnx.writing import export_onnx
from studio.project import edits
from studio.project.storage import dumps, load, loads

SAMPLES = Path(__file__).parents[3] / "samples"
HEAVY = (
    *("resnet50", "transformer_encoder", "transformer_decoder", "convnext", "mobilenet_v3", "unet"),
    *("fashion_mnist_cnn", "fashion_mnist_mlp", "keras_functional_mnist_mlp", "lstm_sunspots"),
)
"""Those that take long, or are much like another one."""
EQUAL = 1e-5


def with_marks(path: Path) -> object:
    marks = [pytest.mark.torture] if path.stem in HEAVY else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [with_marks(path) for path in sorted(SAMPLES.glob("*.loom"))])
def test_a_sample_leaves_as_onnx_and_comes_in_again(path: Path, tmp_path: Path) -> None:
    project = load(path)
    described = describe(project.data, SAMPLES)
    plan = Checker().check(project, described.fields or None, described.problems).plan
    torch.manual_seed(3)
    exported = export_onnx(project, plan, tmp_path / "network.onnx", None, SAMPLES)
    assert exported.largest_difference is not None
    assert exported.largest_difference <= EQUAL
    assert not exported.notes
    imported = import_onnx(tmp_path / "network.onnx")
    assert not [one for one in imported.report if one.severity == "error"]
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL
    assert loads(dumps(imported.project)) == imported.project
    save_file(dict(imported.weights), tmp_path / "network.safetensors")
    named = edits.set_training(imported.project, weights="network.safetensors")
    network = Network(Checker().check(named, {}).plan)
    given = given_weights(named, tmp_path)
    assert given is not None
    fitting(given, network.state_dict(), True, ())
    places = [node.position for node in imported.project.graph.nodes.values()]
    assert len(set(places)) == len(places)
