"""The first network for each form of data has no problem, not even a warning, and learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.catalog.first_network import first_network
from studio.project.fields import Field
from studio.project.project import Project

LABEL = Field("label", (), "int64", ("a", "b", "c"), "target", 0.0, 2.0)
PRICE = Field("price", (1,), role="target")
INPUTS = {
    "numbers": Field("features", (13,)),
    "one number": Field("x", (1,)),
    "a bare number": Field("x", ()),
    "small picture": Field("image", (1, 8, 8), low=0, high=255, picture=True),
    "picture": Field("image", (3, 64, 96), low=0, high=255, picture=True),
    "large picture": Field("image", (3, 512, 512), low=0, high=255, picture=True),
    "tokens": Field("text", (40,), "int64", low=0, high=99),
    "words": Field("text", (40,), "int64", tuple("abcdefgh")),
    "class": Field("town", (), "int64", ("x", "y")),
    "waveform": Field("sound", (1, 16_000)),
    "spectrogram": Field("sound", (40, 100)),
    "windows": Field("past", (24, 3)),
    "whole numbers": Field("counts", (5,), "float32"),
}


def problems(project: Project, fields: dict[str, Field]) -> list[str]:
    parts = {"train": 5000, "validation": 500, "test": 500}
    return [one.message for one in Checker().check(project, fields, (), parts).problems]


@pytest.mark.parametrize("target", [LABEL, PRICE, Field("next", (6, 2), role="target")], ids=lambda f: f.name)
@pytest.mark.parametrize("name", INPUTS)
def test_one_input(name: str, target: Field) -> None:
    fields = {one.name: one for one in (INPUTS[name], target)}
    made = first_network(Project(), fields, 6000)
    assert made is not None
    assert problems(made, fields) == []


@pytest.mark.parametrize("name", INPUTS)
def test_without_a_target_the_input_is_made_again(name: str) -> None:
    one = INPUTS[name]
    made = first_network(Project(), {one.name: one}, 6000)
    if one.dtype != "float32" or name in ("one number", "a bare number", "waveform"):
        assert made is None
        return
    assert made is not None
    assert {edge.source.node for edge in made.graph.edges if edge.target.port == "target"} == {one.name}
    assert problems(made, {one.name: one}) == []


def test_several_inputs_meet() -> None:
    names = ("picture", "tokens", "class", "windows")
    fields = {one.name: one for one in (*(INPUTS[name] for name in names), LABEL)}
    made = first_network(Project(), fields)
    assert made is not None
    assert sum(node.type == "Input" for node in made.graph.nodes.values()) == 4
    assert problems(made, fields) == []


def test_a_class_for_every_point() -> None:
    mask = Field("mask", (64, 96), "int64", ("paper", "ink"), "target")
    fields = {"image": INPUTS["picture"], "mask": mask}
    made = first_network(Project(), fields)
    assert made is not None
    assert problems(made, fields) == []


@pytest.mark.parametrize("shape", [(1, 64, 96), (3, 64, 96), (3, 32, 48)])
def test_a_picture_of_a_picture(shape: tuple[int, ...]) -> None:
    target = Field("after", shape, role="target", low=0, high=255, picture=True)
    fields = {"image": INPUTS["picture"], "after": target}
    made = first_network(Project(), fields, 6000)
    assert made is not None
    assert problems(made, fields) == []
    assert first_network(Project(), {"features": INPUTS["numbers"], "after": target}, 6000) is None


def test_the_next_token_at_every_place() -> None:
    fields = {
        "text": Field("text", (128,), "int64", low=0, high=60),
        "next": Field("next", (128,), "int64", low=0, high=60, role="target"),
    }
    made = first_network(Project(), fields, 5000)
    assert made is not None
    assert problems(made, fields) == []


def test_few_samples_get_a_narrow_network_and_small_batches() -> None:
    fields = {"image": INPUTS["small picture"], "label": LABEL}
    made = first_network(Project(), fields, 40)
    assert made is not None
    parts = {"train": 28, "validation": 6, "test": 6}
    assert [one.message for one in Checker().check(made, fields, (), parts).problems] == []
    assert made.training.options["batch_size"] == 4


def test_columns_that_were_put_together_enter_once() -> None:
    fields = {
        "features": Field("features", (2,)),
        "a": Field("a", (1,)),
        "b": Field("b", (1,)),
        "price": PRICE,
    }
    made = first_network(Project(), fields)
    assert made is not None
    assert [node.params["field"] for node in made.graph.nodes.values() if node.type == "Input"] == [
        "features"
    ]


def test_nothing_to_predict_makes_no_network() -> None:
    assert first_network(Project(), {"x": INPUTS["tokens"]}) is None
    assert first_network(Project(), {"label": LABEL}) is None


def test_no_two_nodes_lie_on_each_other(tmp_path: Path) -> None:
    fields = {one.name: one for one in (INPUTS["picture"], INPUTS["tokens"], LABEL)}
    made = first_network(Project(), fields)
    assert made is not None
    places = [node.position for node in made.graph.nodes.values()]
    assert len(set(places)) == len(places)
