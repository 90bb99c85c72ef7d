"""A run whose drawing leaves sizes open: trained on one size, used on others, and what is said of those that
do not fit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.analysis.predict import Predictor
from studio.errors import StudioError
from studio.project.graph import Graph, Node
from studio.project.project import Data, Project, Setting, Training
from studio.train.control import Control
from studio.train.engine import run
from studio.train.job import Job
from studio.train.runs import create_run
from tests.analysis.drawings import DIGITS, graph, trained


def around(field: str = "image") -> Graph:
    """Down, up and a skip around both, then the mean of each channel: sizes must be even."""
    drawing = graph(
        [
            Node("x", "Input", {"field": field, "shape": (1, "H", "W")}),
            Node("conv", "Conv2d", {"out_channels": 4, "padding": 1}),
            Node("relu", "ReLU"),
            Node("pool", "MaxPool2d"),
            Node("up", "ConvTranspose2d", {"out_channels": 4, "kernel_size": 2, "stride": 2}),
            Node("both", "Add"),
            Node("mean", "GlobalAvgPool"),
            Node("fc", "Linear", {"out_features": 10}),
            Node("said", "CrossEntropy", {"target": "label"}),
        ],
        *("x > conv", "conv > relu", "relu > pool", "pool > up", "up > both.inputs"),
        *("both > mean", "mean > fc", "fc > said.prediction"),
    )
    (edge,) = drawing.incoming("both")
    skip = graph(list(drawing.nodes.values()), "relu > both.inputs").edges[0]
    return drawing.with_edges(
        type(edge)(skip.source, type(edge.target)(edge.target.node, edge.target.port, 1))
    )


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return Predictor(trained(around(), DIGITS, tmp_path_factory.mktemp("run"), 1))


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 12, 30), (5, 1, 2, 2), (10, 6)])
def test_other_sizes_are_taken(predictor: Predictor, shape: tuple[int, ...]) -> None:
    found = predictor.predict([np.random.default_rng(0).random(shape) * 16])
    assert len(found) == (shape[0] if len(shape) == 4 else 1)
    assert all(len(one.answers["said"].shares) > 1 for one in found)


@pytest.mark.parametrize(
    ("shape", "told", "hint"),
    [
        (
            (1, 9, 8),
            "image is 1×9×8, and H is 9: here H must be a multiple of 2.",
            "Resize, crop or pad image so that H is 8 or 10.",
        ),
        (
            (1, 8, 1),
            "image is 1×8×1, and W is 1: here W must be a multiple of 2.",
            "Resize, crop or pad image so that W is 2.",
        ),
        (
            (3, 8, 8, 8),
            "The input has the shape 3×8×8×8; image takes 1×H×W for each sample.",
            "Give one such array, or several along a first dimension.",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_told(
    predictor: Predictor, shape: tuple[int, ...], told: str, hint: str
) -> None:
    with pytest.raises(StudioError) as caught:
        predictor.predict([np.zeros(shape)])
    assert (caught.value.message, caught.value.hint) == (told, hint)


def test_a_picture_keeps_its_size_as_far_as_it_may(predictor: Predictor, tmp_path: Path) -> None:
    Image.new("L", (30, 21), 90).save(tmp_path / "wide.png")
    (found,) = predictor.predict([tmp_path / "wide.png"])
    assert found.notes[0].startswith("wide.png: 30×21 made 30×20")


def test_training_on_a_size_that_does_not_fit_says_so(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", image=np.zeros((40, 1, 9, 8), np.float32), label=np.arange(40) % 10)
    data = Data(Setting("Arrays", {"path": "odd.npz"}))
    project = Project(
        "odd", around(), data, Training(Setting("Adam"), options={"epochs": 1, "device": "cpu"})
    )
    path = create_run(project, tmp_path, tmp_path / "runs")
    failed = run(Job(project, tmp_path, path), lambda event: None, Control()).failed
    assert failed is not None
    assert failed.message == "x: image is 1×9×8, and H is 9: here H must be a multiple of 2"
    assert failed.hint == "Resize, crop or pad image so that H is 8 or 10."
