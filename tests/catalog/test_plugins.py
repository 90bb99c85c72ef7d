"""Installed packages add layers by an entry point; a broken one is told and harms nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.catalog import plugins

GOOD = """
from studio.catalog.registry import Example, Layer
from studio.project.params import Float

SCALE = Layer(type="Steep", category="Activation", doc="A steep sigmoid.", target="steep.Steep",
    params=(Float("slope", 4.0, "How steep"),), example=Example({"input": ((2, 3),)}))
"""
MODULE = """
import torch
from torch import Tensor, nn

class Steep(nn.Module):
    def __init__(self, slope: float = 4.0) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, input: Tensor) -> Tensor:
        return torch.sigmoid(self.slope * input)
"""


def install(folder: Path, name: str, value: str, **files: str) -> None:
    """A package as pip leaves it: its files and its metadata."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{name} = {value}\n")
    for file, text in files.items():
        (folder / f"{file}.py").write_text(text)


def test_a_package_adds_a_layer_that_is_checked_and_exported(tmp_path: Path) -> None:
    install(tmp_path, "steepness", "steep_layers:SCALE", steep_layers=GOOD, steep=MODULE)
    code = """
from studio.build.check import Checker
from studio.catalog.registry import registry
from studio.interchange.pytorch.source import to_pytorch
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project

project = edits.add_node(Project(), "Input", (0, 0), {"field": "x", "shape": 3}, "x")[0]
project = edits.add_node(project, "Steep", (200, 0), {"slope": 2.0}, "steep")[0]
project = edits.connect(project, Endpoint("x", "output"), Endpoint("steep", "input"))
checked = Checker().check(project, {})
assert str(checked.types[Endpoint("steep", "output")]) == "N×3", checked.problems
assert registry().faults == ()
print(to_pytorch(project, checked.plan))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=_environment(tmp_path), check=False
    )
    assert done.returncode == 0, done.stderr
    assert "steep.Steep(slope=2.0)" in done.stdout
    assert "import steep\n" in done.stdout


def test_a_broken_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "raising", "raising_layers:LAYERS", raising_layers="raise RuntimeError('boom')\n")
    install(tmp_path, "other", "other_layers:LAYERS", other_layers="LAYERS = [3]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = plugins.installed(())
    assert found.layers == ()
    assert sorted(found.faults) == [
        "other (other_layers:LAYERS): TypeError: it is no Layer and no list of them",
        "raising (raising_layers:LAYERS): RuntimeError: boom",
    ]


def test_a_type_that_is_taken_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "again", "again_layers:SCALE", again_layers=GOOD.replace("Steep", "ReLU"))
    monkeypatch.syspath_prepend(str(tmp_path))
    found = plugins.installed(["ReLU"])
    assert found.layers == ()
    assert "there is a layer ReLU already" in found.faults[0]


def _environment(folder: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parents[2]}"}
