"""Networks by what one writes: found, run, drawn, and written with their weights; or told why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.build.check import Checker
from studio.build.network import Network
from studio.cli.entry import main
from studio.errors import StudioError
from studio.interchange.foreign.shapes import InputShape, read_input
from studio.project.storage import load

CODE = """
import os
import torch
from torch import nn

HALF = 0.5
print("loading")


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x)) + x


class Net(nn.Module):
    def __init__(self, width=8, depth=3):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 1)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])

    def forward(self, x):
        return self.blocks(self.stem(x)).mean((2, 3))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, ids, weight):
        return self.head(self.table(ids) * weight)


def build(width, depth=2):
    return Net(width, depth)


def no_luck():
    raise ValueError("no luck today")


def no_module():
    return 3


def unnamed():
    raise ModuleNotFoundError("some part is missing")


def leaves():
    import sys

    sys.exit(4)


def meddles():
    net = Net()
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    os.chdir("/")
    os.environ["OMP_NUM_THREADS"] = "77"
    return net


class Odd(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.width = width
        self.scale = nn.Parameter(torch.full((width,), 2.0))

    def forward(self, x):
        return torch.special.bessel_j0(x) * self.scale * HALF


class Odds(nn.Module):
    def __init__(self):
        super().__init__()
        self.odds = nn.Sequential(Odd(6), Odd(6))

    def forward(self, x):
        return self.odds(x)


class Settings:
    def __init__(self, width):
        self.width = width

    def to_diff_dict(self):
        return {"width": self.width}

    @classmethod
    def from_dict(cls, values):
        return cls(**values)


class Chosen(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.settings, self.head = settings, nn.Linear(settings.width, settings.width)

    def forward(self, x):
        return torch.stack([self.head(one) if float(one[0]) > 0 else one * HALF for one in x])


class Choices(nn.Module):
    def __init__(self):
        super().__init__()
        self.last, self.chosen = nn.Linear(6, 2), Chosen(Settings(6))

    def forward(self, x):
        return self.last(self.chosen(x))


class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.calls = nn.Linear(4, 2), 0

    def forward(self, x):
        self.calls += 1
        y = self.head(x)
        return {"scores": y, "more": (y.mean(), x.shape[1], "four"), "none": None}


ready = Words()
"""
PICTURE = "1x3x8x8"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "apart.py").write_text("import nowhere_to_be_found\n")
    (tmp_path / "broken.py").write_text("import torch\n\ndef build(:\n    pass\n")
    classes = "class One(nn.Identity): pass\nclass Other(nn.Identity): pass\n"
    (tmp_path / "several.py").write_text(f"from torch import nn\n{classes}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("mine", "apart", "broken", "several"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def brought(*words: str) -> int:
    return main(["import", *words, "-o", "out.loom"])


def test_a_function_of_a_file_becomes_a_project_with_its_weights(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought("mine.py:build", "--arg", "width=4", "--input", PICTURE) == 0
    said = capsys.readouterr()
    assert "Running the code of mine.py:build" in said.err
    assert "When it was loaded it printed: loading" in said.err
    assert "largest difference from the original on new inputs: 0.0e+00" in said.out
    project = load(folder / "out.loom")
    assert project.graph.nodes["blocks"].params["repeat"] == 2
    assert project.training.options["weights"] == "out.safetensors"
    network = Network(Checker().check(project, {}).plan)
    network.load_state_dict(load_file(folder / "out.safetensors"), strict=True)
    assert network(torch.randn(3, 3, 8, 8)).shape == (3, 4)
    places = [node.position for node in project.graph.nodes.values()]
    assert len(set(places)) == len(places)


def test_scripted_functions_are_read_as_the_python_that_they_were(tmp_path: Path) -> None:
    (tmp_path / "scripted.py").write_text(
        "import torch\nfrom torch import nn\n\n\n@torch.jit.script\n"
        "def swish(x: torch.Tensor) -> torch.Tensor:\n    return x * x.sigmoid()\n\n\n"
        "class Net(nn.Module):\n    def forward(self, x):\n        return swish(x)\n"
    )
    words = ("import", "scripted.py:Net", "--input", "2x5", "-o", "out.loom")
    command = [sys.executable, "-m", "studio", *words]
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    kinds = [node.type for node in load(tmp_path / "out.loom").graph.nodes.values()]
    assert sorted(kinds) == ["Input", "Multiply", "Output", "Sigmoid"]


def test_a_module_that_is_made_already_takes_inputs_by_name(folder: Path) -> None:
    inputs = ("--input", "weight=2x5x4", "--input", "ids=2x5:int64")
    assert brought("mine:ready", *inputs, "--name", "talk") == 0
    project = load(folder / "out.loom")
    assert project.name == "talk"
    kinds = {name: node.params["dtype"] for name, node in project.graph.nodes.items() if node.type == "Input"}
    assert kinds == {"ids": "int64", "weight": "float32"}


def test_what_cannot_be_read_of_a_file_keeps_its_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought("mine.py:Odds", "--input", "2x6") == 0
    said = capsys.readouterr().err
    assert said.count("mine.Odd could not be read") == 1
    project = load(folder / "out.loom")
    odds = [node for node in project.graph.nodes.values() if node.type == "PythonLayer"]
    assert all(node.name in said for node in odds)
    odd, _ = odds
    assert odd.params["width"] == 6
    assert str(odd.params["source"]).endswith("* self.scale * HALF\n")
    assert main(["check", "out.loom"]) == 0


def test_what_is_made_with_an_object_of_a_file_keeps_its_text(folder: Path) -> None:
    assert brought("mine.py:Choices", "--input", "2x6") == 0
    project = load(folder / "out.loom")
    (chosen,) = [node for node in project.graph.nodes.values() if node.type == "PythonLayer"]
    source = str(chosen.params["source"])
    assert "import Chosen" not in source
    assert "settings=Settings.from_dict({'width': 6})" in source
    assert main(["check", "out.loom"]) == 0


def test_each_step_and_the_report_are_json_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought("mine.py:Net", "--input", PICTURE, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(line) for line in lines[:-1]] == [["step"]] * (len(lines) - 1)
    report = lines[-1]["done"]
    assert report["blocks"] == {"Block": 5}
    assert (report["drawn"], report["nodes"], report["largest_difference"]) == (13, 5, 0.0)
    assert brought("mine.py:no_luck", "--input", PICTURE, "--json", "--force") == 3
    assert "no luck today" in json.loads(capsys.readouterr().out.splitlines()[-1])["failed"]


BAD = {
    "file": ("gone.py:Net", PICTURE, "gone.py: there is no such file"),
    "module": ("gone.away:Net", PICTURE, "There is no module gone"),
    "nothing": ("mine", PICTURE, "'mine' names no callable"),
    "callable": ("mine.py:Nets", PICTURE, "Did you mean Net?"),
    "which": ("several.py", PICTURE, "Write several.py:name with one of: One, Other"),
    "syntax": ("broken.py:build", PICTURE, "broken.py, line 3: "),
    "needs": (
        "apart.py:build",
        PICTURE,
        "it needs nowhere_to_be_found, which is not installed (apart.py, line 1)",
    ),
    "raises": ("mine.py:no_luck", PICTURE, "ValueError: no luck today (mine.py, line 44, in no_luck)"),
    "needs what": ("mine.py:unnamed", PICTURE, "ModuleNotFoundError: some part is missing (mine.py"),
    "leaves": ("mine.py:leaves", PICTURE, "it ended the program with sys.exit(4) (mine.py"),
    "no module": ("mine.py:no_module", PICTURE, "gave no torch.nn.Module but an int"),
    "arguments": ("mine.py:build", PICTURE, "Give them: --arg width=…"),
    "no input": ("mine.py:Net", "", "What does mine.py:Net take?"),
    "other sizes": ("mine.py:Net", "1x4x8x8", "mine.py, line 26, in forward"),
    "other inputs": ("mine.py:Words", "2x5:int64", "does not take these inputs"),
    "package": ("timm:resnet18", "", "timm is not installed"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_imported_is_told_in_a_sentence_and_writes_nothing(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, inputs, told = BAD[name]
    if name == "package":
        monkeypatch.setattr("studio.interchange.foreign.libraries.find_spec", lambda _: None)
    before = sorted(folder.glob("*.*"))
    assert brought(source, *(["--input", inputs] if inputs else [])) == 3
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
    assert sorted(one for one in folder.glob("*.*") if one.name != "__pycache__") == before


@pytest.mark.parametrize(
    ("text", "told"),
    [("abc", "describes no input"), ("1x3:int12", "there is no type int12"), ("1x0x3", "a size is 0")],
)
def test_sizes_that_are_none_are_wrong_usage(
    folder: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought("mine.py:Net", "--input", text) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("arg", ["width", "4=width"])
def test_arguments_have_a_name_and_a_value(
    folder: Path, arg: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought("mine.py:Net", "--arg", arg) == 2
    assert "expected NAME=VALUE" in capsys.readouterr().err


def test_inputs_are_written_as_one_says_them() -> None:
    assert read_input(" ids = 1×16:int64 ") == InputShape("ids", (1, 16), "int64")
    assert read_input("1, 3, 8") == InputShape("", (1, 3, 8))
    with pytest.raises(StudioError, match="more than"):
        read_input("99999x99999")


def test_files_that_are_there_stay_unless_one_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out.safetensors").write_text("mine")
    assert brought("mine.py:Net", "--input", PICTURE) == 3
    assert "out.safetensors is there already" in capsys.readouterr().err
    assert (folder / "out.safetensors").read_text() == "mine"
    assert brought("mine.py:Net", "--input", PICTURE, "--force") == 0


def test_what_a_module_changes_for_all_is_as_before(folder: Path) -> None:
    before = os.environ.get("OMP_NUM_THREADS")
    assert brought("mine.py:meddles", "--input", PICTURE) == 0
    assert (Path.cwd(), os.environ.get("OMP_NUM_THREADS")) == (folder, before)
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


def test_nothing_is_left_where_the_project_cannot_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out.loom").mkdir()
    assert brought("mine.py:Net", "--input", PICTURE, "--force") == 3
    assert "cannot be saved" in capsys.readouterr().err
    assert not (folder / "out.safetensors").exists()


def test_results_that_are_no_tensors_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought("mine.py:Counted", "--input", "2x4") == 0
    said = capsys.readouterr()
    told = "result['more'][1] (int), result['more'][2] (str): results that are no tensors are left out."
    assert told in said.out + said.err
    project = load(folder / "out.loom")
    assert [node.type for node in project.graph.nodes.values()].count("Output") == 2
