"""Source with a class for each block: as a person would write it, and the network to the bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.pytorch.formula import Formula
from studio.interchange.pytorch.source import snippet, to_pytorch
from studio.project.project import Project
from tests.build.drawings import FIELDS, node
from tests.interchange.block_drawings import (
    DRAWINGS,
    chained,
    conv,
    drawing,
)

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


def test_a_block_called_as_another_one_s_second_class() -> None:
    inner = chained(node("one", "block:Leaf", repeat="= count"), count=1)
    project = drawing(
        node("a", "block:Stage"),
        node("b", "block:Stage", overrides={"one.conv.bias": False}),
        node("c", "block:Stage2"),
        Stage=inner,
        Stage2=chained(node("act", "Tanh")),
        Leaf=chained(conv(out_channels=3)),
    )
    plan = plan_of(project)
    space: dict = {}
    exec(compile(to_pytorch(project, plan), "model.py", "exec"), space)
    model = space["Stages"]()
    model.load_state_dict(Network(plan).state_dict(), strict=True)
    assert model(torch.rand(2, 1, 8, 8)).shape == (2, 10)
