"""What torch refuses is told in our own words first, and where a fix is offered it mends."""

from __future__ import annotations

import pytest

from studio.build.check import Checker
from studio.build.repair import repaired
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import FIELDS, draw, node

KNOWN = {
    **FIELDS,
    "number": Field("number", ()),
    "steps": Field("steps", (7, 10)),
    "photo": Field("photo", (3, 8, 8)),
}


def layer(type: str, fields: dict[str, str], **params: Value) -> Project:
    """One layer on fields of the data, by port."""
    inputs = [node(f"in{i}", "Input", field=field) for i, field in enumerate(fields.values())]
    wires = [f"{one.name} > n.{port}" for one, port in zip(inputs, fields, strict=True)]
    return draw([*inputs, Node("n", type, params), node("out", "Output")], *wires, "n > out")


def branches(left: Node, right: Node, merge: Node, field: str = "photo") -> Project:
    """Two layers on one field, joined."""
    return draw(
        [node("x", "Input", field=field), left, right, merge, node("out", "Output")],
        *[f"x > {left.name}", f"x > {right.name}"],
        *[
            f"{left.name} > {merge.name}.inputs.0",
            f"{right.name} > {merge.name}.inputs.1",
            f"{merge.name} > out",
        ],
    )


def errors(project: Project) -> list[Problem]:
    checker = Checker()
    answer = repaired(checker.check(project, KNOWN), checker)
    assert answer is not None
    return list(answer.errors)


CASES = [
    (
        branches(
            node("a", "Conv2d", out_channels=64),
            node("b", "Conv2d", out_channels=32),
            node("merge", "Add"),
        ),
        "merge: Add needs equal shapes; 64×6×6 and 32×6×6 differ in C: 64 and 32",
        "inputs",
        "Set out_channels of b to 64",
    ),
    (
        branches(node("a", "Conv2d"), node("b", "Conv2d", padding=1), node("merge", "Concat")),
        "merge: Concat needs equal shapes but for dimension 1; 32×6×6 and 32×8×8 differ in H: 6 and 8",
        "inputs",
        "Set padding of a to 1",
    ),
    (
        branches(node("a", "Flatten"), node("b", "ReLU"), node("merge", "Concat")),
        "merge: Concat needs equal shapes but for dimension 1; "
        "192 and 3×8×8 differ in the number of dimensions",
        "inputs",
        "Insert Flatten between b and merge",
    ),
    (
        branches(
            node("a", "Linear", out_features=4),
            node("b", "Linear", out_features=5),
            node("merge", "Add"),
            "rows",
        ),
        "merge: Add needs equal shapes; 4 and 5 differ in features: 4 and 5",
        "inputs",
        "Set out_features of b to 4",
    ),
    (
        layer("Conv2d", {"input": "photo"}, groups=2),
        "n: 3 channels cannot be cut into 2 groups of one size",
        "groups",
        "Set groups to 1",
    ),
    (
        layer("Conv2d", {"input": "photo"}, stride=2, padding="same"),
        "n: padding same keeps the size; a stride makes it smaller",
        "padding",
        "Set padding to 1",
    ),
    (
        layer("MultiheadAttention", {"query": "steps"}, num_heads=4),
        "n: 10 features cannot be shared evenly by 4 heads",
        "num_heads",
        "Set num_heads to 2",
    ),
    (
        layer("GroupNorm", {"input": "photo"}, num_groups=2),
        "n: 3 channels cannot be cut into 2 groups of one size",
        "num_groups",
        "Set num_groups to 1",
    ),
    (
        layer("Reshape", {"input": "steps"}, shape=(3, 5)),
        "n: 7×10 is 70 values per sample; they do not fit the shape [3, 5]",
        "shape",
        "Set shape to -1",
    ),
    (
        layer("MatMul", {"input": "steps", "other": "steps"}),
        "n: MatMul needs n×k and k×m, the k of both equal; it gets N×7×10 and N×7×10",
        "other",
        "Insert Transpose between in1 and n",
    ),
    (
        layer("Linear", {"input": "number"}),
        "n: Linear takes a row of values per sample; it gets one number each, N",
        "input",
        "Insert Reshape to 1 before n",
    ),
    (
        layer("Select", {"input": "steps"}, index=9),
        "n: there is no place 9 along dimension 1; it has 7 (0 to 6)",
        "index",
        "Set index to 6",
    ),
    (
        layer("AvgPool2d", {"input": "photo"}, padding=2),
        "n: a border of 2 is wider than half the window of 2",
        "padding",
        "Set padding to 1",
    ),
]


@pytest.mark.parametrize(("project", "message", "field", "fix"), CASES, ids=[case[1] for case in CASES])
def test_says_what_is_needed_and_what_is_there(
    project: Project, message: str, field: str, fix: str | None
) -> None:
    found = errors(project)
    assert [(problem.message, problem.field) for problem in found] == [(message, field)]
    assert found[0].hint.endswith(".")
    labels = [one.label for one in found[0].fixes]
    assert labels[:1] == ([] if fix is None else [fix])
    for one in found[0].fixes:
        assert errors(one.edit(project)) == [], one.label


def test_the_word_of_torch_is_kept() -> None:
    problem = errors(layer("PixelShuffle", {"input": "rows"}))[0]
    assert "PyTorch says: " in problem.hint


@pytest.mark.parametrize("type", ["Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d"])
@pytest.mark.parametrize("field", ["rows", "steps", "number"])
def test_any_wrong_number_of_dimensions_is_one_problem(type: str, field: str) -> None:
    found = errors(layer(type, {"input": field}))
    assert [problem.message for problem in found] == [
        f"n: {type} takes N×C×H×W; it gets {'×'.join(map(str, ('N', *KNOWN[field].shape)))}"
    ]


def test_values_of_an_open_size_are_not_counted() -> None:
    project = draw(
        [node("x", "Input", shape=("T", 10)), node("n", "Reshape", shape=(4, 3)), node("out", "Output")],
        "x > n",
        "n > out",
    )
    found = [one for one in Checker().check(project, {}).errors if one.node == "n"]
    assert [one.message for one in found] == ["n: T×10 depends on T; not always does it fit [4, 3]"]
