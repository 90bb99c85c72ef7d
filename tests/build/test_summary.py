"""Costs: parameters as torch counts them, multiply-adds as the formulas of the papers give them."""

from __future__ import annotations

import pytest

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.summary import costs
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value
from tests.build.drawings import FIELDS, draw, node, residual

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
