"""Each node may have its own factor of the learning rate."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.build.network import Network
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.checkpoint import load_network
from studio.train.seeding import seed_all
from studio.train.updates import make_update, roles_of
from tests.train.drawings import digits, train
from tests.train.test_resume import assert_same, outcome, stop_at

HIDDEN = (
    Node("slow", "Linear", {"out_features": 12, "lr_factor": 0.1}),
    Node("relu", "ReLU"),
    Node("still", "Linear", {"out_features": 8, "lr_factor": 0.0}),
    Node("relu2", "ReLU"),
)


@pytest.mark.parametrize(
    ("type", "twin"),
    [("SGD", torch.optim.SGD), ("AdamW", torch.optim.AdamW), ("RMSprop", torch.optim.RMSprop)],
)
def test_it_is_torch_s_own_parameter_group(type: str, twin: type) -> None:
    seed_all(0)
    ours, theirs = (
        nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)),
        nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)),
    )
    theirs.load_state_dict(ours.state_dict())
    for parameter in ours[1].parameters():
        parameter.lr_factor = 5.0  # as a node's option leaves it
    named = dict(ours.named_parameters())
    update = make_update(Setting(type, {"lr": 0.01}), named, roles_of(ours))
    groups = [{"params": theirs[0].parameters()}, {"params": theirs[1].parameters(), "lr": 0.05}]
    oracle = twin(groups, lr=0.01)
    for _ in range(5):
        x = torch.rand(6, 3)
        update(torch.autograd.grad(ours(x).square().sum(), list(named.values())), 0.01)
        oracle.zero_grad()
        theirs(x).square().sum().backward()
        oracle.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def test_a_factor_of_zero_leaves_the_weights(tmp_path) -> None:
    ran = train(digits(*HIDDEN, optimizer=Setting("SGD", {"lr": 0.1}), epochs=2), tmp_path)
    assert ran.result.finished
    network, plan = load_network(ran.result.run_dir)
    seed_all(0)
    start = dict(Network(plan).named_parameters())
    changed = {name for name, one in network.named_parameters() if not torch.equal(one, start[name])}
    assert changed == {name for name in start if not name.startswith("still")}


def test_a_resumed_run_goes_on_to_the_same_digits(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = digits(*HIDDEN, optimizer=Setting("Adam", {"lr": 0.01}), epochs=4)
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    stopped = train(project, tmp_path, steer=stop_at(20))
    assert stopped.result.finished.reason == "stopped"
    path = stopped.result.run_dir
    assert train(project, tmp_path, path, resume=True).result.finished
    assert_same(path, reference)


def test_lbfgs_says_that_it_cannot(tmp_path) -> None:
    ran = train(digits(*HIDDEN, optimizer=Setting("LBFGS"), epochs=1), tmp_path)
    assert ran.result.failed
    assert "lr_factor" in ran.result.failed.message
    network = nn.Linear(2, 2)
    network.weight.lr_factor = 2.0
    with pytest.raises(StudioError, match="lr_factor"):
        make_update(Setting("LBFGS"), dict(network.named_parameters()), roles_of(network))
