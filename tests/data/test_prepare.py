"""Tensors for training: normalised by the training part alone, targets and integers as they were."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.data.describe import describe
from studio.data.loader import order
from studio.data.pipeline import read_source
from studio.data.prepare import Prepared, prepare, scales_from_json, scales_to_json
from studio.data.raw import DataError
from studio.data.scale import fit
from studio.project.fields import Field
from studio.project.project import Data, Setting

DIGITS = Setting("ScikitLearn", {"dataset": "digits"})


def stored(folder: Path, features: np.ndarray) -> Prepared:
    labels = np.arange(len(features)) % 2
    np.savez(folder / "data.npz", x=features, label=labels)
    return prepare(Data(Setting("Arrays", {"path": "data.npz"})), folder)


def test_normalisation_is_learned_from_the_training_part_alone(tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(5, 3, (40, 3))
    before = stored(tmp_path, features)
    changed = features.copy()
    for part in ("validation", "test"):
        changed[before.parts[part].rows] += 1000
    after = stored(tmp_path, changed)
    assert not torch.equal(before.parts["test"].tensors["x"], after.parts["test"].tensors["x"])
    assert torch.equal(before.parts["train"].tensors["x"], after.parts["train"].tensors["x"])
    assert scales_to_json(before.scales) == scales_to_json(after.scales)
    changed[before.parts["train"].rows[0]] += 1
    assert scales_to_json(stored(tmp_path, changed).scales) != scales_to_json(before.scales)


def test_standard_is_per_feature_and_range_is_within_0_and_1() -> None:
    wine = Setting("ScikitLearn", {"dataset": "wine"})
    x = prepare(Data(wine), Path()).parts["train"].tensors["features"].numpy().astype(np.float64)
    assert np.allclose(x.mean(0), 0, atol=1e-6)
    assert np.allclose(x.std(0), 1, atol=1e-6)
    x = prepare(Data(wine, {"normalize": "range"}), Path()).parts["train"].tensors["features"]
    assert torch.equal(x.min(0).values, torch.zeros(13))
    assert torch.allclose(x.max(0).values, torch.ones(13))


def test_standard_is_per_channel_for_pictures() -> None:
    pictures = np.random.default_rng(0).normal([[[[0]], [[50]]]], [[[[1]], [[9]]]], (100, 2, 6, 6))
    scale = fit(pictures, Field("x", (2, 6, 6), picture=True), "standard")
    assert scale.offset.shape == (2, 1, 1)
    done = scale.apply(pictures)
    assert done.dtype == np.float32
    assert np.allclose(done.mean((0, 2, 3)), 0, atol=1e-5)
    assert np.allclose(done.std((0, 2, 3)), 1, atol=1e-5)


@pytest.mark.parametrize("how", ["standard", "range"])
def test_what_does_not_vary_is_only_shifted(how: str) -> None:
    constant = np.full((10, 2), 0.1)
    assert np.allclose(fit(constant, Field("x", (2,)), how).apply(constant), 0, atol=1e-12)
    numbers = np.arange(4.0)
    assert fit(numbers, Field("x", ()), how).apply(numbers).shape == (4,)


def test_large_numbers_keep_their_differences(tmp_path: Path) -> None:
    times = (1.7e9 + np.arange(40.0))[:, None]
    x = stored(tmp_path, times).parts["train"].tensors["x"]
    assert len(torch.unique(x)) == len(x)


def test_none_leaves_inputs_and_nothing_touches_targets_and_integers(tmp_path: Path) -> None:
    raw = read_source(DIGITS, Path())
    for how in ("none", "standard"):
        prepared = prepare(Data(DIGITS, {"normalize": how}), Path())
        for part in prepared.parts.values():
            assert np.array_equal(part.tensors["label"].numpy(), raw.arrays["label"][part.rows])
            same = np.array_equal(part.tensors["image"].numpy(), raw.arrays["image"][part.rows])
            assert same == (how == "none")
    np.savez(tmp_path / "data.npz", tokens=np.arange(40).reshape(10, 4), y=np.arange(10.0))
    text = prepare(Data(Setting("Arrays", {"path": "data.npz"})), tmp_path)
    assert text.scales == {}
    tokens = text.parts["train"]
    assert torch.equal(tokens.tensors["tokens"][:, 0], torch.from_numpy(tokens.rows * 4))
    assert torch.equal(tokens.tensors["y"][:, 0], torch.from_numpy(tokens.rows).float())


def test_four_points_train_without_other_parts(tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text("x,y\n1,0\n2,1\n3,2\n4,3\n")
    options = {"validation": 0.0, "test": 0.0, "normalize": "none"}
    prepared = prepare(Data(Setting("CSV", {"path": "line.csv"}), options), tmp_path)
    assert {name: len(part) for name, part in prepared.parts.items()} == {
        "train": 4,
        "validation": 0,
        "test": 0,
    }
    assert prepared.parts["train"].tensors["features"].tolist() == [[1], [2], [3], [4]]
    assert prepared.parts["train"].tensors["y"].tolist() == [[0], [1], [2], [3]]
    assert prepared.parts["test"].tensors["features"].shape == (0, 1)


def test_scales_survive_json_and_are_used_as_they_are() -> None:
    first = prepare(Data(DIGITS), Path())
    again = scales_from_json(json.loads(json.dumps(scales_to_json(first.scales))))
    other = prepare(Data(DIGITS, {"split_seed": 5}), Path(), again)
    raw = read_source(DIGITS, Path())
    part = other.parts["train"]
    expected = first.scales["image"].apply(raw.arrays["image"][part.rows])
    assert np.array_equal(part.tensors["image"].numpy(), expected)


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "line.csv"
    data = Data(Setting("CSV", {"path": "line.csv"}))
    file.write_text("x,y\n1,0\n2,1\n3,2\n")
    first = describe(data, tmp_path)
    assert describe(data, tmp_path) is first
    assert read_source(data.source, tmp_path) is read_source(data.source, tmp_path)
    file.write_text("x,y\n1,0\n2,1\n3,x\n")
    os.utime(file, ns=(0, 1))
    assert "row 4" in describe(data, tmp_path).problems[0].message
    file.unlink()
    assert str(file) in describe(data, tmp_path).problems[0].message


def test_what_describe_says_prepare_does() -> None:
    data = Data(DIGITS, {"validation": 0.2, "test": 0.1})
    told, done = describe(data, Path()), prepare(data, Path())
    assert told.fields == done.fields
    assert told.parts == {name: len(part) for name, part in done.parts.items()}


def test_prepare_raises_what_describe_lists() -> None:
    for data in (Data(), Data(DIGITS, {"test": 5.0}), Data(Setting("CSV", {"path": "none.csv"}))):
        with pytest.raises(DataError):
            prepare(data, Path())


def test_the_order_of_an_epoch_is_a_pure_function_that_can_be_written_by_hand() -> None:
    by_hand = torch.Generator().manual_seed(7 * 1_000_003 + 3)
    assert torch.equal(order(100, 7, 3), torch.randperm(100, generator=by_hand))
    assert torch.equal(order(100, 7, 3), order(100, 7, 3))
    assert not torch.equal(order(100, 7, 3), order(100, 7, 4))
    assert not torch.equal(order(100, 7, 3), order(100, 8, 3))
    assert sorted(order(100, 2**53, 1).tolist()) == list(range(100))
    torch.manual_seed(0)
    first = torch.rand(1)
    torch.manual_seed(0)
    order(10, 0, 1)
    assert torch.equal(torch.rand(1), first)
