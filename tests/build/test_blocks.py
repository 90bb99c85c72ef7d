"""Blocks in checking and building: each use with its own shapes, and the network a person would write."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from studio.build import summary
from studio.build.check import Checker
from studio.build.network import Network, Repeated, layer_modules
from studio.build.plan import Checked
from studio.project import block_edits
from studio.project.block import Argument, Block
from studio.project.graph import Edge, Endpoint, Graph, Node
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
    """A classifier with nodes in between; those that place a block have the ports x and y."""
    project = classifier(*between)
    placed = {one.name for one in between if one.type.startswith("block:")}
    edges = [
        Edge(
            replace(edge.source, port="y") if edge.source.node in placed else edge.source,
            replace(edge.target, port="x") if edge.target.node in placed else edge.target,
        )
        for edge in project.graph.edges
    ]
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


def test_costs_are_those_inside_times_the_repeats() -> None:
    checked = check(stages())
    assert summary.costs(checked.plan).items() <= checked.costs.items()
    once = checked.inside(("layer1",)).total
    assert checked.costs["layer1"].multiply_adds == 3 * once.multiply_adds
    assert checked.costs["layer1"].parameters == 3 * once.parameters
    shared = checked.inside(("layer2",)).total
    assert checked.costs["layer2"].multiply_adds == 2 * shared.multiply_adds
    assert checked.costs["layer2"].parameters == shared.parameters


def decoder() -> Block:
    """Two inputs, of which the memory goes into every repeat; the second layer differs by index."""
    return block(
        [
            node("x", "Input", place=0),
            node("memory", "Input", place=1),
            node("mix", "Linear", out_features="= 8 + 4 * index"),
            node("back", "Linear", out_features=8),
            node("look", "Linear", out_features=8),
            node("add", "Add"),
            node("y", "Output"),
        ],
        "x > mix",
        "mix > back",
        "memory > look",
        "back > add.inputs.0",
        "look > add.inputs.1",
        "add > y",
    )


def two_inputs(shared: bool = False, repeat: int = 3) -> Project:
    """Five values and eight of them go into the decoder."""
    made = decoder()
    if shared:
        made = replace(made, graph=made.graph.with_nodes(node("mix", "Linear", out_features=12)))
    project = classifier(
        node("wide", "Linear", out_features=8),
        node("use", "block:Decoder", repeat=repeat, shared=shared),
        field="rows",
    )
    wires = [
        *(edge for edge in project.graph.edges if "use" not in (edge.source.node, edge.target.node)),
        wire("wide > use.x"),
        wire("x > use.memory"),
        wire("use.y > flatten"),
    ]
    return replace(project, graph=Graph(project.graph.nodes, tuple(wires)), blocks={"Decoder": made})


class Layer(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.mix = nn.Linear(8, size)
        self.back = nn.Linear(size, 8)
        self.look = nn.Linear(5, 8)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        return self.back(self.mix(x)) + self.look(memory)


class Decoder(nn.Module):
    def __init__(self, shared: bool) -> None:
        super().__init__()
        self.wide = nn.Linear(5, 8)
        self.use = Layer(12) if shared else nn.ModuleList(Layer(8 + 4 * index) for index in range(3))
        self.fc = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        state = self.wide(x)
        for layer in [self.use] * 3 if isinstance(self.use, Layer) else self.use:
            state = layer(state, x)
        return self.fc(state)


@pytest.mark.parametrize("shared", [False, True])
def test_a_second_input_goes_into_every_repeat(shared: bool) -> None:
    checked = check(two_inputs(shared))
    assert checked.errors == ()
    torch.manual_seed(5)
    drawn = Network(checked.plan)
    torch.manual_seed(5)
    hand = Decoder(shared)
    assert list(drawn.state_dict()) == list(hand.state_dict())
    rows = torch.rand(4, 5)
    assert torch.equal(drawn(rows), hand(rows))
    assert isinstance(drawn.use, Repeated) is not shared
    assert checked.total.parameters == sum(one.numel() for one in hand.parameters())


def test_every_repeat_can_be_looked_into() -> None:
    checked = check(two_inputs())
    widths = [checked.inside((f"use.{k}",)).steps["mix"].kwargs["out_features"] for k in range(3)]
    assert widths == [8, 12, 16]
    assert checked.inside(("use",)).steps == checked.inside(("use.0",)).steps


def test_several_results_each_go_their_way() -> None:
    split = block(
        [
            node("x", "Input"),
            node("a", "Linear", out_features=3),
            node("b", "ReLU"),
            node("one", "Output"),
            node("two", "Output"),
        ],
        "x > a",
        "x > b",
        "a > one",
        "b > two",
    )
    project = classifier(node("use", "block:Split"), node("both", "Concat"), field="rows")
    wires = [
        wire(text)
        for text in (
            "x > use.x",
            "use.one > both.inputs.0",
            "use.two > both.inputs.1",
            "both > flatten",
            "flatten > fc",
            "fc > loss.prediction",
        )
    ]
    project = replace(project, graph=Graph(project.graph.nodes, tuple(wires)), blocks={"Split": split})
    checked = check(project)
    assert str(checked.types[Endpoint("both", "output")]) == "N×8"
    network, rows = Network(checked.plan), torch.rand(4, 5)
    use = network.get_submodule("use")
    parts = torch.cat([use.get_submodule("a")(rows), rows.relu()], 1)
    assert torch.equal(network(rows), network.get_submodule("fc")(parts))


def nested() -> Project:
    """Stages of residual blocks, the first of which is narrower."""
    stage = block(
        [
            node("x", "Input"),
            node("down", "Conv2d", out_channels="= size", stride=2, padding=1),
            node("rest", "block:Residual", width="= size", repeat="= depth"),
            node("y", "Output"),
        ],
        "x > down",
        "down > rest.x",
        "rest.y > y",
        size=4,
        depth=2,
    )
    return chain(
        node("stage1", "block:Stage"),
        node("stage2", "block:Stage", size=8, depth=3),
        blocks={"Residual": residual(), "Stage": stage},
    )


def test_blocks_nest() -> None:
    checked = check(nested())
    assert checked.problems == ()
    network = Network(checked.plan)
    keys = list(network.state_dict())
    assert "stage1.down.weight" in keys
    assert "stage2.rest.2.conv1.weight" in keys
    assert [path for path, _ in layer_modules(network)][:3] == [
        "stage1.down",
        "stage1.rest.0.conv1",
        "stage1.rest.0.norm",
    ]
    assert str(checked.inside(("stage2", "rest")).types[Endpoint("conv1", "output")]) == "N×16×2×2"
    twin = copy.deepcopy(network)
    image = torch.rand(3, 1, 8, 8)
    assert torch.equal(twin.eval()(image), network.eval()(image))


def test_made_and_unpacked_it_computes_the_same() -> None:
    flat = classifier(
        node("conv1", "Conv2d", out_channels=3),
        node("relu1", "ReLU"),
        node("conv2", "Conv2d", out_channels=2),
    )
    made, use = block_edits.make_block(flat, ["conv1", "relu1", "conv2"], "Body")
    back, _ = block_edits.unpack(made, use)
    image = torch.rand(3, 1, 8, 8)
    answers: list[Tensor] = []
    for project in (flat, made, back):
        torch.manual_seed(1)
        answers.append(Network(check(project).plan)(image))
    assert torch.equal(answers[0], answers[1])
    assert torch.equal(answers[0], answers[2])


def test_unpacking_everything_computes_the_same() -> None:
    project = nested()
    torch.manual_seed(2)
    wanted = Network(check(project).plan).eval()(torch.ones(3, 1, 8, 8))
    while placed := [one.name for one in project.graph.nodes.values() if one.type.startswith("block:")]:
        project, _ = block_edits.unpack(project, placed[0])
    checked = check(project)
    assert checked.errors == ()
    torch.manual_seed(2)
    assert torch.equal(Network(checked.plan).eval()(torch.ones(3, 1, 8, 8)), wanted)
