"""A learning rate found by trying: the rates tried, where the loss falls fastest, and what is proposed."""

from __future__ import annotations

import itertools
import math

import pytest

from studio.errors import StudioError
from studio.project.edits import set_optimizer, set_training
from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.events import EpochEnded
from studio.train.find_rate import FIRST, LAST, Tried, find_rate, judged, rates, smooth
from tests.train.drawings import SAMPLES, digits, train

HIDDEN = (Node("hidden", "Linear", {"out_features": 32}), Node("relu", "ReLU"))


def test_rates_grow_evenly_in_their_exponent():
    found = rates(200)
    assert (found[0], found[-1]) == pytest.approx((FIRST, LAST))
    factors = {round(after / before, 9) for before, after in itertools.pairwise(found)}
    assert len(factors) == 1


def test_smoothing_keeps_a_line_and_lags_behind_nothing():
    line = [float(at) for at in range(60)]
    assert smooth(line)[20:40] == pytest.approx(line[20:40])
    drop = [1.0] * 50 + [0.0] * 50
    assert smooth(drop)[49] > 0.5 > smooth(drop)[50]
    assert smooth([]) == []


def test_the_steepest_point_of_a_known_curve():
    """The loss falls along a logistic curve around a rate of 0.001 and rises from 0.1 on."""

    def loss(rate: float) -> float:
        fall = 1.0 / (1.0 + math.exp(2.5 * (math.log10(rate) + 3.0)))
        return 2.0 * fall + max(0.0, math.log10(rate) + 1.0) * 4.0

    found = judged([Tried(rate, loss(rate)) for rate in rates(200)])
    assert found.steepest == pytest.approx(1e-3, rel=0.25)
    assert found.rate == pytest.approx(1e-3, rel=0.25)
    sharp = judged([Tried(rate, 2.0 if rate < 0.08 else max(0.0, 2 - rate * 5)) for rate in rates(200)])
    assert sharp.steepest is not None
    assert sharp.rate is not None
    assert sharp.rate <= sharp.steepest


def test_a_loss_that_never_falls_gives_no_rate():
    assert judged([Tried(rate, 1.0 + rate) for rate in rates(200)]).rate is None
    assert judged([Tried(1e-5, 1.0)]).rate is None
    assert judged([]).rate is None


def test_what_is_proposed_learns_and_the_same_again(tmp_path):
    project = digits(*HIDDEN, optimizer=Setting("Adam"))
    told: list[Tried] = []
    found = find_rate(project, SAMPLES, told.append)
    assert list(found.tried) == told
    assert 100 < len(told) < 200  # the loss is hopeless long before the last rate
    assert [one.rate for one in told] == rates(200)[: len(told)]
    assert 1e-4 < found.rate <= found.steepest < 0.1
    assert find_rate(project, SAMPLES) == found
    chosen = set_optimizer(project, Setting("Adam", {"lr": found.rate}))
    ends = train(chosen, tmp_path).of(EpochEnded)
    assert ends[-1].validation["accuracy"] > 0.85
    assert list(tmp_path.parent.glob("**/find*")) == []


@pytest.mark.parametrize("options", [{"accumulate": 2, "batch_size": 32}, {"precision": "bfloat16"}])
def test_it_trains_as_the_settings_say(options):
    project = digits(*HIDDEN, optimizer=Setting("Adam"), device="cpu", **options)
    found = find_rate(project, SAMPLES)
    assert found.rate is not None
    assert found.tried != find_rate(set_training(project, accumulate=1, precision="float32"), SAMPLES).tried


def test_it_stops_when_told():
    seen: list[Tried] = []
    found = find_rate(digits(*HIDDEN), SAMPLES, seen.append, lambda: len(seen) == 5)
    assert len(found.tried) == 5


def test_what_is_wrong_is_told():
    with pytest.raises(StudioError, match="auroc"):
        find_rate(digits(*HIDDEN, best_by="auroc"), SAMPLES)
