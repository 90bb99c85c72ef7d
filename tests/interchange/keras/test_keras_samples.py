"""Every sample that Keras can say: its source builds a model that says the same with the same weights."""

from __future__ import annotations

import pytest

from studio.interchange.keras.comparing import CLOSE, job_of
from studio.interchange.keras.running import run_jobs
from studio.interchange.samples_for import random_samples
from tests.interchange.keras.held import sample, shaken

FIRST = ("linear_regression", "mlp_digits", "dense_regression", "cnn_digits")


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_the_first_samples_say_the_same(backend: str) -> None:
    jobs = [
        job_of(*sample(name), shaken(sample(name)[1]), random_samples(sample(name)[1], 3)) for name in FIRST
    ]
    for name, told in zip(FIRST, run_jobs(jobs, backend), strict=True):
        assert "error" not in told, f"{name}: {told.get('trace')}"
        assert told["difference"] <= CLOSE, name


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


def test_the_text_is_what_a_person_would_write() -> None:
    from studio.interchange.keras.source import to_keras

    assert to_keras(*sample("cnn_digits")) == TEXT
