"""The networks that training is measured on, each drawn and as the modules that a program would write."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.drawings import Sheet
from studio.places import shipped
from studio.project import storage
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project

LETTERS, PLACES, WIDTH, HEADS = 36, 64, 64, 4


def dense() -> nn.Module:
    """784-128-10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def convolutional() -> nn.Module:
    """Two convolutions, each with its max-pool, as the tutorials write them."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 10)),
    )


class Letters(nn.Module):
    """The sample char_transformer: two blocks of causal attention and a small network, norms first."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = nn.Embedding(LETTERS, WIDTH)
        self.places = nn.Parameter(0.02 * torch.randn(256, WIDTH))
        self.layers = nn.Sequential(*(Layer() for _ in range(2)))
        self.norm, self.scores = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS)

    def forward(self, text: Tensor) -> Tensor:
        """N×T letters to N×36×T scores."""
        found = self.layers(self.letters(text) + self.places[: text.shape[1]])
        return self.scores(self.norm(found)).transpose(1, 2)


class Layer(nn.Module):
    """Attention to what came before, then a small network; both add to what they were given."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.looks, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.network = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        """N×T×64 to the same."""
        count, length, _ = x.shape
        looks = self.looks(self.norm1(x)).view(count, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(*looks, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(count, length, WIDTH))
        return x + self.network(self.norm2(x))


class Basic(nn.Module):
    """Two 3×3 convolutions and what goes round them."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.skip: nn.Module = nn.Identity()
        if before != width:
            self.skip = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×width×H/stride×W/stride."""
        found = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        return functional.relu(found + self.skip(x))


def resnet18() -> nn.Module:
    """He et al. 2015, with ten classes, weights in channels_last."""
    stages = [
        Basic(before, width, 2 if at == 0 and width > 64 else 1)
        for first, width in pairwise((64, 64, 128, 256, 512))
        for at, before in enumerate((first, width))
    ]
    found = nn.Sequential(
        *(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)),
        *(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)),
    )
    return found.to(memory_format=torch.channels_last)


DENSE = (
    Node("flatten", "Flatten"),
    Node("hidden", "Linear", {"out_features": 128}),
    Node("relu", "ReLU"),
    Node("scores", "Linear", {"out_features": 10}),
)
CONVOLUTIONAL = (
    Node("conv1", "Conv2d", {"out_channels": 16, "padding": 1}),
    Node("relu1", "ReLU"),
    Node("pool1", "MaxPool2d"),
    Node("conv2", "Conv2d", {"out_channels": 32, "padding": 1}),
    Node("relu2", "ReLU"),
    Node("pool2", "MaxPool2d"),
    Node("flatten", "Flatten"),
    Node("scores", "Linear", {"out_features": 10}),
)


def drawn(*layers: Node) -> Project:
    """Layers one behind the other, from the field x to the classes y."""
    nodes = (Node("x", "Input", {"field": "x"}), *layers, Node("loss", "CrossEntropy", {"target": "y"}))
    edges = tuple(
        Edge(
            Endpoint(source.name, "output"),
            Endpoint(target.name, "prediction" if target.name == "loss" else "input"),
        )
        for source, target in pairwise(nodes)
    )
    return Project("benchmark", Graph({node.name: node for node in nodes}, edges))


def drawn_letters() -> Project:
    """The sample, on our own letters."""
    sample = storage.load(shipped("samples") / "char_transformer.loom")
    nodes = sample.graph.nodes
    text = Node("text", "Input", {**nodes["text"].params, "field": "x"})
    loss = Node("loss", "CrossEntropy", {"target": "y"})
    graph = sample.graph.with_nodes(text, loss)
    return Project("benchmark", graph, blocks=sample.blocks)


def drawn_resnet18() -> Project:
    """The same network as `resnet18`."""
    sheet = Sheet()
    x = sheet.add("x", "Input", field="x")
    x = sheet.add("stem", "Conv2d", x, out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    x = sheet.add("stem_relu", "ReLU", sheet.add("stem_norm", "BatchNorm2d", x))
    x = sheet.add("pool", "MaxPool2d", x, kernel_size=3, stride=2, padding=1)
    before = 64
    for width in (64, 128, 256, 512):
        for at in range(2):
            x = _basic(sheet, f"s{width}b{at}", x, before, width, 2 if at == 0 and width > 64 else 1)
            before = width
    x = sheet.add("scores", "Linear", sheet.add("flat", "Flatten", sheet.add("mean", "AdaptiveAvgPool2d", x)),
                  out_features=10)  # fmt: skip
    sheet.add("loss", "CrossEntropy", x, target="y")
    return Project("benchmark", Graph(sheet.nodes, tuple(sheet.edges)))


def _basic(sheet: Sheet, name: str, last: str, before: int, width: int, stride: int) -> str:
    x = last
    for part, step in enumerate((stride, 1)):
        x = sheet.add(
            *(f"{name}conv{part}", "Conv2d", x),
            out_channels=width,
            stride=step,
            padding=1,
            bias=False,
        )
        x = sheet.add(f"{name}norm{part}", "BatchNorm2d", x)
        x = sheet.add(f"{name}relu{part}", "ReLU", x) if not part else x
    skip = last
    if before != width:
        skip = sheet.add(
            *(f"{name}skip", "Conv2d", last),
            out_channels=width,
            kernel_size=1,
            stride=stride,
            bias=False,
        )
        skip = sheet.add(f"{name}skip_norm", "BatchNorm2d", skip)
    return sheet.add(f"{name}relu", "ReLU", sheet.add(f"{name}add", "Add", x, skip))
