"""Forms of declaration that no layer of the catalog uses alone: whatever a Layer may say is carried out."""

from __future__ import annotations

from dataclasses import replace

import torch

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked
from studio.catalog.registry import Layer, Port, Registry, registry
from studio.interchange.pytorch.source import to_pytorch
from studio.project.params import Choice, Float, Int
from studio.project.project import Project
from tests.build.drawings import FIELDS, draw, node


def check(project: Project, *layers: Layer) -> Checked:
    known = {**registry().layers, **{layer.type: layer for layer in layers}}
    checked = Checker(Registry(known.values(), ())).check(project, FIELDS)
    assert not [one for one in checked.errors if one.node]
    return checked


def written(project: Project, checked: Checked) -> tuple[torch.nn.Module, str]:
    text = to_pytorch(project, checked.plan)
    space: dict[str, type[torch.nn.Module]] = {}
    exec(compile(text, "model.py", "exec"), space)
    return space["Untitled"](), text


def test_a_function_without_expression_is_copied_and_gives_way_to_no_node() -> None:
    bare = registry().layer("Reshape")
    assert bare
    bare = replace(bare, type="Bare", source="")
    project = draw(
        [
            node("image", "Input", field="image"),
            node("reshape", "Bare", shape=(4, 16)),
            node("out", "Output"),
        ],
        "image > reshape",
        "reshape > out",
    )
    checked = check(project, bare)
    model, text = written(project, checked)
    assert "def reshape(input: Tensor, shape: int | tuple[int, ...]) -> Tensor:" in text
    image = torch.rand(3, 1, 8, 8)
    assert torch.equal(model(image), Network(checked.plan)(image))
    assert model(image).shape == (3, 4, 16)


def test_an_input_behind_one_left_out_goes_in_by_name() -> None:
    clamp = Layer(
        type="Limit",
        category="Arithmetic",
        doc="Keeps values between two tensors.",
        target="torch.clamp",
        inputs=(Port("input", "x"), Port("min", "low", optional=True), Port("max", "high", optional=True)),
    )
    project = draw(
        [
            node("x", "Input", field="rows"),
            node("top", "Sigmoid"),
            node("cut", "Limit"),
            node("out", "Output"),
        ],
        *["x > top", "x > cut", "top > cut.max", "cut > out"],
    )
    checked = check(project, clamp)
    model, text = written(project, checked)
    assert "torch.clamp(x, max=top)" in text
    rows = torch.randn(6, 5)
    assert torch.equal(Network(checked.plan)(rows), torch.clamp(rows, max=rows.sigmoid()))
    assert torch.equal(model(rows), Network(checked.plan)(rows))


def test_nested_results_fill_the_ports_that_they_name() -> None:
    lstm = registry().layer("LSTM")
    assert lstm
    turned = replace(
        lstm,
        type="Turned",
        outputs=(Port("cell", "c"), Port("sequence", "s")),
        returns="sequence, (_, cell)",
        shape=None,
    )
    project = draw(
        [
            node("image", "Input", field="image"),
            node("rows", "Reshape", shape=(8, 8)),
            node("lstm", "Turned", hidden_size=3),
            node("one", "Output"),
            node("two", "Output"),
        ],
        *["image > rows", "rows > lstm", "lstm.cell > one", "lstm.sequence > two"],
    )
    checked = check(project, turned)
    assert [str(type) for type in checked.steps["lstm"].outputs] == ["1×N×3", "N×8×3"]
    network = Network(checked.plan)
    model, text = written(project, checked)
    assert "lstm_sequence, (_, lstm) = self.lstm(rows)" in text
    model.load_state_dict(network.state_dict())
    image = torch.rand(2, 1, 8, 8)
    assert all(torch.equal(a, b) for a, b in zip(network(image), model(image), strict=True))


def test_a_parameter_that_does_not_apply_is_not_given() -> None:
    layer = Layer(
        type="Leak",
        category="Activation",
        doc="ReLU or its leaky form.",
        target="torch.nn.LeakyReLU",
        params=(Float("negative_slope", 0.3, "slope", when=("mode", ("leaky",))),),
        options=(Choice("mode", "leaky", "form", options=("leaky", "plain")),),
    )
    for mode, given in (("leaky", {"negative_slope": 0.3}), ("plain", {})):
        project = draw(
            [node("x", "Input", field="rows"), node("act", "Leak", mode=mode), node("out", "Output")],
            "x > act",
            "act > out",
        )
        assert check(project, layer).steps["act"].kwargs == given


def test_an_earlier_name_of_a_layer_still_works() -> None:
    dense = registry().layer("Linear")
    assert dense
    renamed = replace(dense, renamed=("Dense",))
    project = draw(
        [node("x", "Input", field="rows"), node("fc", "Dense", out_features=4), node("out", "Output")],
        "x > fc",
        "fc > out",
    )
    checked = check(project, renamed)
    assert Network(checked.plan)(torch.rand(2, 5)).shape == (2, 4)
    assert str(checked.plan.outputs[0].type) == "N×4"


def test_torch_s_own_words_come_behind_ours() -> None:
    odd = Layer(
        type="Odd",
        category="Linear",
        doc="A layer that torch refuses to make.",
        target="torch.nn.Conv1d",
        params=(Int("out_channels", 5, "out"), Int("kernel_size", 1, "k"), Int("groups", 4, "groups")),
        derived={"in_channels": lambda shapes: shapes["input"][0][1]},
    )
    project = draw(
        [node("x", "Input", field="rows"), node("odd", "Odd"), node("out", "Output")], "x > odd", "odd > out"
    )
    known = Registry([*registry().layers.values(), odd], ())
    problem = Checker(known).check(project, FIELDS).errors[0]
    assert problem.message.startswith("odd: Odd cannot be made with")
    assert problem.message.endswith("(its input is N×5)")
    assert problem.hint == "PyTorch says: in_channels must be divisible by groups."
    assert problem.fixes[0].label == "Set groups to 1"
