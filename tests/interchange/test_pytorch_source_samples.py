"""The source of every sample, of blocks and of the user's own layers: what is promised of it, one by one."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.catalog.template import TEMPLATE
from studio.catalog.trust import trust
from studio.data.describe import describe
from studio.errors import StudioError
from studio.interchange.pytorch.source import class_name, export_pytorch, to_pytorch
from studio.places import shipped
from studio.project.block import block_name
from studio.project.fields import Field
from studio.project.project import Project
from studio.project.storage import load
from tests.build.drawings import FIELDS, classifier, node
from tests.interchange.block_drawings import DRAWINGS
from tests.interchange.program_runs import lint

FOLDER = shipped("samples")
SAMPLES = {path.stem: load(path) for path in sorted(FOLDER.glob("*.loom"))}


FASHION = {
    "image": Field("image", (1, 28, 28), low=0.0, high=255.0, picture=True),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
}
"""What is in files that not every machine has."""


def own_layers() -> Project:
    """A formula, a class kept in the project, and a module by its path."""
    return classifier(
        node("swish", "Expression", expression="input ** 2 * sigmoid(input)"),
        node("flat", "Flatten"),
        node("scale", "PythonLayer", source=TEMPLATE, start=2.0),
        node("shrink", "Module", path="torch.nn.Softshrink", lambd=0.1),
    )


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path))


def drawn(project: Project, fields: Mapping[str, Field] | None = None) -> Plan:
    if fields is None:
        fields = FASHION if project.data.source.type == "IDX" else _described(project.name)
    checked = Checker().check(project, fields)
    assert not checked.errors, checked.errors
    assert checked.plan.steps
    return checked.plan


@cache
def _described(name: str) -> Mapping[str, Field]:
    found = describe(SAMPLES[name].data, FOLDER)
    assert found.fields, found.problems
    return found.fields


def own() -> tuple[Project, Plan]:
    trust().add(TEMPLATE)
    project = own_layers()
    return project, drawn(project, FIELDS)


def every() -> dict[str, tuple[Project, Plan]]:
    found = {name: (project, drawn(project)) for name, project in SAMPLES.items()}
    found |= {f"block {name}": (one, drawn(one, FIELDS)) for name, one in DRAWINGS.items()}
    return {**found, "own": own()}


def test_all_sources_are_written_well(tmp_path: Path) -> None:
    paths: list[Path] = []
    for name, (project, plan) in every().items():
        paths.append(tmp_path / f"{name.replace(' ', '_')}.py")
        paths[-1].write_text(to_pytorch(project, plan))
    lint(paths)


def test_what_is_promised_of_each() -> None:
    for project, plan in every().values():
        text = to_pytorch(project, plan)
        tree = ast.parse(text)
        imported = [one for one in ast.walk(tree) if isinstance(one, ast.Import | ast.ImportFrom)]
        assert not [one for one in imported if "studio" in ast.unparse(one)]
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        assert all(one.returns is not None or project.name == "untitled" for one in functions)
        _check_classes(project, plan, tree)
        _check_names(project, plan, tree)


def _check_classes(project: Project, plan: Plan, tree: ast.Module) -> None:
    """A class for the network, and one at least for each block that is used."""
    classes = [one.name for one in tree.body if isinstance(one, ast.ClassDef)]
    used = {block_name(step.layer.type) or "" for step in plan.every_step() if step.inner}
    for block in used:
        assert any(one.startswith(class_name(block)) for one in classes), block
    assert len(classes) == len(set(classes))
    repeated = [step for step in plan.steps if step.inner and step.repeat > 1]
    made = ast.unparse(tree)
    assert not repeated or "range(" in made or "Sequential(" in made


def _check_names(project: Project, plan: Plan, tree: ast.Module) -> None:
    """Modules are called as the nodes, and every tensor's shape stands beside it."""
    network = next(one for one in reversed(tree.body) if isinstance(one, ast.ClassDef))
    stored = {one.attr for one in ast.walk(network) if isinstance(one, ast.Attribute) and _is_self(one.value)}
    for step in plan.steps:
        if step.inner or step.layer.is_module:
            assert step.name in stored or f"{step.name}_" in stored, (project.name, step.name)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


@pytest.mark.parametrize("name", ["cnn_digits", "resnet50", "transformer_encoder"])
def test_shapes_stand_in_comments(name: str) -> None:
    project = SAMPLES[name]
    text = to_pytorch(project, drawn(project))
    comments = [
        one.string
        for one in tokenize.generate_tokens(io.StringIO(text).readline)
        if one.type == tokenize.COMMENT
    ]
    assert len(comments) >= len(drawn(project).steps)
    assert all(re.fullmatch(r"# \([\w ,/*+]+\)", one) for one in comments), comments


def test_layers_of_the_user_s_own_come_along() -> None:
    project, plan = own()
    text = to_pytorch(project, plan)
    assert "swish = x**2 * torch.sigmoid(x)" in text
    assert "class Scale(nn.Module):" in text
    assert "self.scale = Scale(64, start=2.0)" in text
    assert "self.shrink = nn.Softshrink(lambd=0.1)" in text
    space: dict[str, type[nn.Module]] = {}
    exec(compile(text, "model.py", "exec"), space)
    written, network = space["Untitled"](), Network(plan)
    written.load_state_dict(network.state_dict(), strict=True)
    image = torch.rand(3, 1, 8, 8)
    assert torch.equal(written(image), network(image))


@pytest.mark.parametrize("name", ["mlp_digits", "char_transformer"])
def test_weights_lie_beside_the_source(name: str, tmp_path: Path) -> None:
    project = SAMPLES[name]
    plan = drawn(project)
    torch.manual_seed(4)
    weights = Network(plan).state_dict()
    found = export_pytorch(project, plan, tmp_path / "model.py", weights, FOLDER)
    assert found.paths == (tmp_path / "model.py", tmp_path / "model.safetensors")
    assert found.largest_difference == 0.0
    text = (tmp_path / "model.py").read_text()
    assert 'model.load_state_dict(load_file("model.safetensors"))' in text
    lines = [line.strip() for line in text.partition('"""')[2].partition('"""')[0].splitlines()[1:]]
    space: dict = {}
    exec(compile(text, "model.py", "exec"), space)
    loading = "\n".join(lines).replace("model.safetensors", str(tmp_path / "model.safetensors"))
    exec(loading, space)
    assert all(torch.equal(one, weights[key]) for key, one in space["model"].state_dict().items())


def test_weights_of_another_drawing_are_refused(tmp_path: Path) -> None:
    plan = drawn(SAMPLES["mlp_digits"])
    other = Network(drawn(SAMPLES["cnn_digits"])).state_dict()
    with pytest.raises(StudioError, match="do not fit"):
        export_pytorch(SAMPLES["mlp_digits"], plan, tmp_path / "model.py", other)
