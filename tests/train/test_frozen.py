"""Frozen layers stay as they started while the others learn, also after a resume."""

from __future__ import annotations

import pytest
import torch

from studio.build.network import Network
from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.checkpoint import load_network
from studio.train.seeding import seed_all
from tests.train.drawings import digits, train


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW", "Adam"])
def test_frozen_weights_do_not_change_while_others_do(tmp_path, optimizer):
    setting = Setting(optimizer, {"lr": 0.01, "weight_decay": 0.1})
    hidden = (
        Node("still", "Linear", {"out_features": 24, "freeze": True, "init": "orthogonal"}),
        Node("norm", "BatchNorm1d", {"freeze": True}),
        Node("relu", "ReLU"),
        Node("moving", "Linear", {"out_features": 16, "norm": "weight_norm"}),
        Node("bounded", "Linear", {"out_features": 16, "norm": "spectral_norm"}),
    )
    ran = train(digits(*hidden, optimizer=setting, epochs=2), tmp_path)
    assert ran.result.finished
    network, plan = load_network(ran.result.run_dir)
    seed_all(0)
    start = dict(Network(plan).named_parameters())
    changed = {name for name, one in network.named_parameters() if not torch.equal(one, start[name])}
    still = {name for name in start if name.startswith(("still", "norm"))}
    assert len(still) == 4
    assert changed == start.keys() - still


def test_nothing_left_to_learn_is_told(tmp_path):
    project = digits(epochs=1)
    frozen = project.graph.nodes["scores"].with_params(freeze=True)
    ran = train(project.with_graph(project.graph.with_nodes(frozen)), tmp_path)
    assert ran.result.failed
    assert "anything to learn" in ran.result.failed.message
    assert "freeze" in ran.result.failed.hint
