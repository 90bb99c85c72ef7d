"""The worked formulas come out as the network really is."""

from __future__ import annotations

import re

import pytest

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Step
from studio.build.worked import Line, worked
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project

IMAGE = {"x": Field("x", (3, 17, 12))}


def lines(type: str, **params: object) -> tuple[Step, dict[str, list[str]]]:
    """The worked lines of one layer on an image, by topic."""
    nodes = [Node("x", "Input", {"field": "x"}), Node("one", type, params), Node("out", "Output")]  # type: ignore[arg-type]
    edges = (
        Edge(Endpoint("x", "output"), Endpoint("one", "input")),
        Edge(Endpoint("one", "output"), Endpoint("out", "input")),
    )
    checked = Checker().check(Project(graph=Graph({node.name: node for node in nodes}, edges)), IMAGE)
    assert not checked.errors
    found: tuple[Line, ...] = worked(checked.steps["one"], checked.costs["one"])
    learned = sum(one.numel() for one in Network(checked.plan).parameters())
    topics: dict[str, list[str]] = {}
    for line in found:
        topics.setdefault(line.topic, []).append(line.text)
    if learned:
        assert re.search(rf"\b{learned:,}\b", topics["parameters"][-1])
    return checked.steps["one"], topics


def test_a_convolution() -> None:
    _, topics = lines("Conv2d", out_channels=8, kernel_size=3, stride=2, padding=1)
    assert topics == {
        "shapes": ["N×3×17×12 → N×8×9×6"],
        "sizes": ["H: ⌊(17 + 2·1 − 3) / 2⌋ + 1 = 9", "W: ⌊(12 + 2·1 − 3) / 2⌋ + 1 = 6"],
        "parameters": ["weight: 8×3×3×3 = 216", "bias: 8", "224 in all"],
        "multiply_adds": ["432 results × 27 products each = 11,664"],
        "memory": ["432 values of float32 = 1,728 bytes"],
    }


@pytest.mark.parametrize(
    ("type", "params"),
    [
        ("Conv2d", {"kernel_size": (5, 3), "dilation": 2, "stride": (2, 1)}),
        ("Conv2d", {"kernel_size": 4, "padding": "valid"}),
        ("MaxPool2d", {"kernel_size": 3, "ceil_mode": True, "stride": 2}),
        ("AvgPool2d", {"kernel_size": (2, 5), "padding": (1, 2)}),
    ],
)
def test_the_calculation_of_a_window_is_right(type: str, params: dict[str, object]) -> None:
    step, topics = lines(type, **params)
    sizes = [size for size in step.outputs[0].shape[2:] if isinstance(size, int)]
    for text, size in zip(topics["sizes"], sizes, strict=True):
        calculation, _, result = text.partition(": ")[2].rpartition(" = ")
        plain = calculation.translate(str.maketrans("·−", "*-"))
        down = re.sub(r"⌊(.*)⌋", r"math.floor(\1)", plain)
        up = re.sub(r"⌈(.*)⌉", r"math.ceil(\1)", down)
        assert eval(up, {"math": __import__("math")}) == int(result) == size


def test_what_learns_nothing_says_so() -> None:
    assert lines("ReLU")[1]["parameters"] == ["nothing to learn"]


def test_frozen_and_normalized_weights_are_told() -> None:
    _, topics = lines("Conv2d", out_channels=8, norm="weight_norm", freeze=True)
    assert topics["parameters"] == [
        "bias: 8",
        "parametrizations.weight.original0: 8×1×1×1 = 8",
        "parametrizations.weight.original1: 8×3×3×3 = 216",
        "232 in all",
        "232 of them frozen",
    ]
