"""Every metric equals scikit-learn's, in whatever batches it comes, and goes on exactly from its state."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.catalog.layers.loss.declared import OF_CHANCES, OF_CLASSES, OF_NUMBERS
from studio.catalog.metrics import METRICS, reported
from studio.catalog.registry import registry
from studio.train.metrics import STEPS, Tracker
from studio.train.metrics import tracker as tracker_module

CLASSES = (*(name for name in OF_CLASSES if name != "topk"), "top2", "perplexity")


def draw(seed: int, count: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(count, classes, generator=generator)
    return (scores * 4).round() / 4, torch.randint(classes, (count,), generator=generator)


def followed(tracker: Tracker, prediction: torch.Tensor, target: torch.Tensor, size: int = 13) -> dict:
    for batch in zip(prediction.split(size), target.split(size), strict=True):
        tracker.add(*batch)
    return tracker.results()


def expected_of_classes(scores: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    shares, said = scores.softmax(1).numpy(), scores.argmax(1).numpy()
    y, hot = truth.numpy(), np.eye(scores.shape[1])[truth.numpy()]
    macro = {"average": "macro", "zero_division": 0}
    return {
        "accuracy": sk.accuracy_score(y, said),
        "top2": sk.top_k_accuracy_score(y, scores.numpy() + 1e-9 * np.arange(scores.shape[1])[::-1], k=2),
        "top5": sk.top_k_accuracy_score(y, scores.numpy() + 1e-9 * np.arange(scores.shape[1])[::-1], k=5),
        "precision": sk.precision_score(y, said, **macro),
        "recall": sk.recall_score(y, said, **macro),
        "f1": sk.f1_score(y, said, **macro),
        "dice": sk.f1_score(y, said, **macro),
        "iou": sk.jaccard_score(y, said, **macro),
        "auroc": sk.roc_auc_score(hot, shares, average="macro"),
        "average_precision": sk.average_precision_score(hot, shares, average="macro"),
        "perplexity": math.exp(
            sk.log_loss(y, scores.double().softmax(1).numpy(), labels=range(scores.shape[1]))
        ),
    }


@pytest.mark.parametrize("turn", ["softmax", "exp"])
def test_metrics_of_classes(turn) -> None:
    scores, truth = draw(0, 1000, 8)
    scores = scores + 0.01 * torch.arange(8.0)  # no ties between the classes of a sample
    given_scores = scores.log_softmax(1) if turn == "exp" else scores
    found = followed(Tracker(CLASSES, "classes", turn), given_scores, truth)
    expected = expected_of_classes(scores, truth)
    assert found.keys() == set(CLASSES)
    for name in CLASSES:
        assert found[name] == pytest.approx(expected[name], abs=2e-6), name


def test_two_classes_are_ranked_by_the_second() -> None:
    scores, truth = draw(1, 400, 2)
    found = followed(Tracker(("auroc", "average_precision")), scores, truth)
    second = scores.softmax(1)[:, 1]
    assert found["auroc"] == pytest.approx(sk.roc_auc_score(truth, second))
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(truth, second))


@pytest.mark.parametrize("turn", ["sigmoid", "none"])
def test_metrics_of_yes_and_no(turn) -> None:
    scores, _ = draw(2, 900, 1)
    truth = torch.randint(2, (900, 1), generator=torch.Generator().manual_seed(5)).float()
    shown = scores if turn == "sigmoid" else scores.sigmoid()
    found = followed(Tracker(OF_CHANCES, "chances", turn), shown, truth)
    y, said = truth.numpy().ravel(), (scores.numpy() > 0).ravel()
    expected = {
        "accuracy": sk.accuracy_score(y, said),
        "precision": sk.precision_score(y, said),
        "recall": sk.recall_score(y, said),
        "f1": sk.f1_score(y, said),
        "dice": sk.f1_score(y, said),
        "iou": sk.jaccard_score(y, said),
        "auroc": sk.roc_auc_score(y, scores.ravel()),
        "average_precision": sk.average_precision_score(y, scores.ravel()),
    }
    assert found == pytest.approx(expected)


def test_several_at_once_are_averaged_over_their_columns() -> None:
    scores, _ = draw(3, 700, 4)
    truth = torch.randint(2, (700, 4), generator=torch.Generator().manual_seed(6))
    found = followed(Tracker(OF_CHANCES, "chances", "sigmoid"), scores, truth)
    y, said = truth.numpy(), scores.numpy() > 0
    assert found["accuracy"] == pytest.approx((y == said).mean())
    assert found["precision"] == pytest.approx(sk.precision_score(y, said, average="macro"))
    assert found["recall"] == pytest.approx(sk.recall_score(y, said, average="macro"))
    assert found["f1"] == pytest.approx(sk.f1_score(y, said, average="macro"))
    assert found["iou"] == pytest.approx(sk.jaccard_score(y, said, average="macro"))
    assert found["auroc"] == pytest.approx(sk.roc_auc_score(y, scores, average="macro"))
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(y, scores, average="macro"))


def test_metrics_of_numbers() -> None:
    generator = torch.Generator().manual_seed(4)
    said, truth = torch.randn(1000, 3, generator=generator), torch.randn(1000, 3, generator=generator)
    found = followed(Tracker(OF_NUMBERS, "numbers", "none"), said, truth)
    y, x = truth.double(), said.double()
    assert found == pytest.approx(
        {
            "mae": sk.mean_absolute_error(y, x),
            "mse": sk.mean_squared_error(y, x),
            "rmse": sk.mean_squared_error(y, x) ** 0.5,
            "r2": sk.r2_score(y, x),
        }
    )


def test_segmentation_counts_every_place_and_leaves_out_what_is_ignored() -> None:
    generator = torch.Generator().manual_seed(7)
    scores = torch.randn(30, 3, 4, 5, generator=generator)
    truth = torch.randint(3, (30, 4, 5), generator=generator)
    truth[:, 0] = 255
    names = ("accuracy", "iou", "dice", "auroc")
    found = followed(Tracker(names, "classes", "softmax", 255), scores, truth, 4)
    flat, y = scores.movedim(1, -1).reshape(-1, 3), truth.reshape(-1)
    flat, y = flat[y != 255], y[y != 255]
    said = flat.argmax(1)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(y, said))
    assert found["iou"] == pytest.approx(sk.jaccard_score(y, said, average="macro"))
    assert found["dice"] == pytest.approx(sk.f1_score(y, said, average="macro"))
    assert found["auroc"] == pytest.approx(sk.roc_auc_score(np.eye(3)[y], flat.softmax(1), average="macro"))


def test_classes_that_never_occur_count_as_scikit_learn_has_it() -> None:
    scores = torch.eye(5)[torch.tensor([0, 1, 1, 3])]
    truth = torch.tensor([0, 1, 0, 0])
    found = followed(Tracker(("precision", "recall", "f1", "iou", "auroc")), scores, truth)
    said = scores.argmax(1)
    for name, score in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        assert found[name] == pytest.approx(score(truth, said, average="macro", zero_division=0))
    assert found["iou"] == pytest.approx(sk.jaccard_score(truth, said, average="macro"))
    only = followed(Tracker(("auroc", "average_precision", "accuracy")), scores[:2, :2], truth[:1].repeat(2))
    assert only == {"accuracy": 0.5}  # one class alone cannot be ranked


def test_scores_are_not_ranked_while_a_pass_goes_on_nor_when_they_are_too_many(monkeypatch) -> None:
    scores, truth = draw(8, 500, 3)
    tracker = Tracker(("accuracy", "auroc"))
    assert followed(tracker, scores, truth).keys() == {"accuracy", "auroc"}
    assert tracker.results(all=False).keys() == {"accuracy"}
    monkeypatch.setattr(tracker_module, "LARGEST", 2000)
    tracker = Tracker(("accuracy", "auroc"))
    assert followed(tracker, scores, truth).keys() == {"accuracy"}
    moved = Tracker(("accuracy", "auroc"))
    moved.load(tracker.state())
    assert followed(moved, scores, truth).keys() == {"accuracy"}


@given(st.integers(1, 2 * STEPS + 5), st.lists(st.integers(0, 2 * STEPS), max_size=3))
def test_looking_and_going_on_from_a_state_change_no_digit(count, looks) -> None:
    batches = [draw(seed, 7, 3) for seed in range(count)]
    expected = Tracker(CLASSES)
    tracker = Tracker(CLASSES)
    for number, batch in enumerate(batches):
        expected.add(*batch)
        if number in looks:
            tracker.results()
            moved, state = Tracker(CLASSES), tracker.state()
            moved.load(state)
            tracker = moved
        tracker.add(*batch)
    assert tracker.results() == expected.results()


def test_each_loss_offers_metrics_that_are_declared_and_top_k_carries_its_number() -> None:
    declared = {one.type for one in METRICS}
    offered = {
        name
        for layer in registry().families()["Loss"]
        for param in layer.options
        if param.name == "metrics"
        for name in param.options
    }
    assert offered == declared
    assert reported(("accuracy", "topk", "top5"), {"k": 3}) == ("accuracy", "top3", "top5")
    assert reported(("topk", "top5"), {"k": 5}) == ("top5",)
