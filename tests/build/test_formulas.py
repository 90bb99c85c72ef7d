"""Formulas that read the data: sizes and numbers of classes of its fields, by name."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.interchange.pytorch.source import to_pytorch
from studio.project import edits
from studio.project.block_edits import make_block
from studio.project.constants import rename_constant, set_constant
from studio.project.expressions import computed, is_computed, names_in
from studio.project.fields import Field
from studio.project.formulas import facts_of
from studio.project.graph import Endpoint
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, node

NAMES = {"width": 16, "image.shape": (3, 32, 24), "label.classes": 10}


def drawn(channels: str = "= 8 * image.shape[0]", out: str = "= label.classes") -> Project:
    project = classifier(node("conv1", "Conv2d", out_channels=8, padding=1))
    return edits.set_params(
        edits.set_params(project, "conv1", {"out_channels": channels}), "fc", {"out_features": out}
    )


def told(checked: Checked) -> list[str]:
    return [one.message for one in checked.errors]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("= image.shape[0]", 3),
        ("= 2 * image.shape[-1] + width", 64),
        ("= image.shape", (3, 32, 24)),
        ("= min(image.shape)", 3),
        ("= label.classes // 2", 5),
    ],
)
def test_a_field_is_read_by_its_name(formula: str, result: object) -> None:
    assert computed(formula, NAMES) == result


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        (
            "= image.shape[3]",
            "image.shape[3] does not exist: image.shape is [3, 32, 24], the first part is [0]",
        ),
        ("= image.size", "there is nothing called image.size here"),
        ("= image", "there is nothing called image here"),
        ("= width[0]", "width is 16, which has no parts"),
        ("= image.shape['a']", "which part is a whole number"),
        ("= image.shape.__class__", "is not understood"),
        ("= image.shape[0].real", "is not understood"),
        ("= ().__class__", "is not understood"),
        ("= image.shape[0:2]", "is not understood"),
    ],
)
def test_nothing_else_is_understood(formula: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        computed(formula, NAMES)
    assert says in str(refused.value)


def test_names_with_a_dot_are_names_of_their_own() -> None:
    assert names_in("= image * image.shape[width]") == {"image", "image.shape", "width"}
    assert is_computed("= image.shape[0]")
    assert not is_computed("= (3, 5)")
    fields = {"image": Field("image", (3, 8, 8)), "petal length": Field("petal length", ())}
    assert facts_of(fields) == {"image.shape": (3, 8, 8)}


def test_the_check_computes_them_and_follows_the_data() -> None:
    checker = Checker()
    checked = checker.check(drawn(), FIELDS)
    assert not told(checked)
    channels = FIELDS["image"].shape[0]
    assert checked.types[Endpoint("conv1", "output")].shape[1] == 8 * channels
    wider = {**FIELDS, "image": replace(FIELDS["image"], shape=(channels + 2, *FIELDS["image"].shape[1:]))}
    again = checker.check(drawn(), wider)
    assert again.types[Endpoint("conv1", "output")].shape[1] == 8 * (channels + 2)


def test_a_name_that_is_not_there_is_told_at_the_parameter_with_the_one_meant() -> None:
    [problem] = Checker().check(drawn("= image.shap[0]"), FIELDS).errors
    assert (problem.node, problem.field) == ("conv1", "out_channels")
    assert "there is nothing called image.shap here" in problem.message
    assert problem.fixes[0].label == "Set out_channels to '= image.shape[0]'"
    assert not told(Checker().check(problem.fixes[0].edit(drawn("= image.shap[0]")), FIELDS))


def test_without_data_it_says_that_nothing_is_known_of_them() -> None:
    assert "nothing is known of the data here" in told(Checker().check(drawn()))[0]


def test_the_source_has_the_value_and_formulas_of_constants() -> None:
    project = set_constant(drawn("= width * image.shape[0]"), "width", 4)
    checked = Checker().check(project, FIELDS)
    text = to_pytorch(project, checked.plan)
    ast.parse(text)
    channels = 4 * FIELDS["image"].shape[0]
    assert f"nn.Conv2d({FIELDS['image'].shape[0]}, {channels}, 3, padding=1)" in text
    assert "image.shape" not in text


def test_a_constant_of_the_same_name_is_another() -> None:
    project = set_constant(drawn("= image * image.shape[0]"), "image", 2)
    renamed = rename_constant(project, "image", "base")
    assert renamed.graph.nodes["conv1"].params["out_channels"] == "= base * image.shape[0]"


def test_a_block_made_of_such_nodes_takes_them_as_an_argument() -> None:
    project = drawn("= 8 * image.shape[0]")
    made, use = make_block(project, ["conv1"], "Front")
    assert made.graph.nodes[use].params == {"image_shape": "= image.shape"}
    inside = made.blocks["Front"].graph.nodes["conv1"].params["out_channels"]
    assert inside == "= 8 * image_shape[0]"
    before, after = Checker().check(project, FIELDS), Checker().check(made, FIELDS)
    assert not told(after)
    assert after.total == before.total
    ast.parse(to_pytorch(made, after.plan))


def test_a_message_lists_few_of_many_names() -> None:
    with pytest.raises(ValueError, match=r"there are: c0, .*, c19 and 4,980 more$") as caught:
        computed("= width", {f"c{at}": at for at in range(5000)})
    assert len(str(caught.value)) < 200
