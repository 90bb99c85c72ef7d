"""What the README shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.catalog.registry import Layer, Registry, registry
from studio.cli.entry import _parse
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.params import Float, Int
from studio.project.project import Project

README = (Path(__file__).parents[1] / "README.md").read_text()
COMMANDS = re.findall(r"^    neuroloom (.*?)(?: {2,}#.*|;.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_can_be_typed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert _parse(command.split()).answer


def test_there_are_commands():
    assert len(COMMANDS) >= 8


def test_the_layer_of_the_readme_is_complete():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    from studio.catalog.registry import Example

    names = {"Layer": Layer, "Float": Float, "Int": Int, "Example": Example}
    layer = eval(code.strip().rstrip(","), names)
    catalog = Registry([*registry().layers.values(), layer], registry().components("metric"))
    project, image = edits.add_node(Project(), "Input", (0, 0), {"shape": (2, 5)})
    project, elu = edits.add_node(project, layer.type, (230, 0), {"alpha": 0.5})
    project = edits.connect(project, Endpoint(image, "output"), Endpoint(elu, "input"))
    checked = Checker(catalog).check(project)
    assert str(checked.types[Endpoint(elu, "output")]) == "N×2×5"
    assert checked.plan.steps[0].kwargs == {"alpha": 0.5}
