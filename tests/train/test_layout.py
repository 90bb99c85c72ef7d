"""Weights with channels last: the same training to rounding, and the same resume to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.build.network import Network
from studio.project.graph import Node
from studio.project.project import Project, Setting
from studio.train.events import Progress, Started
from studio.train.job import Job
from studio.train.layout import lay_out
from studio.train.runs import create_run
from studio.train.work import make_ready
from tests.train.drawings import SAMPLES, chain, digits, losses, train
from tests.train.test_resume import assert_same, outcome

OPTIMIZERS = ("SGD", "AdamW", "RMSprop", "NAdam", "LBFGS")


def convolutions(**options: object) -> Project:
    """Two convolutions on the digits, with what runs before and after them."""
    project = digits(**{"epochs": 2, "batch_size": 32, **options})
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("conv1", "Conv2d", {"out_channels": 8, "padding": 1}),
        Node("norm1", "BatchNorm2d"),
        Node("relu1", "ReLU"),
        Node("pool1", "MaxPool2d"),
        Node("conv2", "Conv2d", {"out_channels": 16, "padding": 1, "groups": 4}),
        Node("relu2", "ReLU"),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    return project.with_graph(graph)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_both_layouts_train_alike(optimizer: str, tmp_path: Path) -> None:
    setting = Setting(optimizer, {"lr": 0.003})
    curves = {}
    for layout in ("contiguous", "channels_last"):
        project = convolutions(optimizer=setting, memory_format=layout, epochs=1, batch_size=256)
        curves[layout] = torch.tensor(losses(train(project, tmp_path / layout).events))
    assert len(curves["contiguous"]) >= 4
    assert torch.allclose(curves["contiguous"], curves["channels_last"], rtol=1e-3, atol=1e-4)


def test_auto_takes_channels_last_for_pictures_unless_the_optimizer_takes_rows(tmp_path: Path) -> None:
    network = _network(convolutions(), tmp_path)
    options = {"memory_format": "auto", "sharding": "none"}
    assert lay_out(network, options, "LBFGS") == "contiguous"
    assert lay_out(network, {**options, "sharding": "fsdp"}, "SGD") == "contiguous"
    assert lay_out(network, options, "SGD") == "channels_last"
    assert network.conv2.weight.is_contiguous(memory_format=torch.channels_last)
    assert lay_out(_network(digits(), tmp_path), options, "SGD") == "contiguous"


def test_the_gradient_that_comes_back_through_a_flatten_lies_with_channels_last(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, pictures = _network(convolutions(), tmp_path), torch.randn(4, 1, 8, 8)
    weights = {name: one.clone() for name, one in network.state_dict().items()}
    came: list[Tensor] = []

    def look(_: nn.Module, __: object, result: Tensor) -> None:
        assert result.grad_fn is not None
        result.grad_fn.register_prehook(lambda gradients: came.extend(gradients))

    network.relu2.register_forward_hook(look)
    found: list[dict[str, Tensor]] = []
    for layout in ("contiguous", "channels_last"):
        network.load_state_dict(weights)
        lay_out(network, {"memory_format": layout, "sharding": "none"}, "SGD")
        network.zero_grad()
        network(pictures).square().sum().backward()
        found.append({name: one.grad for name, one in network.named_parameters() if one.grad is not None})
    first, last = came
    assert first.is_contiguous()
    assert last.is_contiguous(memory_format=torch.channels_last)
    for name, expected in found[0].items():
        torch.testing.assert_close(found[1][name], expected, rtol=1e-4, atol=1e-4)


def test_a_run_with_channels_last_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    project = convolutions(memory_format="channels_last", optimizer=Setting("AdamW", {"lr": 0.01}))
    reference = outcome(train(project, tmp_path / "whole").result.run_dir)
    stopped = train(
        project,
        tmp_path / "parts",
        steer=lambda event, control: control.stop() if isinstance(event, Progress) else None,
    )
    path = stopped.result.run_dir
    assert train(project, tmp_path / "parts", path, resume=True).of(Started)[0].step > 0
    assert_same(path, reference)


def _network(project: Project, folder: Path) -> Network:
    run = create_run(project, SAMPLES, folder / "runs")
    work = make_ready(Job(project, SAMPLES, run))
    work.close()
    return Network(work.plan)
