"""Costs: parameters as torch counts them, multiply-adds as the formulas of the papers give them."""

from __future__ import annotations

import pytest
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.sequence_costs import COUNTERS
from studio.build.summary import costs
from studio.catalog.registry import Layer, registry
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value
from tests.build.drawings import FIELDS, classifier, draw, node, residual
from tests.catalog.examples import batch_of, plan_of

SHAPES = {
    "image": Field("image", (3, 8, 8)),
    "rows": Field("rows", (5, 6)),
    "matrix": Field("matrix", (6, 7)),
}


def multiply_adds(type: str, fields: dict[str, str], **params: Value) -> int:
    inputs = [node(f"in_{port.replace('.', '_')}", "Input", field=field) for port, field in fields.items()]
    wires = [f"{one.name} > layer.{port}" for one, port in zip(inputs, fields, strict=True)]
    drawing = draw([*inputs, Node("layer", type, params), node("out", "Output")], *wires, "layer > out")
    checked = Checker().check(drawing, SHAPES)
    assert not checked.errors
    return checked.costs["layer"].multiply_adds


@pytest.mark.parametrize(
    ("type", "params", "field", "expected"),
    [
        ("Linear", {"out_features": 7}, "rows", 5 * 6 * 7),
        ("Conv2d", {"out_channels": 4, "padding": 1}, "image", 4 * 8 * 8 * 3 * 9),
        ("Conv2d", {"out_channels": 6, "kernel_size": (3, 1), "groups": 3}, "image", 6 * 6 * 8 * 3),
        ("Conv1d", {"out_channels": 4, "kernel_size": 3}, "rows", 4 * 4 * 5 * 3),
        ("ConvTranspose2d", {"out_channels": 4, "stride": 2}, "image", 3 * 64 * 9 * 4),
        ("LSTM", {"hidden_size": 4}, "rows", 5 * 4 * 4 * (6 + 4)),
        ("GRU", {"hidden_size": 4, "num_layers": 2}, "rows", 5 * 3 * 4 * ((6 + 4) + (4 + 4))),
        ("LSTM", {"hidden_size": 4, "bidirectional": True}, "rows", 2 * 5 * 4 * 4 * (6 + 4)),
        ("BatchNorm2d", {}, "image", 0),
        ("ReLU", {}, "image", 0),
    ],
)
def test_multiply_adds(type: str, params: dict[str, Value], field: str, expected: int) -> None:
    assert multiply_adds(type, {"input": field}, **params) == expected


def test_multiply_adds_of_attention() -> None:
    by_hand = 4 * 5 * 6 * 6 + 2 * 5 * 5 * 6
    assert multiply_adds("MultiheadAttention", {"query": "rows"}, num_heads=2) == by_hand
    layer = multiply_adds("TransformerEncoderLayer", {"input": "rows"}, nhead=2, dim_feedforward=16)
    assert layer == by_hand + 2 * 5 * 6 * 16
    assert multiply_adds("MatMul", {"input": "rows", "other": "matrix"}) == 5 * 6 * 7


def test_parameters_are_those_of_the_network() -> None:
    checked = Checker().check(residual(), FIELDS)
    network = Network(checked.plan)
    for name, module in network.named_children():
        assert checked.costs[name].parameters == sum(p.numel() for p in module.parameters()), name
    assert checked.total.parameters == sum(p.numel() for p in network.parameters())
    assert costs(checked.plan)["stem"] == checked.costs["stem"]


def test_memory_is_that_of_the_results() -> None:
    checked = Checker().check(residual(), FIELDS)
    assert checked.costs["stem"].memory == 8 * 8 * 8 * 4
    assert checked.costs["lstm"].memory == (8 * 6 + 2 * 2 * 6) * 4


COUNTED = tuple(
    layer
    for layer in registry().layers.values()
    if layer.category in ("Convolution", "Linear") or layer.type in ("PatchEmbedding", *COUNTERS)
)


@pytest.mark.parametrize("layer", COUNTED, ids=lambda layer: layer.type)
def test_multiply_adds_are_those_that_torch_counts(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = Network(plan).eval(), [batch_of(layer, 1)[step.field] for step in plan.model_inputs]
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        network.double()(*(one.double() for one in inputs))  # plain kernels, whose products it sees
    ours = costs(plan)["subject"].multiply_adds
    if layer.type == "Bilinear":  # torch's bilinear is no matrix product, and is not counted
        assert ours == 3 * 5 * 4
    else:
        assert 2 * ours == counter.get_total_flops() > 0


def test_frozen_parameters_are_counted_apart() -> None:
    checked = Checker().check(
        classifier(node("conv1", "Conv2d", out_channels=3, kernel_size=3, freeze=True)), FIELDS
    )
    assert (checked.costs["conv1"].parameters, checked.costs["conv1"].frozen) == (30, 30)
    assert checked.costs["fc"].frozen == 0
    assert checked.total.frozen == 30
