"""What is foreseen of a wire is what a check of the drawing with that wire says."""

from __future__ import annotations

import random

import pytest

from studio.build.check import Checker
from studio.build.foresight import Basis, Foreseen, Foresight, Joined, Placed
from studio.build.plan import Checked
from studio.build.scope import Scope
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project
from tests.ui.nested import nested

FIELDS = {
    "image": Field("image", (1, 28, 28), picture=True),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
}


def drawing() -> Project:
    """The nested network, with layers of many kinds beside it, one of them muted, one with a formula."""
    project = nested()
    for at, (type, params) in enumerate(
        (
            ("Conv1d", {}),
            ("MaxPool2d", {"kernel_size": "= width"}),
            ("Flatten", {}),
            ("Linear", {}),
            ("Embedding", {}),
            ("LSTM", {}),
            ("MSE", {"target": "label"}),
            ("Output", {}),
            ("Dropout", {}),
            ("Reshape", {"shape": (4, -1)}),
        )
    ):
        project, name = edits.add_node(project, type, (at * 200, 600), params)
        if type == "Dropout":
            project = edits.set_muted(project, [name], True)
    return project


def basis(project: Project, checked: Checked) -> Basis:
    return Basis(project.graph, checked, Scope(project.constants), checked.fields, catalog_of(project))


def errors(checked: Checked, name: str) -> set[str]:
    """What is wrong at a node, or inside the block that it places."""
    found = (one for one in checked.errors if (one.path[0] if one.path else one.node) == name)
    return {one.message for one in found}


@pytest.mark.parametrize("seed", range(3))
def test_a_wire_is_foreseen_as_the_check_of_the_whole_drawing_has_it(seed: int) -> None:
    project, checker = drawing(), Checker()
    checked = checker.check(project, FIELDS)
    catalog, foresight, draw = catalog_of(project), Foresight(), random.Random(seed)
    outputs = list(checked.types)
    asked = 0
    while asked < 40:
        source, name = draw.choice(outputs), draw.choice(list(project.graph.nodes))
        layer = catalog.layer_of(project.graph.nodes[name])
        if layer is None or not layer.inputs or name == source.node:
            continue
        target = Endpoint(name, draw.choice(layer.inputs).name)
        after = checker.trial(edits.connect(project, source, target))
        if any("circle" in one.message for one in after.problems):
            continue
        asked += 1
        wires = [one for one in project.graph.incoming(name) if one.target != target]
        (told,) = foresight.answers(
            basis(project, checked), [Joined(((name, (*wires, Edge(source, target))),))]
        )
        agrees(told, after, name, checked, layer.outputs[0].name if layer.outputs else "")


def agrees(told: Foreseen, after: Checked, name: str, before: Checked, port: str) -> None:
    """The refusal is an error of the check; without one no error is new and the result is the same."""
    if told.refusal:
        assert told.refusal.removeprefix(f"{name}: inside of it, ") in errors(after, name)
        return
    assert errors(after, name) <= errors(before, name)
    if told.result is not None:
        assert after.types.get(Endpoint(name, port)) == told.result


def test_every_layer_with_its_defaults_is_foreseen_as_when_it_is_placed() -> None:
    project, checker = drawing(), Checker()
    checked = checker.check(project, FIELDS)
    source = Endpoint("stem", "y")
    types = [layer.type for layer in registry().layers.values() if layer.inputs]
    asked = [Placed(one, source, "out") for one in types]
    answers = Foresight().answers(basis(project, checked), asked)
    refused = 0
    for type, told in zip(types, answers, strict=True):
        placed, name = edits.add_node(project, type, (0, 900))
        layer = registry().layer_of(placed.graph.nodes[name])
        assert layer is not None
        after = checker.trial(edits.connect(placed, source, Endpoint(name, layer.inputs[0].name)))
        refused += bool(told.refusal)
        if told.refusal:
            text = told.refusal.partition(": ")[2]
            assert any(one.partition(": ")[2] == text for one in errors(after, name)), (type, told)
        elif told.result is not None:
            assert after.types[Endpoint(name, layer.outputs[0].name)] == told.result, type
    assert 20 < refused < len(types) - 80
