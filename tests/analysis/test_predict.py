"""Predictions of real runs on rows, pictures and arrays, and what is said about inputs that do not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.analysis.predict import Predictor
from studio.data.pipeline import read_source
from studio.data.prepare import prepare
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, Setting
from studio.train.checkpoint import load_network
from tests.analysis.drawings import DIGITS, IRIS, classifier, graph, regressor, trained


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(classifier("image", 10), DIGITS, tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(classifier("features", 3, "NLL"), IRIS, tmp_path_factory.mktemp("iris"), 30)


def shares(run: Path, data: Data, rows: int) -> np.ndarray:
    """By hand: normalised tensors through the network."""
    network, _ = load_network(run)
    tensors = prepare(data, Path()).parts["test"].tensors
    with torch.no_grad():
        result = network(next(iter(tensors.values()))[:rows])
    assert isinstance(result, torch.Tensor)
    return result.softmax(1).numpy()


def test_arrays_give_what_the_network_gives(digits: Path) -> None:
    rows = prepare(DIGITS, Path()).parts["test"].rows[:20]
    images = read_source(DIGITS.source, Path()).arrays["image"][rows]
    expected = shares(digits, DIGITS, 20)
    found = Predictor(digits).predict([images])
    assert len(found) == 20
    for prediction, row in zip(found, expected, strict=True):
        told = prediction.answers["said"]
        assert told.label == str(row.argmax())
        assert [share for _, share in told.shares] == pytest.approx(sorted(row, reverse=True), abs=1e-6)
        assert sum(share for _, share in told.shares) == pytest.approx(1)


@pytest.mark.parametrize(
    "row", ["5.1,3.5,1.4,0.2", " 5.1, 3.5, 1.4, 0.2 ", "5.1;3.5;1.4;0.2", "5.1 3.5 1.4 0.2"]
)
def test_a_row_as_text(iris: Path, row: str) -> None:
    (found,) = Predictor(iris).predict([row])
    assert found.answers["said"].label == "setosa"
    assert found.given == row
    assert sum(share for _, share in found.answers["said"].shares) == pytest.approx(1)


def test_the_file_of_a_picture_is_brought_to_the_fields_size_and_range(digits: Path, tmp_path: Path) -> None:
    raw = read_source(DIGITS.source, Path())
    predictor = Predictor(digits)
    exact = predictor.predict([raw.arrays["image"][5]])[0].answers["said"].shares
    grey = np.rint(raw.arrays["image"][5, 0] / 16 * 255).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "same.png")
    Image.fromarray(grey).convert("RGB").resize((80, 80), Image.Resampling.NEAREST).save(
        tmp_path / "large.png"
    )
    same, large = predictor.predict([tmp_path / "same.png", str(tmp_path / "large.png")])
    assert dict(same.answers["said"].shares) == pytest.approx(dict(exact), abs=0.02)
    assert large.answers["said"].label == exact[0][0]
    assert large.notes == ("large.png: 80×80 made 8×8, grey, values 0 to 16",)


def test_what_is_transparent_is_white_and_sixteen_bits_are_scaled(digits: Path, tmp_path: Path) -> None:
    predictor = Predictor(digits)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.fromarray(np.full((8, 8), 65535, np.uint16)).save(tmp_path / "deep.png")
    Image.new("L", (8, 8), 255).save(tmp_path / "white.png")
    white, *others = predictor.predict([tmp_path / f"{name}.png" for name in ("white", "clear", "deep")])
    assert all(other.answers["said"].shares == white.answers["said"].shares for other in others)


def test_numpy_files_and_pictures_without_or_with_last_channels(digits: Path, tmp_path: Path) -> None:
    images = read_source(DIGITS.source, Path()).arrays["image"][:3]
    np.save(tmp_path / "three.npy", images[:, 0])
    np.savez(tmp_path / "named.npz", image=images, label=np.arange(3))
    np.savez(tmp_path / "alone.npz", anything=images)
    predictor = Predictor(digits)
    expected = [one.answers["said"].shares for one in predictor.predict([images])]
    for given in ("three.npy", "named.npz", "alone.npz"):
        found = predictor.predict([tmp_path / given])
        for one, shares_of_one in zip(found, expected, strict=True):
            assert dict(one.answers["said"].shares) == pytest.approx(dict(shares_of_one), abs=1e-6)
        assert found[1].given == f"{tmp_path / given}, row 2"
    (last,) = predictor.predict([images[0].transpose(1, 2, 0)])
    assert dict(last.answers["said"].shares) == pytest.approx(dict(expected[0]), abs=1e-6)


def test_columns_of_texts_are_given_as_texts_even_when_the_data_is_gone(tmp_path: Path) -> None:
    rows = "".join(f"{i},{'red' if i % 3 else 'blue'},{i + (10 if i % 3 else 0)}.5\n" for i in range(60))
    (tmp_path / "t.csv").write_text("size,colour,price\n" + rows)
    data = Data(Setting("CSV", {"path": "t.csv"}))
    run = trained(regressor("features", "price"), data, tmp_path, 200, 0.5)
    (tmp_path / "t.csv").unlink()
    red, blue = Predictor(run).predict(["30, red", "30, blue"])
    numbers = [float(np.ravel(one.answers["error"].numbers)[0]) for one in (red, blue)]
    assert numbers == pytest.approx([40.5, 30.5], abs=1.5)
    with pytest.raises(StudioError, match="colour has no class 'green'") as caught:
        Predictor(run).predict(["30, green"])
    assert "blue, red" in caught.value.hint


def test_several_inputs_and_named_results(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    a, b = random.random((60, 3)), random.random((60, 2))
    np.savez(tmp_path / "d.npz", a=a, b=b, label=(a.sum(1) > b.sum(1)).astype(int))
    drawing = graph(
        [
            Node("one", "Input", {"field": "a"}),
            Node("two", "Input", {"field": "b"}),
            Node("left", "Linear", {"out_features": 2}),
            Node("right", "Linear", {"out_features": 2}),
            Node("sum", "Add"),
            Node("soft", "Softmax"),
            Node("raw", "Output"),
            Node("chances", "Output"),
            Node("loss", "CrossEntropy", {"target": "label"}),
        ],
        *("one > left", "two > right", "left > sum.inputs", "sum > soft", "sum > loss.prediction"),
        *("sum > raw", "soft > chances"),
    )
    wired = graph(list(drawing.nodes.values()), "right > sum.inputs").edges[0]
    second = replace(wired, target=replace(wired.target, index=1))
    run = trained(drawing.with_edges(second), Data(Setting("Arrays", {"path": "d.npz"})), tmp_path, 20)
    predictor = Predictor(run)
    given: list[Any] = [
        {"a": a[0], "b": b[0]},
        json.dumps({"a": ",".join(map(str, a[0])), "b": b[0].tolist()}),
    ]
    by_value, by_text = predictor.predict(given)
    assert set(by_value.answers) == {"raw", "chances"}
    assert dict(by_value.answers["raw"].shares) == pytest.approx(dict(by_value.answers["chances"].shares))
    assert by_text.answers["raw"].label == by_value.answers["raw"].label
    assert len(predictor.predict([tmp_path / "d.npz"])) == 60
    with pytest.raises(StudioError, match="takes 2 inputs"):
        predictor.predict(["1,2,3"])
    with pytest.raises(StudioError, match="The input b is missing"):
        predictor.predict([{"a": a[0]}])
    with pytest.raises(StudioError, match="has no input c"):
        predictor.predict([{"a": a[0], "b": b[0], "c": 1}])
    with pytest.raises(StudioError, match="differ in their number of samples: a 2, b 3"):
        predictor.predict([{"a": a[:2], "b": b[:3]}])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("5.1,3.5,1.4", "features takes 4 values, got 3"),
        ("5.1,3.5,1.4,0.2,7", "features takes 4 values, got 5"),
        ("", "features takes 4 values, got 0"),
        ("5.1,3.5,x,0.2", "'x' is no number; expected one for petal length"),
        ("5.1,3.5,nan,0.2", r"petal length \(cm\): the value is missing"),
        ("none.png", "There is no file none.png"),
        (Path("none.npy"), "There is no file none.npy"),
        (np.zeros((2, 5)), r"The input has the shape 2×5; features takes 4 for each sample"),
        (np.array([1, 2, np.nan, 3]), "holds values that are no numbers"),
        (np.array(["a", "b"]), "expected numbers"),
        ({"other": "1,2,3,4"}, "The input features is missing; given: other"),
        ('{"features": ', "is no JSON"),
    ],
)
def test_what_does_not_fit_is_said(iris: Path, given: Any, message: str) -> None:
    with pytest.raises(StudioError, match=message):
        Predictor(iris).predict([given])


def test_the_order_of_a_row_is_told(iris: Path) -> None:
    with pytest.raises(StudioError) as caught:
        Predictor(iris).predict(["1,2"])
    assert "sepal length (cm), sepal width (cm), petal length (cm), petal width (cm)" in caught.value.hint


def test_numbers_of_a_picture_may_be_given_and_too_few_are_counted(digits: Path) -> None:
    image = read_source(DIGITS.source, Path()).arrays["image"][0]
    by_text, by_array = Predictor(digits).predict([",".join(map(str, image.ravel())), image])
    assert by_text.answers["said"].label == by_array.answers["said"].label
    with pytest.raises(StudioError, match="image takes 64 values, got 2") as caught:
        Predictor(digits).predict(["1,2"])
    assert "a picture" in caught.value.hint


def test_pictures_that_cannot_be_read_are_named(digits: Path, iris: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(StudioError, match=r"broken\.png cannot be read as a picture"):
        Predictor(digits).predict([tmp_path / "broken.png"])
    huge = Image.new("1", (20_000, 20_000))
    huge.save(tmp_path / "huge.png")
    with pytest.raises(StudioError, match=r"huge\.png is too large a picture"):
        Predictor(digits).predict([tmp_path / "huge.png"])
    Image.new("L", (8, 8)).save(tmp_path / "fine.png")
    with pytest.raises(StudioError, match=r"fine\.png is a picture, but features takes 4"):
        Predictor(iris).predict([tmp_path / "fine.png"])
