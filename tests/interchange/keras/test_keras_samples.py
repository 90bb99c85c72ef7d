"""Every sample that Keras can say: its source builds a model that says the same with the same weights."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.interchange.keras.comparing import CLOSE, job_of
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import run_jobs
from studio.interchange.keras.source import to_keras
from studio.interchange.samples_for import random_samples
from tests.build.drawings import FIELDS
from tests.interchange.block_drawings import DRAWINGS
from tests.interchange.keras.held import SAMPLES, sample, shaken

LARGE = ("resnet50", "convnext", "mobilenet_v3", "transformer_decoder", "unet")
"""They take long to build; every layer that they have is in smaller ones too."""
NAMES = [path.stem for path in sorted(SAMPLES.glob("*.loom"))]
SMALL = [name for name in NAMES if name not in LARGE]
FEW = ("mlp_digits", "cnn_digits", "lstm_digits", "char_transformer")
TEXT = '''"""cnn_digits: a neural network in Keras, drawn with Neuroloom."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the network, trained with CrossEntropy (loss); image is (N, 8, 8, 1)
    float32, channels last.
    """
    image = keras.Input((8, 8, 1), name="image")  # (N, 8, 8, 1)
    conv1 = layers.Conv2D(32, 3, padding="same", use_bias=False, name="conv1")(image)
    norm1 = layers.BatchNormalization(momentum=0.9, epsilon=1e-05, name="norm1")(conv1)
    relu1 = layers.ReLU(name="relu1")(norm1)  # (N, 8, 8, 32)
    conv2 = layers.Conv2D(64, 3, padding="same", use_bias=False, name="conv2")(relu1)
    norm2 = layers.BatchNormalization(momentum=0.9, epsilon=1e-05, name="norm2")(conv2)
    relu2 = layers.ReLU(name="relu2")(norm2)  # (N, 8, 8, 64)
    pool = layers.MaxPooling2D(2, name="pool")(relu2)  # (N, 4, 4, 64)
    pool_first = layers.Permute((3, 1, 2))(pool)
    flatten = layers.Flatten(name="flatten")(pool_first)  # (N, 1024)
    dropout = layers.Dropout(0.5, name="dropout")(flatten)  # (N, 1024)
    scores = layers.Dense(10, name="scores")(dropout)  # (N, 10)
    return keras.Model(image, scores, name="cnn_digits")
'''


@cache
def told_of_blocks() -> dict[str, dict]:
    """What one child says of drawings of blocks: nested, repeated, shared, with several tensors."""
    plans = {name: Checker().check(project, FIELDS).plan for name, project in DRAWINGS.items()}
    jobs = [
        job_of(DRAWINGS[name], plan, shaken(plan), random_samples(plan, 2)) for name, plan in plans.items()
    ]
    return dict(zip(plans, run_jobs(jobs, "torch"), strict=True))


@pytest.mark.parametrize("name", DRAWINGS)
def test_blocks_say_the_same(name: str) -> None:
    one = told_of_blocks()[name]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE


@cache
def told(backend: str, names: tuple[str, ...]) -> dict[str, dict]:
    """What one child says of samples."""
    jobs = [
        job_of(*sample(name), shaken(sample(name)[1]), random_samples(sample(name)[1], 2)) for name in names
    ]
    return dict(zip(names, run_jobs(jobs, backend), strict=True))


def test_the_text_is_what_a_person_would_write() -> None:
    assert to_keras(*sample("cnn_digits")) == TEXT


@pytest.mark.parametrize("name", SMALL)
def test_a_sample_says_the_same(name: str) -> None:
    one = told("torch", tuple(SMALL))[name]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE


@pytest.mark.torture
@pytest.mark.parametrize("name", LARGE)
def test_a_large_sample_says_the_same(name: str) -> None:
    one = told("tensorflow", LARGE)[name]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE


@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.torture)])
def test_the_other_backends_say_the_same(backend: str) -> None:
    for name, one in told(backend, FEW).items():
        assert "error" not in one, f"{name}: {one.get('trace')}"
        assert one["difference"] <= CLOSE, name


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_twins_of_all_its_layers(name: str) -> None:
    assert [str(one) for one in missing_twins(sample(name)[1]) if not one.said] == []


def test_the_sources_of_all_samples_pass_ruff(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(to_keras(*sample(name)), "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--isolated"], ["format", "--isolated", "--diff"]):
        found = subprocess.run([*ruff, *command, tmp_path], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout
