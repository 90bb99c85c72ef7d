"""The exported class reads well, passes ruff, and is the network to the bit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.drawings import tower
from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.pytorch.source import class_name, export_pytorch, snippet, to_pytorch
from studio.project.graph import Endpoint
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, draw, node, residual

DIGITS = classifier(
    node("conv1", "Conv2d", out_channels=8, padding=1), node("relu1", "ReLU"), node("pool1", "MaxPool2d")
)

TEXT = '''"""cnn digits: a neural network in PyTorch, drawn with Neuroloom."""

from torch import Tensor, nn


class CnnDigits(nn.Module):
    """Trained with CrossEntropy (loss)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Run the network; x is (N, 1, 8, 8) float32."""
        conv1 = self.conv1(x)  # (N, 8, 8, 8)
        relu1 = self.relu1(conv1)  # (N, 8, 8, 8)
        pool1 = self.pool1(relu1)  # (N, 8, 4, 4)
        flatten = self.flatten(pool1)  # (N, 128)
        return self.fc(flatten)  # (N, 10)
'''


def plan_of(project: Project) -> Plan:
    checked = Checker().check(project, FIELDS)
    assert not checked.errors, checked.errors
    return checked.plan


def model_of(project: Project, plan: Plan, title: str = "Untitled") -> type[nn.Module]:
    space: dict[str, type[nn.Module]] = {}
    exec(compile(to_pytorch(project, plan), "model.py", "exec"), space)
    return space[title]


def sequence() -> Project:
    """Every form of call: nested results, lists, operators, templates, keywords, several outputs."""
    return draw(
        [
            node("image", "Input", field="image"),
            node("rows", "Reshape", shape=(8, 8)),
            node("lstm", "LSTM", num_layers=2),
            node("gru", "GRU", hidden_size=64),
            node("attention", "MultiheadAttention"),
            node("encoder", "TransformerEncoderLayer", dim_feedforward=48, dropout=0.0, activation="gelu"),
            node("turn", "Permute", dims=(0, 2, 1)),
            node("scores", "MatMul"),
            node("last", "Select", index=-1),
            node("mean", "Mean", dim=1),
            node("kept", "Mean", dim=1, keepdim=True),
            node("joined", "Concat"),
            node("total", "Add"),
            node("product", "Multiply"),
            node("a_head_with_a_very_long_name_indeed", "Linear", out_features=10),
            node("first", "Output"),
            node("second", "Output"),
        ],
        *["image > rows", "rows > lstm", "rows > gru", "lstm > attention.query", "gru > attention.key"],
        *["attention > encoder", "encoder > turn", "encoder > scores.input", "turn > scores.other"],
        *["encoder > last", "encoder > mean", "encoder > kept", "last > joined.inputs.0"],
        *[
            "mean > joined.inputs.1",
            "mean > total.inputs.0",
            "last > total.inputs.1",
            "last > total.inputs.2",
        ],
        *["total > product.inputs.0", "mean > product.inputs.1", "product > joined.inputs.2"],
        *["joined > a_head_with_a_very_long_name_indeed", "a_head_with_a_very_long_name_indeed > first"],
        "lstm.cell > second",
    )


DRAWINGS = {
    "residual": residual(),
    "sequence": sequence(),
    "tower": Project(graph=tower(60).graph),
    "digits": DIGITS,
}


def test_the_text_is_what_a_person_would_write() -> None:
    project = Project("cnn digits", DIGITS.graph)
    assert to_pytorch(project, plan_of(project)) == TEXT


@pytest.mark.parametrize("project", DRAWINGS.values(), ids=DRAWINGS)
def test_same_seed_same_weights_same_output(project: Project) -> None:
    plan = plan_of(project)
    model = model_of(project, plan)
    torch.manual_seed(1)
    network = Network(plan)
    torch.manual_seed(1)
    written = model()
    ours, theirs = network.state_dict(), written.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    image = torch.rand(4, 1, 8, 8)
    for training in (True, False):
        results = []
        for one in (network, written):
            torch.manual_seed(2)
            found = one.train(training)(image)
            results.append(found if isinstance(found, tuple) else (found,))
        assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    other = model()
    other.load_state_dict(ours, strict=True)


@pytest.mark.parametrize("project", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize(
    "settings", [["--isolated"], ["--isolated", "--select", "E,F,W,I,B,UP,C4,SIM,RET,ANN,D1"]]
)
def test_passes_ruff(project: Project, settings: list[str], tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    export_pytorch(project, plan_of(project), path)
    ruff = [sys.executable, "-m", "ruff"]
    extra = ["--ignore", "D107,E501"] if len(settings) > 1 else []
    linted = subprocess.run(
        [*ruff, "check", *settings, *extra, path], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout
    shaped = [*ruff, "format", "--isolated", "--diff", path]
    formatted = subprocess.run(shaped, capture_output=True, text=True, check=False)
    assert formatted.returncode == 0, formatted.stdout


def test_the_network_is_called_unlike_what_it_is_made_of() -> None:
    node_of_the_name = node("conv1", "SeparableConv2d", out_channels=8)
    project = replace(classifier(node_of_the_name), name="separable conv2d")
    space: dict = {}
    exec(compile(to_pytorch(project, plan_of(project)), "model.py", "exec"), space)
    assert space["SeparableConv2dNetwork"]()(torch.rand(2, 1, 8, 8)).shape == (2, 10)


def test_unused_results_have_no_name() -> None:
    text = to_pytorch(sequence(), plan_of(sequence()))
    assert "lstm, (_, lstm_cell) = self.lstm(rows)" in text
    assert "gru, _ = self.gru(rows)" in text
    assert "attention, _ = self.attention(lstm, gru, gru, need_weights=False)" in text
    assert "rows = image.reshape(image.shape[0], 8, 8)" in text
    assert "total = mean + last + last" in text
    assert "mean = encoder.mean(1)" in text
    assert "def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:" in text


def test_a_further_result_gives_way_to_a_node_of_its_name() -> None:
    project = draw(
        [
            node("image", "Input", field="image"),
            node("rows", "Reshape", shape=(8, 8)),
            node("lstm", "LSTM"),
            node("lstm_hidden", "ReLU"),
            node("mix", "Add"),
            node("out", "Output"),
        ],
        *["image > rows", "rows > lstm", "lstm.hidden > lstm_hidden", "lstm_hidden > mix.inputs.0"],
        *["lstm.hidden > mix.inputs.1", "mix > out"],
    )
    plan = plan_of(project)
    network = Network(plan)
    written = model_of(project, plan)()
    written.load_state_dict(network.state_dict())
    image = torch.rand(3, 1, 8, 8)
    assert torch.equal(network(image), written(image))


def test_the_line_of_a_layer() -> None:
    checked = Checker().check(sequence(), FIELDS)
    assert snippet(checked.steps["lstm"]) == "nn.LSTM(8, 64, num_layers=2, batch_first=True)"
    assert snippet(checked.steps["last"]) == "encoder[:, -1]"
    assert snippet(checked.steps["kept"]) == "encoder.mean(1, keepdim=True)"
    assert snippet(checked.steps["joined"]) == "torch.cat([last, mean, product], dim=1)"


def test_a_drawing_without_an_end_shows_its_last_layers() -> None:
    project = draw(
        [node("x", "Input", field="rows"), node("one", "Linear"), node("two", "ReLU"), node("three", "Tanh")],
        "x > one",
        "one > two",
        "one > three",
    )
    text = to_pytorch(project, plan_of(project))
    assert text.endswith("return three, two\n")
    compile(text, "model.py", "exec")


def test_nothing_drawn_is_still_a_module() -> None:
    assert to_pytorch(Project("x"), Plan()) == '"""x: no layer is drawn yet."""\n'


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("mlp_digits", "MlpDigits"),
        ("My first network!", "MyFirstNetwork"),
        ("3d", "Model3d"),
        ("数字", "Model"),
        ("tensor", "ModelTensor"),
        ("f", "ModelF"),
        ('"""\\', "Model"),
    ],
)
def test_any_title_gives_a_class(title: str, name: str) -> None:
    assert class_name(title) == name
    project = Project(title, DIGITS.graph)
    assert issubclass(model_of(project, plan_of(project), name), nn.Module)


def test_the_results_are_in_the_order_of_the_plan() -> None:
    plan = plan_of(sequence())
    assert list(plan.results.values()) == [
        Endpoint("a_head_with_a_very_long_name_indeed", "output"),
        Endpoint("lstm", "cell"),
    ]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot be written"):
        export_pytorch(DIGITS, plan_of(DIGITS), tmp_path / "missing" / "model.py")
