"""What is best, when training ends, and how often it is validated."""

from __future__ import annotations

import pytest

from studio.catalog.metrics import rises
from studio.project.edits import set_data
from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.checkpoint import load_checkpoint
from studio.train.control import Control
from studio.train.events import EpochEnded, Progress, Validated
from studio.train.judging import Judge, named
from studio.train.place import Place, stretches
from studio.train.runs import read_events, read_run
from tests.train.drawings import digits, everything, train
from tests.train.test_resume import assert_same, outcome, stop_at

HIDDEN = (Node("hidden", "Linear", {"out_features": 16}), Node("relu", "ReLU"))


def test_better_is_known_from_the_metric():
    assert all(map(rises, ("accuracy", "loss1.accuracy", "top3", "r2", "price.r2", "auroc", "dice")))
    assert not any(map(rises, ("loss", "a.loss", "mae", "rmse (log of price)", "perplexity")))
    up, down = Judge("accuracy", True, 0.1), Judge("loss", False, 0.1)
    assert up.better(0.6, 0.5)
    assert not up.better(0.5, 0.5)
    assert not up.better(None, 0.1)
    assert down.better(0.4, 0.5)
    assert not down.gains(0.45, 0.5)
    assert down.gains(0.3, 0.5)
    assert not up.gains(0.55, 0.5)
    assert up.gains(0.7, 0.5)
    assert named("mae", ("loss", "mae (log of price)")) == "mae (log of price)"
    assert named("mse", ("loss", "mae")) is None


@pytest.mark.parametrize("metric", ["accuracy", "f1", "perplexity"])
def test_the_best_checkpoint_and_patience_follow_the_metric(metric, tmp_path):
    project = digits(*HIDDEN, epochs=40, best_by=metric, patience=3, optimizer=Setting("Adam", {"lr": 0.03}))
    loss = project.graph.nodes["loss"].with_params(metrics=("accuracy", "f1", "perplexity"))
    ran = train(project.with_graph(project.graph.with_nodes(loss)), tmp_path)
    ends = ran.of(EpochEnded)
    values = [end.validation[metric] * (1 if rises(metric) else -1) for end in ends]
    best = values.index(max(values)) + 1
    assert ran.result.finished.best_epoch == best
    assert ran.result.finished.reason == "early"
    assert len(ends) == best + 3
    told = read_run(ran.result.run_dir)
    assert told.best_epoch == best
    assert told.best == ends[best - 1].validation["loss"]
    content = load_checkpoint(ran.result.run_dir, "best")[1]
    assert (content["best_by"], content["value"]) == (metric, ends[best - 1].validation[metric])


def test_patience_counts_from_the_last_real_gain(tmp_path):
    project = digits(*HIDDEN, epochs=40, patience=3, least_gain=0.05)
    ran = train(project, tmp_path)
    losses = [end.validation["loss"] for end in ran.of(EpochEnded)]
    mark, waited, expected = None, 0, 0
    while waited < 3:
        loss = losses[expected]
        waited, expected = waited + 1, expected + 1
        if mark is None or mark - loss > 0.05:
            mark, waited = loss, 0
    assert ran.result.finished.reason == "early"
    assert ran.result.finished.epoch == expected
    assert ran.result.finished.best_epoch == losses.index(min(losses)) + 1


def test_a_metric_that_there_is_not_is_told(tmp_path):
    ran = train(digits(*HIDDEN, best_by="auroc"), tmp_path)
    assert ran.result.failed
    assert "auroc" in ran.result.failed.message
    assert "loss, accuracy" in ran.result.failed.hint


def test_so_many_steps_and_no_more(tmp_path):
    ran = train(digits(*HIDDEN, epochs=5, max_steps=27), tmp_path)  # 20 steps an epoch
    finished, ends = ran.result.finished, ran.of(EpochEnded)
    assert (finished.reason, finished.limit, finished.step, finished.epoch) == ("completed", "steps", 27, 2)
    assert read_run(ran.result.run_dir).limit == "steps"
    assert [end.step for end in ends] == [20, 27]
    assert all(end.validation for end in ends)
    assert len(ran.losses) == 27
    assert ran.losses[:20] == train(digits(*HIDDEN, epochs=1), tmp_path).losses


def test_a_schedule_spans_the_steps_that_there_are(tmp_path):
    from dataclasses import replace

    project = digits(*HIDDEN, epochs=5, max_steps=30)
    falling = replace(project, training=replace(project.training, schedule=Setting("Cosine")))
    ran = train(falling, tmp_path)
    last = ran.of(EpochEnded)[-1]
    assert 0.0 < last.learning_rate < 0.05 * 0.01


def test_so_many_minutes_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = digits(*HIDDEN, epochs=100_000, max_minutes=0.01)
    ran = train(project, tmp_path)
    finished = ran.result.finished
    assert (finished.reason, finished.limit) == ("completed", "minutes")
    assert 0.6 <= finished.time < 6.0
    assert finished.epoch < 100_000
    assert ran.of(EpochEnded)[-1].validation
    info = read_run(ran.result.run_dir)
    assert (info.status, info.limit) == ("completed", "minutes")
    free = train(digits(epochs=1, max_minutes=5.0, max_steps=500), tmp_path)
    assert (free.result.finished.limit, read_run(free.result.run_dir).limit) == ("", "")


def test_a_limit_is_told_for_several_seeds_too(tmp_path):
    ran = train(digits(epochs=5, max_steps=27, seeds=2), tmp_path)
    assert ran.result.finished.limit == read_run(ran.result.run_dir).limit == "steps"


def test_validation_every_few_epochs_and_in_the_last(tmp_path):
    plain = train(digits(*HIDDEN, epochs=5), tmp_path)
    seldom = train(digits(*HIDDEN, epochs=5, validate_every=3), tmp_path)
    assert seldom.losses == plain.losses
    assert [bool(end.validation) for end in seldom.of(EpochEnded)] == [False, False, True, False, True]
    for at in (2, 4):
        assert seldom.of(EpochEnded)[at].validation == plain.of(EpochEnded)[at].validation
    assert seldom.result.finished.best_epoch in (3, 5)


def test_validation_within_epochs(tmp_path):
    plain = train(digits(*HIDDEN, epochs=3), tmp_path)
    often = train(digits(*HIDDEN, epochs=3, validate_steps=8), tmp_path)  # 20 steps an epoch
    assert often.losses == plain.losses
    assert [one.step for one in often.of(Validated)] == [8, 16, 24, 32, 48, 56]
    assert [(one.step, bool(one.validation)) for one in often.of(EpochEnded)] == [
        (20, False),
        (40, True),
        (60, True),
    ]
    assert often.of(EpochEnded)[1].validation == plain.of(EpochEnded)[1].validation
    assert read_events(often.result.run_dir) == often.events
    within = train(digits(*HIDDEN, epochs=1, max_steps=8), tmp_path)
    assert often.of(Validated)[0].validation == within.of(EpochEnded)[0].validation


def test_without_a_validation_part_the_training_loss_judges_at_the_end_of_epochs(tmp_path):
    project = set_data(digits(*HIDDEN, epochs=2, validate_steps=3), validation=0.0)
    ran = train(project, tmp_path)
    assert ran.of(Validated) == []
    assert ran.result.finished.best_epoch == 2


def test_patience_ends_the_training_within_an_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    options = {"epochs": 9, "validate_steps": 5, "patience": 2, "optimizer": Setting("SGD", {"lr": 3.0})}
    whole = train(digits(*HIDDEN, **options), tmp_path)
    finished = whole.result.finished
    assert finished.reason == "early"
    assert finished.step % 20
    assert finished.step % 5 == 0
    stopped = train(digits(*HIDDEN, **options), tmp_path, steer=stop_at(finished.step - 2))
    train(digits(*HIDDEN, **options), tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, outcome(whole.result.run_dir))


class WhileValidating(Control):
    """Stops in the validation that comes after so many steps."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step, self.seen = step, 0

    @property
    def stopping(self) -> bool:
        if self.seen >= self.step:
            self.stop()
        return super().stopping


@pytest.mark.parametrize("step", [8, 20, 24])
def test_stopped_in_a_validation_it_comes_first_when_the_run_goes_on(step, tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(validate_steps=4, best_by="loss.accuracy", epochs=3, validate_every=2)
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    control = WhileValidating(step)

    def steer(event, _control):
        if isinstance(event, Progress):
            control.seen = event.step

    stopped = train(project, tmp_path, steer=steer, control=control)
    assert stopped.result.finished.step == step
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)


def test_stretches():
    assert stretches(Place(), 20, None) == [None]
    assert stretches(Place(), 20, 8) == [8, 8, None]
    assert stretches(Place(), 16, 8) == [8, None]
    assert stretches(Place(batch=3, step=23), 17, 8) == [1, 8, None]
    assert stretches(Place(batch=4, step=24), 16, 8) == [0, 8, None]
    assert stretches(Place(batch=4, step=24, validated=24), 16, 8) == [8, None]
    assert stretches(Place(), 3, 8) == [None]
