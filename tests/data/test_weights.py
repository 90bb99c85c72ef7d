"""Weights of samples: how often each comes up in an epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.data.loader import order, seen
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.project.project import Data, SampleChanges, Setting


def test_a_sample_comes_up_as_often_as_its_weight_says() -> None:
    weights = np.array([0.0, 1.0, 2.5, 0.25, 3.0, 0.75])
    counts = np.zeros(6)
    for epoch in range(1, 2001):
        rows = order(6, 3, epoch, weights)
        assert len(rows) == seen(6, weights) == 8
        times = np.bincount(rows.numpy(), minlength=6)
        assert (times >= np.floor(weights)).all()
        assert (times <= np.ceil(weights)).all()
        counts += times
    assert counts[[0, 1, 4]].tolist() == [0, 2000, 6000]


def test_the_chance_of_the_rest_is_what_the_weight_says() -> None:
    weights = np.full(400, 1.0)
    weights[:100] = 0.5
    counts = sum(np.bincount(order(400, 0, epoch, weights).numpy(), minlength=400) for epoch in range(1, 401))
    assert np.asarray(counts)[:100] / 400 == pytest.approx(0.5, abs=0.12)
    assert np.asarray(counts)[:100].mean() / 400 == pytest.approx(0.5, abs=0.001)


def test_the_order_is_a_pure_function_of_seed_and_epoch() -> None:
    weights = np.random.default_rng(0).uniform(0, 3, 100)
    assert torch.equal(order(100, 7, 3, weights), order(100, 7, 3, weights))
    assert not torch.equal(order(100, 7, 3, weights), order(100, 7, 4, weights))
    assert not torch.equal(order(100, 7, 3, weights), order(100, 8, 3, weights))


def test_weights_go_by_the_key_of_a_sample_and_count_in_training_only(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{at},{at}.5\n" for at in range(20)))
    given = {str(row): 2.0 for row in range(20)} | {"0": 0.0}
    source = Setting("CSV", {"path": "a.csv"})
    prepared = prepare(Data(source, changes=SampleChanges(weights=given)), tmp_path)
    train = prepared.parts["train"]
    assert train.weights is not None
    assert dict(zip(train.rows.tolist(), train.weights.tolist(), strict=True)) == {
        row: 0.0 if row == 0 else 2.0 for row in train.rows.tolist()
    }
    assert prepared.parts["test"].weights is None
    with pytest.raises(DataError, match="The weights leave no sample to train on"):
        prepare(Data(source, changes=SampleChanges(weights=dict.fromkeys(given, 0.0))), tmp_path)
