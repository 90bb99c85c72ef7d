"""Blocks in checking and building: each use with its own shapes, and the network a person would write."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked
from studio.project.block import Argument, Block
from studio.project.graph import Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, node, wire


def block(nodes: list[Node], *wires: str, **arguments: Value) -> Block:
    """A block of nodes, wires and arguments."""
    graph = Graph({one.name: one for one in nodes}, tuple(map(wire, wires)))
    return Block(graph, tuple(Argument(name, default) for name, default in arguments.items()))


def residual(**arguments: Value) -> Block:
    """conv, norm and relu with a skip around them; `width` channels inside."""
    return block(
        [
            node("x", "Input"),
            node("conv1", "Conv2d", out_channels="= 2 * width", padding=1, bias=False),
            node("norm", "BatchNorm2d"),
            node("relu", "ReLU"),
            node("conv2", "Conv2d", out_channels="= width", padding=1),
            node("skip", "Add"),
            node("y", "Output"),
        ],
        "x > conv1",
        "conv1 > norm",
        "norm > relu",
        "relu > conv2",
        "conv2 > skip.inputs.0",
        "x > skip.inputs.1",
        "skip > y",
        **{"width": 4, **arguments},
    )


def chain(*between: Node, blocks: dict[str, Block]) -> Project:
    """A classifier with nodes in between whose ports are x and y where they place a block."""
    project = classifier(*between)
    placed = {one.name for one in between if one.type.startswith("block:")}
    edges = [
        wire(
            f"{edge.source.node}.{'y' if edge.source.node in placed else edge.source.port} > "
            f"{edge.target.node}.{'x' if edge.target.node in placed else edge.target.port}"
        )
        for edge in project.graph.edges
    ]
    from dataclasses import replace

    return replace(project, graph=Graph(project.graph.nodes, tuple(edges)), blocks=blocks)


def check(project: Project) -> Checked:
    return Checker().check(project, FIELDS)


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(2 * width)
        self.conv2 = nn.Conv2d(2 * width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.norm(self.conv1(x)).relu()) + x


class ByHand(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.layer1 = nn.Sequential(*(Residual(4) for _ in range(3)))
        self.wide = nn.Conv2d(4, 6, 3, padding=1, stride=2)
        self.layer2 = Residual(6)
        self.fc = nn.Linear(6 * 16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer1(self.stem(x))
        x = self.wide(x)
        x = self.layer2(self.layer2(x))
        return self.fc(x.flatten(1))


def stages() -> Project:
    return chain(
        node("stem", "Conv2d", out_channels=4, padding=1),
        node("layer1", "block:Residual", repeat=3),
        node("wide", "Conv2d", out_channels=6, padding=1, stride=2),
        node("layer2", "block:Residual", width=6, repeat=2, shared=True),
        blocks={"Residual": residual()},
    )


def test_the_network_equals_the_one_written_by_hand() -> None:
    checked = check(stages())
    assert checked.problems == ()
    torch.manual_seed(3)
    drawn = Network(checked.plan)
    torch.manual_seed(3)
    hand = ByHand()
    assert drawn.state_dict().keys() == hand.state_dict().keys()
    for (name, one), other in zip(drawn.state_dict().items(), hand.state_dict().values(), strict=True):
        assert torch.equal(one, other), name
    image = torch.rand(5, 1, 8, 8)
    assert torch.equal(drawn(image), hand(image))
    assert checked.total.parameters == sum(one.numel() for one in hand.parameters())


def test_each_use_has_its_own_shapes() -> None:
    checked = check(stages())
    assert str(checked.types[Endpoint("layer2", "y")]) == "N×6×4×4"
    assert str(checked.inside(("layer1",)).types[Endpoint("conv1", "output")]) == "N×8×8×8"
    assert str(checked.inside(("layer2",)).types[Endpoint("conv1", "output")]) == "N×12×4×4"
