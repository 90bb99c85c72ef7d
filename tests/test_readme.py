"""What the README shows works as it stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.build.plan import Plan
from studio.catalog.registry import Layer, Registry, registry
from studio.cli.entry import _parse
from studio.data.describe import describe
from studio.interchange.forms import FORMS
from studio.interchange.keras.source import to_keras
from studio.interchange.pytorch.source import to_pytorch
from studio.project import edits, storage
from studio.project.graph import Endpoint
from studio.project.params import Float, Int
from studio.project.project import Project

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = README + "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("data.md", "formats.md"))
CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^    neuroloom (.*?)(?: {2,}#.*|;.*)?$", PAGES, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_can_be_typed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert _parse(command.split()).answer


def test_there_are_commands():
    assert len(COMMANDS) >= 8


def test_the_layer_of_the_readme_is_complete():
    code = CODE[-1]
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


@pytest.mark.parametrize(
    ("at", "sample", "write"),
    [(0, "linear_regression", to_pytorch), (1, "mlp_digits", to_keras), (2, "unet", to_pytorch)],
)
def test_the_code_of_samples_is_what_leaves(at: int, sample: str, write: Callable[[Project, Plan], str]):
    project = storage.load(ROOT / "samples" / f"{sample}.loom")
    described = describe(project.data, ROOT / "samples")
    checked = Checker().check(project, described.fields, described.problems, described.parts)
    assert CODE[at] in write(project, checked.plan)


def test_every_form_is_told():
    told = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert [name for name in FORMS if f"`{name}`" not in told] == []
    assert "(docs/formats.md)" in README


def test_every_source_of_data_is_told():
    told = (ROOT / "docs" / "data.md").read_text("utf-8")
    sources = {one.type for one in registry().components("source")} - {"None"}
    assert {one for one in sources if not re.search(rf"\b{one}\b", told)} == set()
    assert "(docs/data.md)" in README


@pytest.mark.parametrize("script", ["pictures", "tables", "texts", "sounds", "arrays"])
def test_there_is_a_script_for_the_files_to_try_with(script: str):
    assert f"make_{script}" in (ROOT / "docs" / "data.md").read_text("utf-8")
    assert (ROOT / "samples" / f"make_{script}.py").is_file()
