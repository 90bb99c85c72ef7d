"""check, show and export."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from studio.places import shipped
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.storage import load, save
from tests.cli.conftest import Call
from tests.train.test_blocks import with_blocks

SAMPLES = shipped("samples")


def test_a_sound_project(call: Call):
    answer = call("check", SAMPLES / "mlp_digits.loom")
    assert (answer.code, answer.out, answer.err) == (0, "mlp_digits: no problems in 7 nodes\n", "")


def test_problems_as_json(call: Call, tmp_path: Path):
    project = edits.set_params(load(SAMPLES / "mlp_digits.loom"), "scores", {"out_features": 9})
    save(project, tmp_path / "nine.loom")
    answer = call("check", tmp_path / "nine.loom", "--json")
    assert answer.code == 1
    (problem,) = json.loads(answer.out)["problems"]
    assert problem["node"] == "loss"
    assert problem["severity"] == "error"
    assert problem["message"] == "loss: label has 10 classes; the prediction has 9 outputs"
    assert problem["hint"]
    assert problem["fixes"]


def test_a_wrong_shape_is_told_with_its_way_and_the_fixes_that_mend(call: Call, tmp_path: Path):
    project = edits.set_params(load(SAMPLES / "cnn_digits.loom"), "pool", {"kernel_size": 9})
    save(project, tmp_path / "nine.loom")
    answer = call("check", tmp_path / "nine.loom")
    lines = answer.err.splitlines()
    assert lines[0] == "error: pool: a window of 9×9 does not fit into 8×8"
    assert lines[2].strip() == "image: 1×8×8"
    assert lines[-1].startswith("    fix: ")
    assert "      relu2 (ReLU): 64×8×8" in lines
    (problem,) = json.loads(call("check", tmp_path / "nine.loom", "--json").out)["problems"]
    assert problem["trace"][-1] == "relu2 (ReLU): 64×8×8"
    assert [f"    fix: {label}" for label in problem["fixes"]] == lines[-len(problem["fixes"]) :]


def test_show_is_a_table_in_the_order_of_the_network(call: Call):
    answer = call("show", SAMPLES / "mlp_digits.loom")
    lines = [line.split() for line in answer.out.splitlines()]
    assert answer.code == 0
    assert lines[0] == ["node", "type", "output", "parameters", "multiply-adds"]
    assert lines[2] == ["image", "Input", "N×1×8×8", "0", "0"]
    assert lines[4] == ["hidden", "Linear", "N×128", "8,320", "8,192"]
    assert lines[-1] == ["total", "9,610", "9,472"]
    assert [line[0] for line in lines[2:-1]] == [
        *("image", "flatten", "hidden", "relu", "scores", "log_softmax", "loss")
    ]


def test_show_counts_frozen_parameters_apart(call: Call, tmp_path: Path):
    project = edits.set_params(load(SAMPLES / "mlp_digits.loom"), "hidden", {"freeze": True})
    save(project, tmp_path / "frozen.loom")
    lines = [line.split() for line in call("show", tmp_path / "frozen.loom").out.splitlines()]
    assert lines[-2:] == [["total", "9,610", "9,472"], ["of", "these", "frozen", "8,320"]]


def test_show_lists_blocks_with_what_is_inside(call: Call, tmp_path: Path):
    save(with_blocks(), tmp_path / "a.loom")
    answer = call("show", tmp_path / "a.loom")
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["units", "Unit", "×", "3", "N×24", "2,904", "2,688"] in lines
    assert ["same", "Same", "×", "2", "(shared)", "N×24", "600", "1,152"] in lines
    assert "  norm   BatchNorm1d        N×24             48              0" in answer.out.splitlines()
    assert lines[-1] == ["total", "3,754", "4,080"]


def test_show_of_a_broken_drawing_shows_what_is_known(call: Call, tmp_path: Path):
    project = load(SAMPLES / "mlp_digits.loom")
    (wire,) = project.graph.incoming("relu")
    save(edits.disconnect(project, wire), tmp_path / "a.loom")
    answer = call("show", tmp_path / "a.loom")
    assert answer.code == 1
    assert "N×128" in answer.out
    assert "error: relu: " in answer.err


@pytest.mark.parametrize("from_run", [False, True], ids=["file", "run"])
def test_exported_source_is_the_trained_network(call: Call, tmp_path: Path, trained: Path, from_run: bool):
    out = tmp_path / "digits.py"
    answer = call(
        "export", trained if from_run else SAMPLES / "mlp_digits.loom", "--to", "pytorch", "-o", out
    )
    assert (answer.code, answer.out.splitlines()[0]) == (0, f"wrote {out}")
    assert out.with_suffix(".safetensors").exists() == from_run
    assert ("largest difference on 8 samples: 0.0e+00" in answer.out) == from_run
    names: dict[str, type[torch.nn.Module]] = {}
    exec(out.read_text(), names)
    assert names["MlpDigits"]()(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_a_broken_drawing_is_not_exported(call: Call, tmp_path: Path):
    project = edits.connect(
        load(SAMPLES / "mlp_digits.loom"), Endpoint("relu", "output"), Endpoint("hidden", "input")
    )
    save(project, tmp_path / "a.loom")
    answer = call("export", tmp_path / "a.loom", "--to", "pytorch", "-o", tmp_path / "a.py")
    assert answer.code == 1
    assert "circle" in answer.err
    assert not (tmp_path / "a.py").exists()


def test_export_to_a_folder_that_is_not_there_fails(call: Call, tmp_path: Path):
    answer = call("export", SAMPLES / "mlp_digits.loom", "--to", "pytorch", "-o", tmp_path / "no" / "a.py")
    assert answer.code == 3
    assert str(tmp_path / "no" / "a.py") in answer.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", str(SAMPLES / "linear_regression.loom")], 0),
        (["check", "no_such.loom"], 3),
        (["chekc", "x"], 2),
        (["check"], 2),
        (["export", "x", "--to", "keras"], 2),
        (["--help"], 0),
        (["--version"], 0),
        (["train", "--help"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_codes_of_the_real_command(arguments: list[str], code: int, tmp_path: Path):
    done = _studio(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    if code in (2, 3):
        assert done.stderr
        assert not done.stdout
    else:
        assert done.stdout


def test_help_loads_nothing_heavy():
    program = (
        "import sys; from studio.cli import main; main(['--help']); "
        "print(sorted({'torch', 'numpy', 'PySide6', 'networkx', 'sklearn', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_is_quick():
    """Processor time of the whole process, so that other tests at the same time do not count."""
    import resource

    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _studio("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) <= 0.2


def _studio(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "studio", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )
