"""Pieces of PyTorch code as nodes: what people copy from scripts and notebooks, and what cannot be read."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from studio.build import calls
from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.registry import Layer, registry
from studio.errors import StudioError
from studio.interchange.pasted.pieces import read_code
from studio.interchange.pytorch.text import constructor
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Endpoint, Graph
from studio.project.project import Project

MODULES = [
    layer
    for layer in registry().layers.values()
    if layer.is_module and str(layer.target).startswith("torch.nn.")
]


def read(text: str, names: tuple[str, ...] = ()) -> Graph:
    return read_code(text, registry(), names)


def told(text: str) -> str:
    with pytest.raises(StudioError) as error:
        read(text)
    return f"{error.value.message} {error.value.hint}"


def in_order(graph: Graph) -> list[str]:
    """The nodes as the wires lead, each with its type."""
    nodes = sorted(graph.nodes.values(), key=lambda node: node.position)
    wires = {(edge.source.node, edge.target.node) for edge in graph.edges}
    assert wires == set(pairwise(node.name for node in nodes))
    return [f"{node.name}: {node.type}" for node in nodes]


def test_a_sequential_is_a_row_of_nodes_wired_one_after_another() -> None:
    graph = read(
        "nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Flatten(), nn.LazyLinear(10))"
    )
    assert in_order(graph) == [
        "conv: Conv2d", "relu: ReLU", "max_pool: MaxPool2d", "flatten: Flatten", "linear: Linear",
    ]  # fmt: skip
    assert graph.nodes["conv"].params == {"out_channels": 16, "padding": 1}
    assert graph.nodes["linear"].params == {"out_features": 10}


def test_lines_of_a_class_keep_their_names_though_cut_out_of_the_middle() -> None:
    graph = read(
        """self.conv1 = nn.Conv2d(3, 16, kernel_size=(3, 5))
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)"""
    )
    assert in_order(graph) == ["conv1: Conv2d", "pool: MaxPool2d", "fc1: Linear"]
    assert graph.nodes["conv1"].params["kernel_size"] == (3, 5)


def test_a_class_with_names_tables_and_rows_within_rows() -> None:
    graph = read(
        '''
import torch.nn as nn
from torch.nn import Linear as Dense
from collections import OrderedDict

class Net(nn.Module):
    """A network."""

    def __init__(self):
        super().__init__()
        width = 64
        self.body = nn.Sequential(
            OrderedDict([("first", Dense(10, 2 * width)), ("act", nn.GELU(approximate="tanh"))]),
            nn.ModuleList([nn.Dropout(0.25), nn.BatchNorm1d(width)]),
        )
        self.head = torch.nn.Linear(width, 5)
'''
    )
    assert in_order(graph) == [
        "first: Linear", "act: GELU", "dropout: Dropout", "batch_norm: BatchNorm1d", "head: Linear",
    ]  # fmt: skip
    assert graph.nodes["first"].params == {"out_features": 128}
    assert graph.nodes["dropout"].params == {"p": 0.25}


@pytest.mark.parametrize(
    "text",
    [
        "Conv2d(3, 16, 3)",
        "nn.Conv2d(3, 16, 3),",
        "    nn.Conv2d(3, 16, 3),\n",
        "x = torch.nn.Conv2d(in_channels, 16, kernel_size=3, device=device)",
        "[nn.LazyConv2d(16, 3)]",
    ],
)
def test_one_layer_in_all_the_ways_that_it_is_written(text: str) -> None:
    (node,) = read(text).nodes.values()
    assert (node.type, dict(node.params)) == ("Conv2d", {"out_channels": 16})


def test_an_activation_may_be_named_as_a_function() -> None:
    assert in_order(read("nn.Sequential(nn.Linear(2, 3), F.leaky_relu)")) == [
        "linear: Linear", "leaky_relu: LeakyReLU",
    ]  # fmt: skip


def test_sizes_that_are_read_off_the_input_set_the_options_that_make_them() -> None:
    graph = read("nn.LayerNorm((4, 6)), nn.PReLU(6), nn.PReLU()")
    assert [dict(node.params) for node in graph.nodes.values()] == [
        {"dims": 2}, {"per_channel": True}, {},
    ]  # fmt: skip


def test_names_that_formulas_can_read_stay_formulas() -> None:
    (node,) = read("nn.Linear(8, 2 * width)", ("width",)).nodes.values()
    assert node.params == {"out_features": "= 2 * width"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nn.ReLU()\nnn.Cov2d(3, 16, 3)", ("Line 2", "nn.Cov2d is no layer", "Did you mean Conv2d?")),
        ("nn.Conv2d(3, 16)", ("Line 1", "Conv2d needs kernel_size")),
        ("nn.Conv2d(3, 16, 3, colour=2)", ("no argument colour", "padding_mode")),
        ("nn.Conv2d(3, 16, 3, padding='full')", ("padding takes", "'full'")),
        ("nn.Linear(8, width)", ("the text does not say what width is", "paste the line width = …")),
        ("nn.Linear(8, 2 // 0)", ("Line 1", "2 // 0")),
        ("nn.Linear(8, 4, dtype=torch.float64)", ("dtype of Linear cannot be drawn",)),
        ("for i in range(3):\n    nn.Linear(8, 8)", ("a loop is not read",)),
        ("nn.Sequential(*[nn.Linear(8, 8) for _ in range(3)])", ("one after another",)),
        ("nn.Sequential(nn.ReLU(", ("no Python that can be read",)),
        ("__import__('os').system('true')", ("is no layer",)),
        ("self.n = 3", ("makes no layer",)),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, said: tuple[str, ...]) -> None:
    message = told(text)
    assert all(part in message for part in said), message


def test_the_text_is_never_run(tmp_path) -> None:
    trap = tmp_path / "ran"
    told(f"nn.Linear(4, open({str(trap)!r}, 'w').write('x'))")
    assert not trap.exists()


@pytest.mark.parametrize("layer", MODULES, ids=lambda layer: layer.type)
def test_every_module_comes_back_from_the_code_that_is_exported_for_it(layer: Layer) -> None:
    assert layer.example is not None
    given = dict(layer.example.params)
    node_layer = layer.adapt(layer.values(given)) if layer.adapt else layer
    values = node_layer.values(given)
    kwargs: dict[str, Any] = {param.name: values[param.name] for param in node_layer.params}
    shapes = dict(layer.example.inputs)
    kwargs |= {name: read_off(shapes) for name, read_off in node_layer.derived.items()}
    text = constructor(node_layer, kwargs)
    (node,) = read(text).nodes.values()
    back = registry().layer_of(node)
    assert back is not None
    again = back.values(node.params)
    made = {param.name: again[param.name] for param in back.params}
    made |= {name: read_off(shapes) for name, read_off in back.derived.items()}
    assert (back.target, made) == (node_layer.target, kwargs), text
    assert repr(calls.make(back, made)) == repr(calls.make(node_layer, kwargs))


NET = """
class Net(nn.Module):
    def __init__(self, width=16, classes=10):
        super().__init__()
        self.width = width
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.conv2 = nn.Conv2d(self.width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(2)
        self.body = nn.Sequential(nn.Linear(width * 14 * 14, 32), nn.Tanh())
        self.head = nn.Linear(32, classes)

    def forward(self, x):
        '''Two convolutions, the second around a shortcut.'''
        x = F.relu(self.conv1(x))
        y = self.norm(self.conv2(x))
        y += x
        y = self.pool(F.leaky_relu(y, 0.2))
        return F.log_softmax(self.head(self.body(y.flatten(1))), dim=1)
"""


def test_forward_wires_the_layers_as_it_calls_them_and_computes_the_same() -> None:
    graph = read(NET)
    wires = {f"{edge.source.node}>{edge.target.node}" for edge in graph.edges}
    assert {"conv1>relu", "relu>conv2", "relu>add", "norm>add", "add>leaky_relu", "tanh>head"} <= wires
    space: dict[str, Any] = {"nn": nn, "F": functional, "torch": torch}
    exec(compile(NET, "net.py", "exec"), space)
    theirs = space["Net"]().eval()
    project = Project(graph=graph)
    project, _ = edits.add_node(project, "Input", (-200, 0), {"field": "image"}, "image")
    project, _ = edits.add_node(project, "Output", (9000, 0), {}, "out")
    project = edits.connect(project, Endpoint("image", "output"), Endpoint("conv1", "input"))
    project = edits.connect(project, Endpoint("log_softmax", "output"), Endpoint("out", "input"))
    fields = {"image": Field("image", (1, 28, 28), picture=True)}
    ours = Network(Checker().check(project, fields).plan).eval()
    weights = {key.replace("body.0", "linear"): value for key, value in theirs.state_dict().items()}
    ours.load_state_dict(weights)
    image = torch.rand(3, 1, 28, 28)
    torch.testing.assert_close(ours(image), theirs(image))


def test_states_and_picked_parts_are_wired_too() -> None:
    graph = read(
        """
lstm = nn.LSTM(10, 20, batch_first=True)
out, (hidden, cell) = lstm(x)
last = out[:, -1]
both = torch.stack([last, hidden[0]])
"""
    )
    ends = {f"{e.source.node}.{e.source.port}>{e.target.node}.{e.target.index}" for e in graph.edges}
    assert {"lstm.output>select.0", "lstm.hidden>select1.0"} <= ends
    assert {"select.output>stack.0", "select1.output>stack.1"} <= ends
    assert dict(graph.nodes["select1"].params) == {"dim": 0, "index": 0}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("y = fc(fc(x))", "fc is called twice with the same weights"),
        ("y = fc(x) * 2", "Line 2: fc(x) * 2 is not read"),
        ("y = fc(x[1:3])", "x[1:3] is not read"),
        ("y = torch.fft.fft(fc(x))", "is nothing that Neuroloom can draw"),
        ("y = fc(x).view(x.size(0), n, 4)", "the text does not say what n is"),
        ("fc(x) if x else y", "is not read"),
    ],
)
def test_what_forward_does_and_cannot_be_drawn_is_told(lines: str, said: str) -> None:
    assert said in told(f"fc = nn.Linear(8, 8)\n{lines}")


class Printed(nn.Module):
    """Is printed in the test below."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding="same")
        self.features = nn.Sequential(nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(8, 3))


def test_a_printed_network_is_read_too() -> None:
    graph = read(str(Printed()))
    assert in_order(graph) == [
        "conv1: Conv2d", "batch_norm: BatchNorm2d", "relu: ReLU", "max_pool: MaxPool2d", "flatten: Flatten",
        "dropout: Dropout", "linear: Linear",
    ]  # fmt: skip
    assert graph.nodes["conv1"].params["padding"] == "same"
    assert in_order(read(str(nn.Sequential(nn.Linear(2, 3), nn.Tanh())))) == ["linear: Linear", "tanh: Tanh"]
