"""Means of the weights: torch's own numbers; they are validated and kept; a resumed run has the same."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, update_bn

from studio.data.prepare import prepare
from studio.project.graph import Node
from studio.train.averaging import Average
from studio.train.checkpoint import load_checkpoint, load_network, model_tensors
from studio.train.control import Control
from studio.train.events import EpochEnded
from studio.train.job import Job
from studio.train.objective import Ledger, Objective
from studio.train.work import make_ready
from tests.train.drawings import SAMPLES, digits, everything, train
from tests.train.test_resume import assert_same, outcome, stop_at

NORMED = (
    Node("hidden", "Linear", {"out_features": 16}),
    Node("norm", "BatchNorm1d"),
    Node("relu", "ReLU"),
)


def moved(network: nn.Module, step: int) -> None:
    """Weights that are others at every step."""
    with torch.no_grad():
        for at, one in enumerate(network.parameters()):
            one.add_(0.1 * (step + 1) * (at + 1))


@pytest.mark.parametrize("decay", [0.9, None])
def test_it_is_the_mean_of_torch(decay):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    def running(before, now, count):
        return before + (now - before) * (1.0 - min(0.9, (1 + int(count)) / (10 + int(count))))

    ours = Average(network, decay)
    theirs = AveragedModel(network, avg_fn=running if decay else None)
    if decay:
        theirs.n_averaged += 1  # ours begins with the first weights, theirs copies at the first update
    for step in range(12):
        moved(network, step)
        ours.take()
        if decay:
            for own, one in zip(theirs.module.parameters(), network.parameters(), strict=True):
                own.detach().copy_(running(own.detach(), one.detach(), step))
        else:
            theirs.update_parameters(network)
    x, before = torch.rand(5, 3), [one.detach().clone() for one in network.parameters()]
    with ours.shown(lambda: ()):
        torch.testing.assert_close(network(x), theirs(x))
    assert all(torch.equal(*two) for two in zip(before, network.parameters(), strict=True))


def test_running_statistics_are_measured_anew_as_torch_does():
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    batches = [torch.rand(6, 3) for _ in range(4)]
    ours, theirs = Average(network, None), AveragedModel(network)
    for step in range(3):
        moved(network, step)
        ours.take()
        theirs.update_parameters(network)
    update_bn(batches, theirs)
    theirs.eval()
    before = {name: one.clone() for name, one in network.state_dict().items()}
    with ours.shown(lambda: (network(one) for one in batches)):
        torch.testing.assert_close(network(batches[0]), theirs(batches[0]))
    after = network.state_dict()
    assert all(torch.equal(one, after[name]) for name, one in before.items())
    assert network[1].momentum == 0.1


@pytest.mark.parametrize(
    "options", [{"average": "ema", "ema_decay": 0.9}, {"average": "swa", "swa_start": 0.4}]
)
def test_the_mean_is_validated_and_kept_and_the_weights_go_on_as_they_were(options, tmp_path):
    plain = train(digits(*NORMED, epochs=4), tmp_path)
    meant = train(digits(*NORMED, epochs=4, **options), tmp_path)
    assert meant.losses == plain.losses  # the training itself is the same
    path = meant.result.run_dir
    tensors, content = load_checkpoint(path, "last")
    untouched, _ = load_checkpoint(plain.result.run_dir, "last")
    names = model_tensors(untouched)
    assert all(torch.equal(tensors[f"model.{name}"], one) for name, one in names.items())
    best = content["place"]["best_epoch"]
    network, plan = load_network(path, "best")
    assert not torch.equal(network.get_parameter("hidden.weight"), names["hidden.weight"])
    if best == 4:
        own = tensors["average.own.hidden.weight"]
        assert torch.equal(network.get_parameter("hidden.weight"), own)
    part = prepare(meant_project(path).data, SAMPLES).parts["validation"]
    ledger = Ledger(plan)
    with torch.no_grad():
        ledger.add(Objective(plan, network)(part.tensors), len(part))
    ledger.read()
    told = meant.of(EpochEnded)[best - 1].validation
    assert ledger.metrics() == pytest.approx(told, rel=1e-5)
    assert told != plain.of(EpochEnded)[best - 1].validation


def meant_project(path):
    from studio.train.runs import run_project

    return run_project(path)


@pytest.mark.parametrize(
    "options",
    [{"average": "ema"}, {"average": "swa", "swa_start": 0.3}, {"average": "ema", "precision": "float16"}],
)
@pytest.mark.parametrize("step", [30, 60])
def test_a_resumed_run_has_the_same_mean(options, step, tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(device="cpu", **options)
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    assert any(name.startswith("average.own.") for name in reference[0])
    stopped = train(project, tmp_path, steer=stop_at(step))
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)


class WhenMeasuring(Control):
    """Stops while the statistics of the third epoch are measured."""

    seen = 0

    @property
    def stopping(self) -> bool:
        self.seen += 1
        if self.seen > 8:
            self.stop()
        return super().stopping


def test_stopped_while_statistics_are_measured_an_epoch_counts_once(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 1e9)
    project = digits(*NORMED, average="swa", swa_start=0.3)
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    stopped = train(project, tmp_path, control=WhenMeasuring())
    assert stopped.result.finished.reason == "stopped"
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)


def test_without_a_setting_there_is_no_mean_and_the_plain_step_trains(tmp_path):
    from studio.train.runs import create_run

    project = digits(*NORMED)
    work = make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, tmp_path)))
    assert work.average is None
    assert work.stepper(Control()) == work.step
