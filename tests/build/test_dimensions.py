"""What dimensions are called, from the data through all layers, and in what is said of them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from studio.build.check import Checker
from studio.build.sizes import Dim, TensorType
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.graph import Endpoint, Node
from studio.project.params import Value
from tests.build.drawings import FIELDS, classifier, draw, node


def named(*row: Node, start: tuple[Value, ...] = (3, 8, 8), port: str = "output") -> str:
    """What the last of a row of layers behind an Input gives."""
    nodes = [node("x", "Input", shape=start), *row]
    wires = [f"{one.name} > {other.name}" for one, other in pairwise(nodes)]
    checked = Checker().check(draw(nodes, *wires), {})
    return checked.types[Endpoint(row[-1].name, port)].described


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("image", "N × C=1 × H=8 × W=8"),
        ("rows", "N × features=5"),
        ("words", "N × T=7"),
    ],
)
def test_a_field_of_the_data_brings_the_usual_names(field: str, told: str) -> None:
    checked = Checker().check(classifier(field=field), FIELDS)
    assert checked.types[Endpoint("x", "output")].described == told


@pytest.mark.parametrize(
    ("start", "row", "told"),
    [
        ((3, 8, 8), [node("a", "Conv2d", out_channels=6)], "N × C=6 × H=6 × W=6"),
        ((3, 8, 8), [node("a", "MaxPool2d")], "N × C=3 × H=4 × W=4"),
        ((3, 8, 8), [node("a", "BatchNorm2d")], "N × C=3 × H=8 × W=8"),
        ((3, 8, 8), [node("a", "Flatten")], "N × features=192"),
        ((3, 8, 8), [node("a", "Flatten", start_dim=2)], "N × C=3 × H·W=64"),
        ((3, 8, 9), [node("a", "Permute", dims=(0, 2, 3, 1))], "N × H=8 × W=9 × C=3"),
        ((3, 8, 9), [node("a", "Select", dim=2, index=0)], "N × C=3 × W=9"),
        ((3, 8, 9), [node("a", "Mean", dim=(2, 3))], "N × C=3"),
        ((3, 8, 9), [node("a", "Mean", dim=2, keepdim=True)], "N × C=3 × H=1 × W=9"),
        ((3, 8, 9), [node("a", "Reshape", shape=(3, 72))], "N × C=3 × 72"),
        ((3, 8, 9), [node("a", "Linear", out_features=4)], "N × C=3 × H=8 × features=4"),
        ((7, 16), [node("a", "LSTM", hidden_size=5)], "N × T=7 × features=5"),
        ((7, 16), [node("a", "TransformerEncoderLayer")], "N × T=7 × features=16"),
        ((2, 4, 8, 8), [node("a", "Conv3d", out_channels=6)], "N × C=6 × D=2 × H=6 × W=6"),
        ((24,), [node("a", "Reshape", shape=(2, 3, 4)), node("b", "Conv2d", padding=1)],
         "N × C=32 × H=3 × W=4"),
    ],
)  # fmt: skip
def test_layers_carry_names_on(start: tuple[Value, ...], row: list[Node], told: str) -> None:
    assert named(*row, start=start) == told


def test_embedding_adds_features_and_a_state_has_layers() -> None:
    row = [
        node("x", "Input", field="words"),
        node("e", "Embedding"),
        node("lstm", "LSTM"),
        node("o", "Output"),
    ]
    types = Checker().check(draw(row, "x > e", "e > lstm", "lstm.hidden > o"), FIELDS).types
    assert types[Endpoint("e", "output")].described == "N × T=7 × features=64"
    assert types[Endpoint("lstm", "hidden")].described == "layers=1 × N × features=64"


def test_scores_of_classes_are_named_so() -> None:
    types = Checker().check(classifier(node("conv", "Conv2d")), FIELDS).types
    assert types[Endpoint("fc", "output")].described == "N × classes=10"


@pytest.mark.parametrize("loss", [one.type for one in registry().layers.values() if one.category == "Loss"])
def test_a_target_not_known_yet_is_named_as_far_as_it_reaches(loss: str) -> None:
    nodes = [node("x", "Input", shape=(7, 16)), node("y", "Input", shape=(7, 16)), node("loss", loss)]
    ports = [port.name for port in registry().layers[loss].inputs if port.from_option is None]
    wires = [f"{name} > loss.{port}" for name, port in zip("xyx", ports, strict=False)]
    (made,) = Checker().check(draw(nodes, *wires), None).plan.losses
    assert {type.described for type in made.inputs} <= {
        "N × T=7 × features=16",
        "N × T=7 × classes=16",
        "N × T=7",
        "N × features=16",
        "N × 1",
        "N",
    }


def test_an_input_can_name_its_dimensions() -> None:
    project = edits.set_params(classifier(), "x", {"axes": "band, row, column"})
    types = Checker().check(project, FIELDS).types
    assert types[Endpoint("x", "output")].described == "N × band=1 × row=8 × column=8"


def test_names_that_change_are_told_anew_downstream() -> None:
    """Both orders have the same shape: only the names say that something else arrives."""
    checker, end = Checker(), Endpoint("relu", "output")
    project = classifier(node("turn", "Permute", dims=(0, 1, 2, 3)), node("relu", "ReLU"))
    assert checker.check(project, FIELDS).types[end].described == "N × C=1 × H=8 × W=8"
    turned = edits.set_params(project, "turn", {"dims": (0, 1, 3, 2)})
    assert checker.check(turned, FIELDS).types[end].described == "N × C=1 × W=8 × H=8"


def test_a_problem_names_the_dimension() -> None:
    project = draw(
        [
            node("x", "Input", shape=(3, 14, 14)),
            node("a", "Conv2d", padding=1, kernel_size=(3, 2)),
            node("b", "Conv2d", kernel_size=(3, 4), padding=1),
            node("merge", "Add"),
            node("o", "Output"),
        ],
        *["x > a", "x > b", "a > merge.inputs.0", "b > merge.inputs.1", "merge > o"],
    )
    problem = Checker().check(project, {}).errors[0]
    assert problem.message.endswith("32×14×15 and 32×14×13 differ in W: 15 and 13")


def test_names_are_no_part_of_a_type_s_value() -> None:
    plain = TensorType((Dim(), 3))
    assert plain.called(("N", "C")) == plain
    assert hash(plain.called(("N", "C"))) == hash(plain)
    assert plain.axis(1) == "dimension 1"
