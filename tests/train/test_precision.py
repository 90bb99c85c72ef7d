"""Half precision: the network computes in it, the rest stays in float32, and a resumed run is the same."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.events import Failed
from studio.train.job import Job
from studio.train.precision import Scaler
from studio.train.runs import create_run
from studio.train.work import make_ready
from tests.train.drawings import SAMPLES, digits, everything, train
from tests.train.test_resume import assert_same, outcome, stop_at

HIDDEN = (Node("hidden", "Linear", {"out_features": 32}), Node("relu", "ReLU"))
HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


@pytest.mark.parametrize("precision", HALVES)
def test_the_network_computes_in_it_and_losses_and_weights_stay(precision, tmp_path):
    project = digits(*HIDDEN, precision=precision, device="cpu")
    work = make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, tmp_path)))
    seen: list[torch.dtype] = []
    work.network.get_submodule("scores").register_forward_hook(lambda *of: seen.append(of[-1].dtype))
    found = work.outcome(work.parts["train"].between(0, 8))
    assert seen == [HALVES[precision]]
    assert {found.total.dtype, found.compared[0][0].dtype} == {torch.float32}
    assert {one.dtype for one in work.network.parameters()} == {torch.float32}
    assert {one.dtype for one in work.gradients(found.total)} == {torch.float32}


@pytest.mark.parametrize("precision", HALVES)
def test_it_learns_nearly_the_same(precision, tmp_path):
    plain = train(digits(*HIDDEN, device="cpu"), tmp_path)
    halved = train(digits(*HIDDEN, device="cpu", precision=precision), tmp_path)
    assert halved.losses != plain.losses
    assert halved.losses == pytest.approx(plain.losses, rel=0.2, abs=0.05)
    assert halved.result.finished.test["accuracy"] > 0.8


@pytest.mark.parametrize("precision", HALVES)
def test_a_resumed_run_goes_on_to_the_same_digits(precision, tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(precision=precision, device="cpu", epochs=2)
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    stopped = train(project, tmp_path, steer=stop_at(13))
    assert stopped.result.finished.reason == "stopped"
    train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, reference)
    assert ("step.scaler.scale" in reference[0]) == (precision == "float16")


def test_the_scale_is_that_of_torch():
    ours, theirs = Scaler(torch.device("cpu")), torch.amp.GradScaler("cpu")
    weights = nn.Parameter(torch.ones(3))
    optimizer = torch.optim.SGD([weights], lr=0.0)
    for step, value in enumerate((1.0, float("inf"), 0.5, float("nan"), 2.0)):
        theirs.scale(torch.zeros(()))  # makes its scale on the first call
        assert float(ours.scale) == theirs.get_scale()
        given = torch.full((3,), value) * float(ours.scale)
        weights.grad, own = given.clone(), [given.clone()]
        theirs.unscale_(optimizer)
        fine = ours.take_back(own)
        assert fine == (step not in (1, 3))
        if fine:
            assert torch.equal(own[0], weights.grad)
        theirs.step(optimizer)
        theirs.update()


def test_a_step_without_numbers_is_left_out(tmp_path):
    project = digits(*HIDDEN, precision="float16", device="cpu")
    work = make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, tmp_path)))
    batch = work.parts["train"].between(0, 64)
    assert work.full is not None
    work.full(batch, 64)
    before = {name: one.detach().clone() for name, one in work.network.named_parameters()}
    work.full._scaler.scale.fill_(3e38)
    work.full(batch, 64)
    assert all(torch.equal(one, before[name]) for name, one in work.network.named_parameters())
    assert work.place.step == 2
    assert float(work.full._scaler.scale) < 3e38


def test_what_the_cpu_cannot_do_is_told_with_its_node(tmp_path):
    """torch has no LSTM in float16 on the CPU."""
    hidden = (Node("rows", "Reshape", {"shape": (8, 8)}), Node("lstm", "LSTM", {"hidden_size": 8}))
    last = Node("last", "Select", {"dim": 1, "index": -1})
    project = digits(*hidden, last, precision="float16", device="cpu", epochs=1)
    ran = train(project, tmp_path)
    failed = ran.result.failed
    assert isinstance(failed, Failed)
    assert failed.message == "lstm: PyTorch cannot compute this in float16 on the CPU."
    assert "bfloat16" in failed.hint
    assert failed.node == "lstm"
    again = train(digits(*hidden, last, precision="bfloat16", device="cpu", epochs=1), tmp_path)
    assert again.result.finished


def test_lbfgs_needs_more_precision(tmp_path):
    ran = train(digits(optimizer=Setting("LBFGS"), precision="float16", epochs=1), tmp_path)
    assert ran.result.failed
    assert "float16" in ran.result.failed.message
