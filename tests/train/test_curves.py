"""The engine computes what a plain hand-written PyTorch loop computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.data.loader import order
from studio.data.prepare import prepare
from studio.project.graph import Node
from studio.project.project import Project, Setting
from studio.train.events import EpochEnded
from tests.train.drawings import SAMPLES, digits, sample, train

LOSSES = {"mlp_digits": nn.NLLLoss(), "dense_regression": nn.MSELoss(), "linear_regression": nn.MSELoss()}
OPTIMIZERS = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}


def by_hand(project: Project, loss: nn.Module) -> tuple[list[float], list[float]]:
    """Training losses of all steps and validation losses of all epochs, in the most ordinary way."""
    prepared = prepare(project.data, SAMPLES)
    checked = Checker().check(project, prepared.fields)
    target = next(iter(checked.plan.losses)).target.field
    inputs = [step.field for step in checked.plan.model_inputs]
    train_part, held = prepared.parts["train"], prepared.parts["validation"]
    options, setting = project.training.options, project.training.optimizer
    settings = dict(setting.params)
    torch.manual_seed(options.get("seed", 0))
    network = Network(checked.plan)
    optimizer = OPTIMIZERS[setting.type](network.parameters(), **settings, foreach=False, fused=False)
    curve, validation = [], []
    for epoch in range(1, options["epochs"] + 1):
        network.train()
        for rows in order(len(train_part), options.get("seed", 0), epoch).split(options["batch_size"]):
            said = network(*[train_part.tensors[name][rows] for name in inputs])
            value = loss(said, train_part.tensors[target][rows])
            optimizer.zero_grad()
            value.backward()
            if "clip_norm" in options:
                torch.nn.utils.clip_grad_norm_(network.parameters(), options["clip_norm"])
            optimizer.step()
            curve.append(value.item())
        if len(held):
            network.eval()
            with torch.no_grad():
                said = network(*[held.tensors[name] for name in inputs])
                validation.append(loss(said, held.tensors[target]).item())
    return curve, validation


@pytest.mark.parametrize("name", LOSSES)
def test_a_sample_gives_the_curve_of_a_hand_written_loop(name, tmp_path):
    project = sample(name, epochs=5)
    curve, validation = by_hand(project, LOSSES[name])
    ran = train(project, tmp_path)
    assert ran.result.failed is None
    np.testing.assert_allclose(ran.losses, curve, rtol=1e-6)
    told = [event.validation["loss"] for event in ran.of(EpochEnded) if event.validation]
    np.testing.assert_allclose(told, validation, rtol=1e-6)


@pytest.mark.parametrize(
    "optimizer",
    [
        Setting("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
        Setting("Adam", {"lr": 0.003, "weight_decay": 0.01}),
        Setting("AdamW", {"lr": 0.003}),
    ],
    ids=lambda setting: setting.type,
)
def test_dropout_clipping_and_each_optimizer_agree_too(optimizer, tmp_path):
    hidden = Node("hidden", "Linear", {"out_features": 24}), Node("dropout", "Dropout", {"p": 0.3})
    project = digits(*hidden, optimizer=optimizer, clip_norm=0.5, seed=7)
    curve, _ = by_hand(project, nn.CrossEntropyLoss())
    np.testing.assert_allclose(train(project, tmp_path).losses, curve, rtol=2e-5)


def test_the_same_seed_gives_the_same_run_and_another_one_another(tmp_path):
    first, again, other = (train(digits(seed=seed, epochs=1), tmp_path).losses for seed in (3, 3, 4))
    assert first == again
    assert first != other
