"""A network whose calls are exchanged computes the same digits, and says the same of a failure."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.build.program import needed_steps, wanted
from studio.build.quicker import exchanged
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, draw, node

ROW = (
    node("conv1", "Conv2d", out_channels=4, padding=1),
    node("relu1", "ReLU"),
    node("pool1", "MaxPool2d", kernel_size=3, stride=2, padding=1),
    node("conv2", "Conv2d", out_channels=6, padding=1),
    node("relu2", "ReLU"),
    node("pool2", "MaxPool2d", kernel_size=2),
)


def test_relu_behind_its_pool_gives_the_same_results_and_gradients_to_the_last_bit() -> None:
    plan = _plan(classifier(*ROW))
    torch.manual_seed(0)
    network = Network(plan)
    as_drawn = nn.Sequential(*network.children())
    assert [pair for _, pair in _pairs(plan)] == [("relu1", "pool1"), ("relu2", "pool2")]
    image = torch.randn(16, 1, 8, 8).requires_grad_()
    results, expected = network(image), as_drawn(image)
    assert torch.equal(results, expected)
    weights = torch.randn(16, 10)
    ways = [
        torch.autograd.grad((one * weights).sum(), [image, *network.parameters()])
        for one in (results, expected)
    ]
    assert all(torch.equal(found, drawn) for found, drawn in zip(*ways, strict=True))


@pytest.mark.parametrize(
    "project",
    [
        draw(
            [
                node("x", "Input", field="image"),
                node("relu", "ReLU"),
                node("pool", "MaxPool2d", kernel_size=2),
                node("y", "Output"),
                node("z", "Output"),
            ],
            "x > relu",
            "relu > pool",
            "relu > y",
            "pool > z",
        ),
        classifier(node("pool", "MaxPool2d", kernel_size=2), node("relu", "ReLU")),
        classifier(node("tanh", "Tanh"), node("pool", "MaxPool2d", kernel_size=2)),
        classifier(node("relu", "ReLU"), node("pool", "AvgPool2d", kernel_size=2)),
    ],
    ids=["the activation is a result too", "in that order already", "another activation", "a mean"],
)
def test_other_calls_stay_as_drawn(project: Project) -> None:
    assert _pairs(_plan(project)) == []


def test_a_failure_names_the_layer_that_failed() -> None:
    plan = _plan(classifier(*ROW[:3]))
    network = Network(plan)
    seen: list[str] = []
    for name, module in network.named_children():
        module.register_forward_hook(lambda *_, name=name: seen.append(name))
    network(torch.rand(2, 1, 8, 8))
    assert seen == ["conv1", "pool1", "relu1", "flatten", "fc"]
    assert network.program.names == ("conv1", "pool1", "relu1", "flatten", "fc")


def _plan(project: Project) -> Plan:
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    return checked.plan


def _pairs(plan: Plan) -> list[tuple[tuple[int, int], tuple[str, str]]]:
    refs = wanted(plan)
    steps = needed_steps(plan, refs)
    return [((one, other), (steps[one].name, steps[other].name)) for one, other in exchanged(steps, refs)]
