"""Random data: the shapes asked for, the same for the same seed, and a rule behind what is to be learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.describe import describe
from studio.data.pipeline import read_source
from studio.data.raw import RawData
from studio.project.params import Value
from studio.project.project import Data, Setting


def made(**params: Value) -> RawData:
    return read_source(Setting("Random", params), Path())


def wrong(**params: Value) -> str:
    (problem,) = describe(Data(Setting("Random", params)), Path()).problems
    assert problem.hint
    return f"{problem.field}: {problem.message}"


def test_pictures_with_classes() -> None:
    raw = made(shape=(3, 8, 8), classes=4, samples=20)
    assert raw.arrays["input"].shape == (20, 3, 8, 8)
    assert raw.fields["input"].picture
    assert raw.fields["label"].classes == ("0", "1", "2", "3")
    assert len(set(raw.arrays["label"].tolist())) > 1


def test_numbers_and_a_vector_as_target() -> None:
    raw = made(shape=5, target="numbers", outputs=3, samples=7)
    assert raw.arrays["input"].shape == (7, 5)
    assert raw.arrays["target"].shape == (7, 3)
    assert raw.fields["target"].role == "target"


def test_what_is_to_be_predicted_follows_from_the_input() -> None:
    raw = made(shape=4, target="numbers", outputs=2, samples=50)
    inputs = np.c_[raw.arrays["input"], np.ones(50)]
    rule, *_ = np.linalg.lstsq(inputs, raw.arrays["target"], rcond=None)
    np.testing.assert_allclose(inputs @ rule, raw.arrays["target"], atol=1e-4)


def test_a_map_of_classes() -> None:
    raw = made(shape=(3, 6, 5), target="class map", classes=2, samples=4)
    assert raw.fields["label"].shape == (6, 5)
    assert set(np.unique(raw.arrays["label"])) == {0, 1}


def test_tokens_for_tokens_and_parts_of_a_text() -> None:
    raw = made(shape=10, content="tokens", vocabulary=7, segments=2, target="tokens", samples=30)
    assert raw.fields["input"].dtype == raw.fields["label"].dtype == "int64"
    assert raw.fields["input"].high == 6
    assert raw.arrays["segment"][0].tolist() == [0] * 5 + [1] * 5
    pairs = set(zip(raw.arrays["input"].ravel().tolist(), raw.arrays["label"].ravel().tolist(), strict=True))
    assert len(pairs) == 7


def test_nothing_to_predict_and_the_same_for_the_same_seed() -> None:
    raw, other = made(shape=3, target="none", samples=5), made(shape=3, target="none", samples=5, seed=1)
    assert list(raw.fields) == ["input"]
    assert not np.array_equal(raw.arrays["input"], other.arrays["input"])
    again = made(shape=3, target="none", samples=5)
    np.testing.assert_array_equal(raw.arrays["input"], again.arrays["input"])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"shape": 5, "target": "class map"}, "data.shape: A class for each place needs"),
        ({"shape": (3, 4), "target": "tokens"}, "data.target: A token for each place"),
        ({"shape": (3, 1000, 1000), "samples": 1_000_000}, "data.samples: 1000000 samples of 3×1000×1000"),
        ({"shape": (0, 3)}, "data.shape: shape takes whole numbers"),
    ],
)
def test_what_cannot_be_made_is_told(params: dict[str, Value], message: str) -> None:
    assert wrong(**params).startswith(message)
