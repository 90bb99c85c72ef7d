"""Sizes that the data leaves open: formulas against real runs, and what drawings demand of such sizes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import lcm
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.build import shapes
from studio.build.check import Checker
from studio.build.fitting import Point
from studio.build.network import Network
from studio.build.plan import Checked
from studio.build.requirements import sentences
from studio.build.sizes import ASSUMED, Dim, Requirement, TensorType, symbol
from studio.build.trials import requirements_of
from studio.build.worked import worked
from studio.catalog.registry import Layer, registry
from studio.data.describe import describe
from studio.interchange.pytorch.source import to_pytorch
from studio.places import shipped
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Endpoint, Node
from studio.project.params import Value
from studio.project.project import Project
from studio.project.storage import load
from tests.build.drawings import FIELDS, classifier, draw, node, residual

SAMPLES = shipped("samples")
H, W, T, N = symbol("H"), symbol("W"), symbol("T"), Dim()


def row(*layers: Node, shape: Value = (3, "H", "W"), dtype: str = "float32") -> Project:
    """Layers in a row between an Input and an Output."""
    nodes = [node("x", "Input", shape=shape, dtype=dtype), *layers, node("out", "Output")]
    wires = [f"{one.name} > {other.name}" for one, other in pairwise(nodes)]
    return draw(nodes, *wires)


def u_net(levels: int) -> Project:
    """Down by pooling, up by transposed convolutions, with a skip at each level."""
    nodes, wires, last = [node("image", "Input", shape=(3, "H", "W"))], list[str](), "image"
    for at in range(levels):
        nodes += [node(f"down{at}", "Conv2d", out_channels=4, padding=1), node(f"pool{at}", "MaxPool2d")]
        wires += [f"{last} > down{at}", f"down{at} > pool{at}"]
        last = f"pool{at}"
    for at in reversed(range(levels)):
        nodes += [
            node(f"up{at}", "ConvTranspose2d", out_channels=4, kernel_size=2, stride=2),
            node(f"join{at}", "Concat"),
        ]
        wires += [f"{last} > up{at}", f"down{at} > join{at}.inputs.0", f"up{at} > join{at}.inputs.1"]
        last = f"join{at}"
    return draw([*nodes, node("mask", "Output")], *wires, f"{last} > mask")


def sound(project: Project, fields: Mapping[str, Field] | None = None) -> Checked:
    checked = Checker().check(project, fields or {})
    assert checked.errors == ()
    return checked


def at_sizes(checked: Checked, **sizes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape of the one result by its formula and by a real run."""
    (entry,) = checked.plan.model_inputs
    shape = entry.type.at(2, **sizes)
    real = torch.zeros(shape, dtype=getattr(torch, entry.type.dtype))
    with torch.no_grad():
        result = Network(checked.plan).eval()(real)
    assert isinstance(result, torch.Tensor)
    return checked.plan.outputs[0].type.at(2, **sizes), tuple(result.shape)


# FractionalMaxPool2d takes a share in floating point: 0.7 · 720 is 503.99…, and it rounds down.
WITH_EXAMPLE = tuple(
    one
    for one in registry().layers.values()
    if one.example and one.category != "Loss" and one.type != "FractionalMaxPool2d"
)


def opened(layer: Layer) -> tuple[tuple[str, ...], tuple[TensorType, ...]]:
    """A layer's example with all sizes open but those of the batch and of features or channels."""
    assert layer.example
    example, ports, types = layer.example, list[str](), list[TensorType]()
    for port, given_shapes in example.inputs.items():
        for shape in given_shapes:
            channels = len(shape) - 1 if len(shape) == 3 else 1
            sizes = (
                size if at == channels else symbol("DHWT"[at - 1]) for at, size in enumerate(shape) if at
            )
            ports.append(port)
            types.append(TensorType((N, *sizes), example.dtypes.get(port, example.dtype)))
    return tuple(ports), tuple(types)


@pytest.mark.parametrize("layer", WITH_EXAMPLE, ids=lambda layer: layer.type)
def test_every_layer_follows_its_formula_or_says_why_not(layer: Layer) -> None:
    assert layer.example
    values = layer.values(layer.example.params)
    chosen = layer.adapt(values) if layer.adapt else layer
    values = chosen.values(layer.example.params)
    settings_ = {param.name: values[param.name] for param in chosen.params if param.applies(values)}
    ports, types = opened(layer)
    found = shapes.infer(chosen, settings_, ports, types)
    assert found.outputs or found.failure
    for factor in (1, 3) if found.outputs else ():
        exact = [size.divisor(name) for one in found.outputs for size in one.shape
                 if isinstance(size, Dim) for name in size.open]  # fmt: skip
        sizes = {name: 24 * factor * lcm(1, *exact) for name in "DHWT"}
        real = shapes.infer(chosen, settings_, ports, tuple(one.bound(sizes) for one in types))
        assert real.outputs == tuple(one.bound(sizes) for one in found.outputs), real.failure


def test_formulas_read_as_people_write_them() -> None:
    formulas = (H / 4, 2 * T + 1, N * T, H / 2 - 1, 3 * H / 4, H * H, 64 * H * W / 16, H - H + 3)
    assert list(map(str, formulas)) == ["H/4", "2T+1", "N·T", "H/2-1", "3H/4", "H²", "4H·W", "3"]
    assert TensorType((N, 64, H / 4, W / 4 - 1)).pill == "64×H/4×(W/4-1)"
    assert (N * T + 1).__class__ is Dim
    assert TensorType((N, T * 64, H / 2)).at(3, T=5, H=8) == (3, 320, 4)
    assert TensorType((N, T)).at(2) == (2, ASSUMED)


def test_a_fully_convolutional_network_is_right_at_twenty_sizes() -> None:
    checked = sound(
        row(
            node("a", "Conv2d", out_channels=8, padding=1, stride=2),
            node("b", "Conv2d", out_channels=8),
            node("c", "MaxPool2d"),
            node("d", "ConvTranspose2d", out_channels=4, kernel_size=4, stride=2, padding=1),
            node("e", "Conv2d", out_channels=5, kernel_size=1),
        )
    )
    assert [checked.types[Endpoint(name, "output")].pill for name in "abcde"] == [
        "8×H/2×W/2",
        "8×(H/2-2)×(W/2-2)",
        "8×(H/4-1)×(W/4-1)",
        "4×(H/2-2)×(W/2-2)",
        "5×(H/2-2)×(W/2-2)",
    ]
    dice = random.Random(3)
    for _ in range(20):
        planned, real = at_sizes(checked, H=4 * dice.randint(2, 40), W=4 * dice.randint(2, 40))
        assert planned == real


LAYERS = st.sampled_from(["Conv2d", "MaxPool2d", "AvgPool2d", "ConvTranspose2d"])


@given(
    st.lists(
        st.tuples(LAYERS, st.integers(1, 4), st.integers(1, 3), st.integers(0, 1)), min_size=1, max_size=4
    ),
    st.integers(1, 4),
    st.integers(1, 4),
)
@settings(max_examples=40)
def test_chains_of_windows_follow_their_formula(
    chain: list[tuple[str, int, int, int]], high: int, wide: int
) -> None:
    layers = [
        node(f"n{at}", type, kernel_size=kernel, stride=stride, padding=min(padding, kernel // 2))
        for at, (type, kernel, stride, padding) in enumerate(chain)
    ]
    checked = sound(row(*layers, shape=(2, "H", "W")))
    found = [size for type in checked.types.values() for size in type.shape if isinstance(size, Dim)]
    exact = {name: lcm(*(size.divisor(name) for size in found)) for name in "HW"}
    least = {name: checked.requirements[name].least for name in "HW"}
    sizes = {
        name: exact[name] * (factor + -(-least[name] // exact[name]))
        for name, factor in (("H", high), ("W", wide))
    }
    planned, real = at_sizes(checked, **sizes)
    assert planned == real


@pytest.mark.parametrize(("levels", "multiple"), [(4, 16), (3, 8), (1, 2)])
def test_a_u_net_demands_multiples(levels: int, multiple: int) -> None:
    checked = sound(u_net(levels))
    assert sentences(checked.requirements) == [f"H and W must be multiples of {multiple}"]
    planned, real = at_sizes(checked, H=multiple * 3, W=multiple)
    assert planned == real
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        at_sizes(checked, H=multiple * 3 + multiple // 2, W=multiple)


def test_a_u_net_of_blocks_demands_the_same() -> None:
    project = load(SAMPLES / "unet.loom")
    fields = describe(project.data, SAMPLES).fields
    checked = sound(edits.set_params(project, "image", {"shape": "3, H, W"}), fields)
    assert sentences(checked.requirements) == ["H and W must be multiples of 16"]
    assert checked.types[Endpoint("down4", "y")].pill == "1024×H/16×W/16"
    smaller = {**fields, "input": Field("input", (3, 72, 64))}
    problem = Checker().check(edits.set_params(project, "image", {"shape": "3, H, W"}), smaller).errors[0]
    assert problem.message == "image: input is 3×72×64, and H is 72: here H must be a multiple of 16"
    assert problem.hint == "Resize, crop or pad input so that H is 64 or 80."


@pytest.mark.parametrize(
    "reading",
    [
        [node("read", "GRU")],
        [node("read", "TransformerEncoderLayer", dim_feedforward=8)],
        [node("turn", "Permute"), node("read", "Conv1d", padding=1), node("back", "Permute")],
    ],
)
def test_a_text_model_takes_any_length(reading: list[Node]) -> None:
    embedding = node("e", "Embedding", num_embeddings=9, embedding_dim=8)
    layers = [embedding, *reading, node("mean", "Mean", dim=1), node("fc", "Linear", out_features=3)]
    checked = sound(row(*layers, shape="T", dtype="int64"))
    assert checked.requirements == {"T": Requirement()}
    assert sentences(checked.requirements) == ["T may have any size"]
    for name in ("x", "e", reading[-1].name):
        assert checked.types[Endpoint(name, "output")].shape[1] == T
    for length in (1, 2, 7, 30):
        planned, real = at_sizes(checked, T=length)
        assert planned == real == (2, 3)


def test_learned_positions_say_how_long_at_most() -> None:
    layers = [
        node("e", "Embedding"),
        node("at", "LearnedPositions", num_positions=100),
        node("m", "Mean", dim=1),
    ]
    checked = sound(row(*layers, shape="T", dtype="int64"))
    assert sentences(checked.requirements) == ["T must be at most 100"]
    assert checked.types[Endpoint("at", "output")].pill == "T×64"


def test_a_window_says_how_large_at_least() -> None:
    checked = sound(row(node("a", "Conv2d", kernel_size=5), node("b", "MaxPool2d")))
    told = "H and W must be at least 6; the sizes shown are those of multiples of 2"
    assert sentences(checked.requirements) == [told]
    assert [checked.requirements["H"].met(size) for size in (5, 6, 7)] == [False, True, True]


def test_sizes_of_which_different_things_are_demanded() -> None:
    layers = [node("a", "PixelUnshuffle", downscale_factor=3), node("b", "Conv2d", kernel_size=(1, 5))]
    checked = sound(row(*layers))
    assert sentences(checked.requirements) == [
        "H must be a multiple of 3",
        "W must be a multiple of 3, at least 15",
    ]


def test_an_autoencoder_must_come_back_to_its_input() -> None:
    layers = [
        node("down", "MaxPool2d"),
        node("up", "ConvTranspose2d", out_channels=3, kernel_size=2, stride=2),
    ]
    project = row(*layers)
    loss = Node("loss", "MSE", {"target": "picture"})
    graph = project.graph.with_nodes(loss, node("x", "Input", field="picture", shape=(3, "H", "W")))
    project = edits.connect(
        project.with_graph(graph), Endpoint("up", "output"), Endpoint("loss", "prediction")
    )
    checked = sound(project, {"picture": Field("picture", (3, 32, 32))})
    assert sentences(checked.requirements) == ["H and W must be multiples of 2"]


def test_a_square_has_one_size() -> None:
    nodes = [node("x", "Input", shape=(3, "S", "S")), node("b", "MatMul"), node("out", "Output")]
    checked = sound(draw(nodes, "x > b", "x > b.other", "b > out"))
    assert checked.plan.outputs[0].type.pill == "3×S×S"


def test_products_of_open_sizes_are_found() -> None:
    checked = sound(row(node("flat", "Flatten", start_dim=2), node("turn", "Permute"), node("fc", "Linear")))
    assert checked.types[Endpoint("flat", "output")].pill == "3×H·W"
    assert at_sizes(checked, H=5, W=7)[0] == at_sizes(checked, H=5, W=7)[1] == (2, 35, 64)


def test_a_width_that_would_be_open_is_a_problem_with_a_fix_that_works() -> None:
    project = edits.set_params(classifier(node("conv", "Conv2d"), node("pool", "MaxPool2d")), "x", {
        "field": "", "shape": (1, "H", "W")})  # fmt: skip
    problem = Checker().check(project, {}).errors[0]
    assert problem.message.startswith("fc: in_features would be 8H·W-")
    assert problem.node == "fc"
    for fix in problem.fixes:
        fixed = Checker().check(fix.edit(project), {})
        assert not [one for one in fixed.errors if one.node == "fc"], fix.label
    assert [fix.label.split()[1] for fix in problem.fixes[:2]] == ["AdaptiveAvgPool2d"] * 2


def test_text_that_is_joined_is_averaged_instead() -> None:
    project = row(
        node("e", "Embedding"), node("flat", "Flatten"), node("fc", "Linear"), shape="T", dtype="int64"
    )
    problem = Checker().check(project, {}).errors[0]
    assert problem.message == "fc: in_features would be 64T, and a layer has one number there"
    sound(problem.fixes[0].edit(project))


def test_channels_in_the_last_place_are_turned() -> None:
    project = row(node("conv", "Conv1d"), shape=("T", 8))
    problem = Checker().check(project, {}).errors[0]
    assert problem.fixes[0].label == "Insert Permute before conv"
    sound(problem.fixes[0].edit(project))


def test_sizes_are_opened_in_many_ways() -> None:
    for shape in ("3, H, W", (3, "H", "W"), "3×H×W", (3, -1, -1), (3, None, None)):
        checked = sound(row(node("a", "MaxPool2d"), shape=shape))
        assert checked.types[Endpoint("a", "output")].pill == "3×H/2×W/2"


@pytest.mark.parametrize("shape", ["3, N", "0, H", (3, "not a name"), (True, 2), ""])
def test_what_is_no_size_is_refused(shape: Value) -> None:
    problem = Checker().check(row(shape=shape), {}).errors[0]
    assert problem.field == "shape"
    assert "a name such as H" in problem.message


def test_costs_say_what_open_sizes_count_as() -> None:
    checked = sound(row(node("a", "Conv2d", out_channels=2, kernel_size=1)))
    assert checked.costs["a"].multiply_adds == 3 * 2 * ASSUMED**2
    lines = [line.text for line in worked(checked.steps["a"], checked.costs["a"])]
    assert "H and W = 256 in what follows" in lines


def test_code_shows_the_sizes() -> None:
    project = row(node("a", "Conv2d", out_channels=64, padding=1, stride=4))
    text = to_pytorch(project, sound(project).plan)
    assert "(N, 3, H, W)" in text
    assert "(N, 64, H/4, W/4)" in text


def test_plain_drawings_are_tried_at_two_batches_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    real = shapes.fitted

    def counted(points: Sequence[Point], *rest: Any) -> Any:
        tried.append(len(points))
        return real(points, *rest)

    monkeypatch.setattr(shapes, "fitted", counted)
    shapes.forget()
    checked = Checker().check(residual(), FIELDS)
    assert set(tried) == {2}
    assert len(tried) <= len(checked.steps)
    assert checked.requirements == {}


def test_what_was_found_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    checker, project = Checker(), u_net(2)
    first = checker.check(project, {}).requirements
    monkeypatch.setattr("studio.build.trials.requirements_of", None)
    assert checker.check(edits.move(project, {"image": (5.0, 5.0)}), {}).requirements == first


def test_a_plan_without_open_sizes_demands_nothing() -> None:
    assert requirements_of(Checker().check(residual(), FIELDS).plan) == {}


@pytest.mark.parametrize(
    ("one", "size", "near"),
    [
        (Requirement(16), 130, (128, 144)),
        (Requirement(16), 5, (16,)),
        (Requirement(1, 5), 3, (5,)),
        (Requirement(1, 1, 512), 600, (512,)),
        (Requirement(8, 16, 64), 70, (64,)),
    ],
)
def test_the_nearest_sizes_that_fit(one: Requirement, size: int, near: tuple[int, ...]) -> None:
    assert not one.met(size)
    assert one.nearest(size) == near
