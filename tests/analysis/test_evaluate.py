"""Evaluation of real runs: the metrics of training, confusion that adds up, the worst samples first."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.analysis.evaluate import Evaluation, evaluate
from studio.data.pipeline import read_source
from studio.data.prepare import prepare
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, Setting
from studio.train.checkpoint import load_network
from studio.train.runs import read_run
from tests.analysis.drawings import DIGITS, IRIS, classifier, graph, regressor, trained


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(classifier("image", 10), DIGITS, tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def digits_told(digits: Path) -> Evaluation:
    return evaluate(digits)


def test_metrics_are_those_the_run_ended_with(digits: Path, digits_told: Evaluation) -> None:
    assert digits_told.metrics == pytest.approx(read_run(digits).test, abs=1e-6)
    assert digits_told.metrics["accuracy"] > 0.9
    assert (digits_told.part, digits_told.count) == ("test", 270)


def test_validation_of_the_last_checkpoint_is_that_of_the_last_epoch(digits: Path) -> None:
    told = evaluate(digits, "validation", "last")
    assert told.metrics == pytest.approx(read_run(digits).metrics["validation"], abs=1e-6)


def test_confusion_counts_every_sample_and_agrees_with_accuracy(digits_told: Evaluation) -> None:
    confusion = digits_told.confusions["said"]
    assert confusion.classes == tuple("0123456789")
    assert confusion.counts.sum() == digits_told.count
    assert np.trace(confusion.counts) / digits_told.count == pytest.approx(digits_told.metrics["accuracy"])


def test_samples_come_worst_first_with_their_raw_picture(digits_told: Evaluation) -> None:
    samples, raw = digits_told.samples, read_source(DIGITS.source, Path())
    losses = [sample.loss for sample in samples]
    assert len(samples) == 200
    assert losses == sorted(losses, reverse=True)
    assert sum(one.truth != one.prediction for one in samples) == round(
        270 * (1 - digits_told.metrics["accuracy"])
    )
    test = set(prepare(DIGITS, Path()).parts["test"].rows.tolist())
    for sample in samples:
        assert sample.row in test
        assert sample.truth == str(raw.arrays["label"][sample.row])
        assert sample.picture is not None
        assert np.array_equal(sample.picture, np.rint(raw.arrays["image"][sample.row, 0] / 16 * 255))
        assert sample.confidence is not None
        if sample.truth == sample.prediction:
            assert sample.loss == pytest.approx(-np.log(sample.confidence), abs=1e-5)


def test_the_losses_of_all_samples_average_to_the_loss(tmp_path: Path) -> None:
    told = evaluate(trained(classifier("features", 3, "NLL"), IRIS, tmp_path, 3), "train")
    assert len(told.samples) == told.count == 104
    assert np.mean([sample.loss for sample in told.samples]) == pytest.approx(told.metrics["loss"], abs=1e-6)
    assert told.samples[0].picture is None
    assert told.samples[0].values.startswith("sepal length (cm) ")
    assert told.confusions["said"].classes == ("setosa", "versicolor", "virginica")


def test_regression_tells_numbers_and_has_no_confusion(tmp_path: Path) -> None:
    data = Data(Setting("ScikitLearn", {"dataset": "diabetes"}))
    told = evaluate(trained(regressor("features", "target"), data, tmp_path, 5))
    assert told.confusions == {}
    assert set(told.metrics) == {"loss", "mae"}
    worst = told.samples[0]
    assert worst.confidence is None
    assert (float(worst.truth) - float(worst.prediction)) ** 2 == pytest.approx(worst.loss, rel=1e-2)


def test_yes_or_no_with_one_number_has_both_classes(tmp_path: Path) -> None:
    data = Data(Setting("ScikitLearn", {"dataset": "breast_cancer"}))
    told = evaluate(trained(classifier("features", 1, "BCEWithLogits"), data, tmp_path, 10))
    confusion = told.confusions["said"]
    assert confusion.classes == ("malignant", "benign")
    assert np.trace(confusion.counts) / 85 == pytest.approx(told.metrics["accuracy"])
    assert told.metrics["accuracy"] > 0.9
    assert all((one.confidence or 0) >= 0.5 for one in told.samples)


def test_two_losses_are_told_apart(tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{i % 5},{'odd' if i % 7 % 2 else 'even'},{(i % 5) * 2.5}\n" for i in range(70))
    (tmp_path / "two.csv").write_text("a,b,kind,size\n" + rows)
    data = Data(Setting("CSV", {"path": "two.csv", "target": "kind, size"}))
    drawing = graph(
        [
            Node("x", "Input", {"field": "features"}),
            Node("left", "Linear", {"out_features": 2}),
            Node("right", "Linear", {"out_features": 1}),
            Node("kind", "CrossEntropy", {"target": "kind"}),
            Node("size", "MSE", {"target": "size", "weight": 0.5}),
        ],
        *("x > left", "x > right", "left > kind.prediction", "right > size.prediction"),
    )
    told = evaluate(trained(drawing, data, tmp_path, 5), "train")
    assert set(told.metrics) == {"loss", "kind.loss", "kind.accuracy", "size.loss", "size.mae"}
    expected = told.metrics["kind.loss"] + 0.5 * told.metrics["size.loss"]
    assert told.metrics["loss"] == pytest.approx(expected, abs=1e-5)
    assert np.mean([one.loss for one in told.samples]) == pytest.approx(expected, abs=1e-5)
    assert set(told.confusions) == {"kind"}
    assert told.samples[0].truth.startswith("kind: ")


def test_it_leaves_the_weights_and_random_numbers_alone(digits: Path) -> None:
    torch.manual_seed(0)
    first = torch.rand(3)
    torch.manual_seed(0)
    before = load_network(digits)[0].state_dict()
    torch.manual_seed(0)
    evaluate(digits, "validation")
    after = load_network(digits)[0].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    torch.manual_seed(0)
    assert torch.equal(torch.rand(3), first)


def test_an_empty_part_and_a_folder_that_is_no_run_say_so(tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text("x,y\n1,0\n2,1\n3,2\n4,3\n")
    data = Data(Setting("CSV", {"path": "line.csv"}), {"validation": 0.0, "test": 0.0, "normalize": "none"})
    run = trained(regressor("features", "y"), data, tmp_path, 300, 0.1)
    with pytest.raises(StudioError, match="The test part of project is empty"):
        evaluate(run)
    assert evaluate(run, "train").metrics["loss"] < 0.05
    with pytest.raises(StudioError, match=r"run\.json|project\.loom"):
        evaluate(tmp_path)


def test_data_that_changed_or_went_is_said_and_may_lie_elsewhere(tmp_path: Path) -> None:
    table = "a,b,kind\n" + "".join(f"{i % 7},{i % 5},{'xyz'[i % 3]}\n" for i in range(40))
    (tmp_path / "t.csv").write_text(table)
    run = trained(
        classifier("features", 3, label="kind"), Data(Setting("CSV", {"path": "t.csv"})), tmp_path, 1
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(tmp_path / "t.csv", elsewhere / "t.csv")
    with pytest.raises(StudioError, match=r"There is no .*t\.csv"):
        evaluate(run)
    assert evaluate(run, folder=elsewhere).count == 6
    (tmp_path / "t.csv").write_text(table.replace("z", "v"))
    with pytest.raises(StudioError, match="the data has changed since the run: kind had the classes"):
        evaluate(run)
    (tmp_path / "t.csv").write_text(
        table.replace("a,b,", "a,b,c,").replace("\n", ",x\n").replace("kind,x", "kind")
    )
    with pytest.raises(StudioError):
        evaluate(run)


def test_samples_are_values(digits_told: Evaluation) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        digits_told.samples[0].row = 3  # type: ignore[misc]
