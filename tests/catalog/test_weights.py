"""How weights start, whether they train and how they are normalized: in the network as in its source."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.catalog.registry import Layer
from studio.interchange.pytorch.source import to_pytorch
from studio.project.block import Argument, Block
from studio.project.graph import Node
from studio.project.params import Choice, Param, Value
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, draw, node
from tests.catalog.examples import IN_MODEL, batch_of, drawing, named, outputs, plan_of, written


def option(layer: Layer, name: str) -> Param | None:
    return next((one for one in layer.options if one.name == name), None)


STARTED = tuple(layer for layer in IN_MODEL if option(layer, "init"))
NORMED = tuple(layer for layer in IN_MODEL if option(layer, "norm"))
FROZEN = tuple(layer for layer in IN_MODEL if option(layer, "freeze"))


def choices(layer: Layer, name: str) -> tuple[str, ...]:
    found = option(layer, name)
    return (
        tuple(one for one in found.options if one not in ("default", "none"))
        if isinstance(found, Choice)
        else ()
    )


def given(layer: Layer, **options: Value) -> Layer:
    """The layer with an example of these options."""
    assert layer.example
    return replace(layer, example=replace(layer.example, params={**layer.example.params, **options}))


def twins(layer: Layer) -> tuple[Plan, Network, nn.Module]:
    """The example as a network and as a module of its source code, made from one seed."""
    plan = plan_of(layer)
    torch.manual_seed(1)
    network = Network(plan)
    torch.manual_seed(1)
    return plan, network, written(drawing(layer), plan)


def assert_equal(network: nn.Module, model: nn.Module) -> None:
    ours, theirs = network.state_dict(), model.state_dict()
    assert list(ours) == list(theirs)
    for key, value in ours.items():
        assert torch.equal(theirs[key], value), key
    assert trains(network) == trains(model)


def trains(model: nn.Module) -> dict[str, bool]:
    return {name: parameter.requires_grad for name, parameter in model.named_parameters()}


def test_every_layer_that_learns_can_be_frozen() -> None:
    learning = {
        layer.type for layer in IN_MODEL if layer.is_module and list(Network(plan_of(layer)).parameters())
    }
    assert learning - {layer.type for layer in FROZEN} <= {"LoRALinear", "PythonLayer"}


@named(STARTED)
def test_weights_start_as_chosen_in_network_and_source(layer: Layer) -> None:
    _, plain, _ = twins(layer)
    for init in choices(layer, "init"):
        _, network, model = twins(
            given(layer, init=init, init_value=0.25, init_mode="fan_out", init_gain=2.0)
        )
        assert_equal(network, model)
        assert any(
            not torch.equal(a, b) for a, b in zip(plain.parameters(), network.parameters(), strict=True)
        )
    for init in choices(layer, "bias_init"):
        _, network, model = twins(given(layer, bias_init=init, bias_value=0.5))
        assert_equal(network, model)
        wanted = 0.5 if init == "constant" else 0.0
        biases = [one for name, one in network.named_parameters() if "bias" in name]
        assert biases
        assert all(bool((bias == wanted).all()) for bias in biases)


@named(NORMED)
def test_weights_are_normalized_in_network_and_source(layer: Layer) -> None:
    for norm in choices(layer, "norm"):
        for init in ("default", "kaiming_normal"):
            plan, network, model = twins(given(layer, norm=norm, init=init))
            assert_equal(network, model)
            assert any("parametrizations.weight" in key for key in network.state_dict())
            inputs = [batch_of(layer)[step.field] for step in plan.model_inputs]
            ours, theirs = outputs(network.train()(*inputs)), outputs(model.train()(*inputs))
            assert all(map(torch.equal, ours, theirs))


@named(FROZEN)
def test_frozen_weights_need_no_gradient_in_network_and_source(layer: Layer) -> None:
    _, network, model = twins(given(layer, freeze=True))
    assert_equal(network, model)
    assert not any(trains(network).values())


def made(**params: Value) -> nn.Module:
    project = classifier(node("conv1", "Conv2d", out_channels=64, kernel_size=5, **params))
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    torch.manual_seed(0)
    return Network(checked.plan).get_submodule("conv1")


def weight(module: nn.Module) -> Tensor:
    found = module.weight
    assert isinstance(found, Tensor)
    return found.detach()


def test_the_ways_to_start_have_the_spread_that_their_papers_give() -> None:
    fan_in, fan_out = 25, 64 * 25
    spreads = {
        ("kaiming_normal", "fan_in"): (2 / fan_in) ** 0.5,
        ("kaiming_normal", "fan_out"): (2 / fan_out) ** 0.5,
        ("xavier_normal", "fan_in"): (2 / (fan_in + fan_out)) ** 0.5,
    }
    for (init, mode), expected in spreads.items():
        assert weight(made(init=init, init_mode=mode)).std() == pytest.approx(expected, rel=0.1)
    for init in ("truncated_normal", "normal"):
        assert weight(made(init=init, init_std=0.3)).std() == pytest.approx(0.3, rel=0.1)
    flat = weight(made(init="orthogonal", init_gain=2.0)).flatten(1)
    torch.testing.assert_close(flat.T @ flat, 4 * torch.eye(25), atol=1e-4, rtol=1e-4)
    assert bool((weight(made(init="constant", init_value=0.5)) == 0.5).all())


def test_spectral_norm_bounds_the_stretch_and_weight_norm_keeps_the_weight() -> None:
    assert torch.linalg.matrix_norm(weight(made(norm="spectral_norm")).flatten(1), 2) < 1.1
    torch.testing.assert_close(weight(made(norm="weight_norm")), weight(made()))


def test_the_row_of_padding_stays_zero() -> None:
    embedding = given_embedding(init="normal", padding_idx=2)
    assert bool((embedding[2] == 0).all())
    assert int((embedding == 0).sum()) == 4


def given_embedding(**params: Value) -> Tensor:
    project = draw(
        [node("x", "Input", field="words"), Node("embedding", "Embedding", {"num_embeddings": 20,
         "embedding_dim": 4, **params}), node("out", "Output")],
        "x > embedding", "embedding > out",
    )  # fmt: skip
    plan = Checker().check(project, FIELDS).plan
    assert "nn.init.zeros_(self.embedding.weight[2])" in to_pytorch(project, plan)
    return weight(Network(plan).get_submodule("embedding"))


def test_each_use_of_a_block_starts_as_it_says() -> None:
    graph = draw(
        [node("x", "Input"), node("fc", "Linear", out_features=5, init="constant", init_value="= start"),
         node("y", "Output")],
        "x > fc", "fc > y",
    ).graph  # fmt: skip
    project = draw(
        [node("x", "Input", field="rows"), Node("one", "block:Part", {"start": 1.0}),
         Node("two", "block:Part", {"start": 2.0}), node("out", "Output")],
        "x > one.x", "one.y > two.x", "two.y > out",
    )  # fmt: skip
    project = replace(project, blocks={"Part": Block(graph, (Argument("start", 0.5),))})
    plan = checked(project)
    network = Network(plan)
    assert bool((network.get_parameter("one.fc.weight") == 1).all())
    assert bool((network.get_parameter("two.fc.weight") == 2).all())
    torch.manual_seed(0)
    network = Network(plan)
    torch.manual_seed(0)
    assert_equal(network, written(project, plan))


def test_layers_over_several_trailing_dimensions_do_not_share_an_answer() -> None:
    for dims, size in ((1, 8), (2, 64), (3, 64)):
        plan = checked(classifier(node("norm", "LayerNorm", dims=dims)))
        assert sum(one.numel() for one in Network(plan).get_submodule("norm").parameters()) == 2 * size
    told = Checker().check(classifier(node("norm", "LayerNorm", dims=4)), FIELDS).errors[0].message
    assert "would take in the batch" in told


def checked(project: Project) -> Plan:
    found = Checker().check(project, FIELDS)
    assert not found.errors, found.errors
    return found.plan
