"""Source with a class for each block: as a person would write it, and the network to the bit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.pytorch_source import snippet, to_pytorch
from studio.interchange.source_formula import Formula
from studio.project.block import Argument, Block
from studio.project.graph import Graph, Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import FIELDS, node, wire

TEXT = '''"""stages: a neural network in PyTorch, drawn with Neuroloom."""

from torch import Tensor, nn


class Residual(nn.Module):
    """Two convolutions beside a skip."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4 * width, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 4 * width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Run the block; x is (N, 4 * width, H, W) float32."""
        conv1 = self.conv1(x)  # (N, width, H, W)
        norm = self.norm(conv1)  # (N, width, H, W)
        conv2 = self.conv2(norm)  # (N, 4 * width, H, W)
        return conv2 + x  # (N, 4 * width, H, W)


class Stage(nn.Module):
    """The block Stage."""

    def __init__(self, in_channels: int, width: int = 8, depth: int = 2) -> None:
        super().__init__()
        self.down = nn.Conv2d(in_channels, 4 * width, 2, stride=2)
        self.rest = nn.Sequential(*[Residual(width=width) for _ in range(depth)])

    def forward(self, x: Tensor) -> Tensor:
        """Run the block; x is (N, in_channels, H, W) float32."""
        down = self.down(x)  # (N, 4 * width, H/2, W/2)
        return self.rest(down)  # (N, 4 * width, H/2, W/2)


class Stages(nn.Module):
    """Trained with CrossEntropy (loss)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Stage(1, width=2)
        self.second = Stage(8, depth=3)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(128, 10)

    def forward(self, image: Tensor) -> Tensor:
        """Run the network; image is (N, 1, 8, 8) float32."""
        first = self.first(image)  # (N, 8, 4, 4)
        second = self.second(first)  # (N, 32, 2, 2)
        flatten = self.flatten(second)  # (N, 128)
        return self.fc(flatten)  # (N, 10)
'''


def block(nodes: list[Node], *wires: str, doc: str = "", **arguments: Value) -> Block:
    graph = Graph({one.name: one for one in nodes}, tuple(map(wire, wires)))
    return Block(graph, tuple(Argument(name, default) for name, default in arguments.items()), doc)


def chained(*nodes: Node, doc: str = "", **arguments: Value) -> Block:
    """A block of nodes in a row between its one input x and its one output y."""
    row = [node("x", "Input"), *nodes, node("y", "Output")]
    return block(row, *wires_of(row), doc=doc, **arguments)


def wires_of(row: list[Node]) -> list[str]:
    ends = [(f"{one.name}.y" if one.type.startswith("block:") else one.name) for one in row]
    starts = [(f"{one.name}.x" if one.type.startswith("block:") else one.name) for one in row]
    return [f"{end} > {start}" for end, start in zip(ends, starts[1:], strict=False)]


def drawing(*between: Node, **blocks: Block) -> Project:
    """A classifier of pictures with some nodes in a row."""
    row = [node("image", "Input", field="image"), *between, node("flatten", "Flatten")]
    row.append(node("fc", "Linear", out_features=10))
    graph = Graph(
        {one.name: one for one in [*row, node("loss", "CrossEntropy")]},
        tuple(map(wire, [*wires_of(row), "fc > loss.prediction"])),
    )
    return Project("stages", graph, blocks=blocks)


def residual() -> Block:
    return block(
        [
            node("x", "Input"),
            node("conv1", "Conv2d", out_channels="= width", kernel_size=1, bias=False),
            node("norm", "BatchNorm2d"),
            node("conv2", "Conv2d", out_channels="= 4 * width", padding=1),
            node("skip", "Add"),
            node("y", "Output"),
        ],
        *["x > conv1", "conv1 > norm", "norm > conv2", "conv2 > skip.inputs.0", "x > skip.inputs.1"],
        "skip > y",
        doc="Two convolutions beside a skip.",
        width=8,
    )


def stages() -> Project:
    stage = chained(
        node("down", "Conv2d", out_channels="= 4 * width", kernel_size=2, stride=2),
        node("rest", "block:Residual", width="= width", repeat="= depth"),
        width=8,
        depth=2,
    )
    return drawing(
        node("first", "block:Stage", width=2),
        node("second", "block:Stage", depth=3),
        Stage=stage,
        Residual=residual(),
    )


def conv(**params: Value) -> Node:
    return node("conv", "Conv2d", padding=1, **params)


def dense() -> Project:
    """Every turn adds channels, so that each has more than the one before."""
    layer = block(
        [node("x", "Input"), conv(out_channels="= growth"), node("both", "Concat"), node("y", "Output")],
        *["x > conv", "x > both.inputs.0", "conv > both.inputs.1", "both > y"],
        growth=4,
    )
    return drawing(node("a", "block:Dense", repeat=3), node("b", "block:Dense", growth=2), Dense=layer)


def memory(**use: Value) -> Project:
    """Two tensors go round, a third stays."""
    inside = block(
        [
            *[node("a", "Input", place=1), node("b", "Input", place=2), node("memory", "Input", place=3)],
            node("conv_a", "Conv2d", out_channels=2, padding=1),
            node("conv_b", "Conv2d", out_channels=2, padding=1),
            *[node("add", "Add"), node("out_a", "Output", place=1), node("out_b", "Output", place=2)],
        ],
        *["a > conv_a", "b > conv_b", "conv_a > add.inputs.0", "memory > add.inputs.1", "add > out_a"],
        "conv_b > out_b",
    )
    stems = [node(name, "Conv2d", out_channels=2) for name in ("one", "two", "three")]
    rest = [node("pair", "block:Pair", **use), node("sum", "Add"), node("flatten", "Flatten")]
    nodes = [node("image", "Input", field="image"), *stems, *rest, node("fc", "Linear", out_features=10)]
    wires = [
        *[
            "image > one",
            "image > two",
            "image > three",
            "one > pair.a",
            "two > pair.b",
            "three > pair.memory",
        ],
        *["pair.out_a > sum.inputs.0", "pair.out_b > sum.inputs.1", "sum > flatten", "flatten > fc"],
        "fc > loss.prediction",
    ]
    named = {one.name: one for one in [*nodes, node("loss", "CrossEntropy")]}
    return Project("stages", Graph(named, tuple(map(wire, wires))), blocks={"Pair": inside})


def numbered() -> Project:
    """A formula that reads the number of the turn, and the first turn with other channels."""
    inside = chained(conv(out_channels="= width"), node("drop", "Dropout", p="= 0.1 * (index + 1)"), width=4)
    outer = chained(node("all", "block:Inner", width="= 2 * width", repeat="= depth"), width=2, depth=3)
    return drawing(
        node("lone", "block:Inner", width=3),
        node("a", "block:Outer", repeat=2),
        node("b", "block:Outer", depth=4),
        Inner=inside,
        Outer=outer,
    )


def stored() -> Project:
    """Functions whose arguments are formulas: forward reads them from attributes."""
    inside = chained(
        node("rows", "Reshape", shape="= (heads, -1, 64 // heads)"),
        node("turn", "Permute", dims=(0, 2, 1, 3)),
        node("flat", "Reshape", shape="= shape"),
        node("mean", "Mean", dim="= axis", keepdim=True),
        heads=4,
        shape=(1, 8, 8),
        axis=2,
    )
    return drawing(node("a", "block:Rows"), node("b", "block:Cols"), Rows=inside, Cols=chained(conv()))


def overridden() -> Project:
    """Uses that set parameters inside, in a block's block too, and one whose node is muted."""
    inside = chained(
        conv(out_channels=4), node("drop", "Dropout", p=0.2), replace(node("act", "ReLU"), muted=True)
    )
    outer = chained(node("inner", "block:Inner"), node("act", "ReLU"))
    return drawing(
        node("a", "block:Inner", overrides={"conv.out_channels": 6, "drop.p": 0.5}),
        node("b", "block:Outer", overrides={"inner.conv.kernel_size": 5, "inner.conv.padding": 2}),
        node("c", "block:Outer"),
        Inner=inside, Outer=outer,
    )  # fmt: skip


def single() -> Project:
    """A repeat that is once 1 and once 2: the keys of the weights differ, and so do the classes."""
    outer = chained(node("all", "block:Inner", repeat="= depth"), depth=1)
    return drawing(
        node("a", "block:Outer"),
        node("b", "block:Outer", depth=2),
        Inner=chained(conv(out_channels=3)),
        Outer=outer,
    )


def halves() -> Project:
    """A division gives a whole number only where the code says so; a choice may hang on an argument."""
    inside = chained(
        conv(out_channels="= width / 2"),
        node("one", "Conv2d", out_channels="= 2 * round(width / 5)", padding="= 'same' if width > 4 else 1"),
        width=8,
    )
    return drawing(node("a", "block:Inner"), node("b", "block:Inner", width=4), Inner=inside)


def constants() -> Project:
    project = drawing(
        node("stem", "Conv2d", out_channels="= width", padding=1, init="normal", init_std="= 0.1 / width"),
        node("norm", "BatchNorm2d"),
        node("a", "block:Inner", width="= 2 * width"),
        Inner=chained(conv(out_channels="= width", init="normal", init_std="= 1 / sqrt(width)"), width=4),
    )
    return replace(project, constants={"width": 6, "unread": 1})


DRAWINGS = {
    "stages": stages(),
    "shared": drawing(
        node("a", "Conv2d", out_channels=8), node("b", "block:Residual", width=2, repeat=3, shared=True),
        Residual=residual(),
    ),
    "dense": dense(),
    "two tensors": memory(),
    "two tensors again": memory(repeat=3),
    "two tensors shared": memory(repeat=3, shared=True),
    "numbered": numbered(),
    "stored": stored(),
    "overridden": overridden(),
    "single": single(),
    "halves": halves(),
    "constants": constants(),
}  # fmt: skip


def plan_of(project: Project) -> Plan:
    checked = Checker().check(project, FIELDS)
    assert not checked.errors, checked.errors
    return checked.plan


def text_of(name: str) -> str:
    return to_pytorch(DRAWINGS[name], plan_of(DRAWINGS[name]))


def test_the_text_is_what_a_person_would_write() -> None:
    assert text_of("stages") == TEXT


@pytest.mark.parametrize("name", DRAWINGS)
def test_same_seed_same_weights_same_output(name: str) -> None:
    plan = plan_of(DRAWINGS[name])
    space: dict[str, type[nn.Module]] = {}
    exec(compile(text_of(name), "model.py", "exec"), space)
    torch.manual_seed(1)
    network = Network(plan)
    torch.manual_seed(1)
    written = space["Stages"]()
    ours, theirs = network.state_dict(), written.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    image = torch.rand(4, 1, 8, 8)
    for training in (True, False):
        torch.manual_seed(2)
        found = network.train(training)(image)
        torch.manual_seed(2)
        assert torch.equal(found, written.train(training)(image))
    space["Stages"]().load_state_dict(ours, strict=True)


@pytest.mark.parametrize("name", DRAWINGS)
def test_passes_ruff(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(text_of(name))
    wanted = ["--isolated", "--select", "E,F,W,I,B,UP,C4,SIM,RET,ANN,D1", "--ignore", "D107,E501"]
    for command in (["check", *wanted], ["format", "--isolated", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("shared", ["self.b = Residual(width=2)", "for _ in range(3):", "b = self.b(b)  # (N, 8, 6, 6)"]),
        ("dense", ["self.a = nn.Sequential(Dense(1), Dense(5), Dense(9))", "self.b = Dense(13, growth=2)"]),
        ("two tensors", ["pair, pair_out_b = self.pair(one, two, three)"]),
        (
            "two tensors again",
            [
                "self.pair = nn.ModuleList([Pair() for _ in range(3)])",
                "pair, pair_out_b = one, two",
                "for block in self.pair:",
                "pair, pair_out_b = block(pair, pair_out_b, three)",
            ],
        ),
        (
            "two tensors shared",
            ["self.pair = Pair()", "pair, pair_out_b = self.pair(pair, pair_out_b, three)"],
        ),
        (
            "numbered",
            [
                "def __init__(self, in_channels: int, index: int, width: int = 4) -> None:",
                "self.drop = nn.Dropout(p=0.1 * (index + 1))",
                "self.lone = Inner(1, index=0, width=3)",
                "self.a = nn.Sequential(Outer(3), Outer(4))",
                "self.b = Outer(4, depth=4)",
                "Inner(in_channels, index=0, width=2 * width),",
                "Inner(2 * width, index=index, width=2 * width)",
                "for index in range(1, depth)",
            ],
        ),
        (
            "stored",
            [
                "self.axis = axis",
                "x.reshape(x.shape[0], self.heads, -1, 64 // self.heads)",
                ".reshape(turn.shape[0], *self.shape)",
                ".mean(self.axis, keepdim=True)",
            ],
        ),
        (
            "overridden",
            [
                "self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding)",
                "self.drop = nn.Dropout(p=p)",
                "self, in_channels: int, kernel_size: int = 3, padding: int = 1",
                "self.a = Inner(1, out_channels=6, p=0.5)",
                "self.inner = Inner(in_channels, kernel_size=kernel_size, padding=padding)",
                "self.c = Outer(4)",
            ],
        ),
        ("single", ["class Outer2(nn.Module):", "self.all = Inner(1)", "self.a = Outer()", "depth=2"]),
        (
            "halves",
            [
                "self.conv = nn.Conv2d(in_channels, width // 2, 3, padding=1)",
                'width // 2, 2 * round(width / 5), 3, padding="same" if width > 4 else 1',
            ],
        ),
        (
            "constants",
            [
                "def __init__(self, width: int = 6) -> None:",
                "self.stem = nn.Conv2d(1, width, 3, padding=1)",
                "self.norm = nn.BatchNorm2d(width)",
                "nn.init.normal_(self.stem.weight, std=0.1 / width)",
                "self.a = Inner(width=2 * width)",
                "nn.init.normal_(self.conv.weight, std=1 / math.sqrt(width))",
            ],
        ),
    ],
)
def test_what_differs_between_uses_is_given(name: str, lines: list[str]) -> None:
    text = text_of(name)
    for line in lines:
        assert line in text, text


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("4*width", "4 * width"),
        ("2 ** depth", "2**depth"),
        ("(a + 1) ** 2", "(a + 1) ** 2"),
        ("ceil(a / 8) * 8", "math.ceil(a / 8) * 8"),
        ("'same' if a else \"valid\"", '"same" if a else "valid"'),
        ("(a, b // 2)", "(a, b // 2)"),
        ("-a if not b else sizes[0]", "-a if not b else sizes[0]"),
    ],
)
def test_a_formula_as_python(formula: str, code: str) -> None:
    assert Formula(formula).code().text == code


@pytest.mark.parametrize(
    ("formula", "less"), [("depth", "depth - 1"), ("depth - 1", "depth - 2"), ("depth + 1", "depth")]
)
def test_the_turns_after_the_first(formula: str, less: str) -> None:
    assert Formula(formula).less_one().text == less


def test_the_line_of_a_block() -> None:
    steps = Checker().check(DRAWINGS["shared"], FIELDS).steps
    assert snippet(steps["b"]) == "Residual(width=2)"
    steps = Checker().check(DRAWINGS["dense"], FIELDS).steps
    assert snippet(steps["a"]) == "nn.Sequential(*[Dense() for _ in range(3)])"
    assert snippet(steps["b"]) == "Dense(growth=2)"


def test_a_block_that_is_called_as_the_network() -> None:
    project = drawing(node("a", "block:Stages"), Stages=chained(conv(out_channels=3)))
    text = to_pytorch(project, plan_of(project))
    assert "class Stages1(nn.Module):" in text
    assert "self.a = Stages1()" in text
