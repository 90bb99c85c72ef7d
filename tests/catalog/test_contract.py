"""The one contract that every layer keeps; a new layer is covered by being declared."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from studio.build.network import Network
from studio.build.plan import Plan
from studio.build.sizes import Dim
from studio.catalog.layers.custom import TEMPLATE
from studio.catalog.registry import Layer, registry
from studio.catalog.trust import trust
from studio.interchange.pytorch import text as source_text
from studio.project.graph import Graph, Node, name_error
from studio.project.project import Project
from studio.project.storage import dumps, loads
from studio.train.objective import Objective
from tests.catalog.examples import (
    IN_MODEL,
    LAYERS,
    LOSSES,
    WITH_TARGET,
    batch_of,
    drawing,
    named,
    outputs,
    plan_of,
    written,
)


@pytest.fixture(autouse=True)
def _trusted() -> None:
    trust().add(TEMPLATE, keep=False)


def inputs_of(plan: Plan, layer: Layer, batch: int | None = None) -> list[Tensor]:
    tensors = batch_of(layer, batch)
    return [tensors[step.field] for step in plan.model_inputs]


def run(network: torch.nn.Module, inputs: list[Tensor], seed: int = 0) -> tuple[Tensor, ...]:
    torch.manual_seed(seed)
    return outputs(network(*inputs))


def lively(network: Network) -> Network:
    """The network with parameters that do something: some start out as zeros."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator) - 0.3)
    return network


def equal(ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...]) -> bool:
    return len(ours) == len(theirs) and all(map(torch.equal, ours, theirs))


@named(LAYERS)
def test_is_documented_and_its_defaults_pass(layer: Layer) -> None:
    assert layer.doc.endswith("."), layer.doc
    assert layer.url.startswith("https://") or layer.target is None
    assert name_error(layer.type.lower() + "1") is None
    for param in layer.all_params:
        assert param.doc
        assert param.check(param.default) == param.default
    for port in (*layer.inputs, *layer.outputs):
        assert port.doc
    assert len({param.name for param in layer.all_params}) == len(layer.all_params)


@named(WITH_TARGET)
def test_its_help_tells_formula_and_use(layer: Layer) -> None:
    assert layer.formula
    assert layer.use.endswith("."), layer.use
    assert layer.keywords
    assert set(layer.follows) <= registry().layers.keys()
    assert layer.paper == "" or layer.paper.startswith("https://")


@named(WITH_TARGET)
def test_its_parameters_are_torch_s_with_the_same_defaults(layer: Layer) -> None:
    assert layer.target
    if not layer.target.startswith("studio.") and not layer.is_module:
        pytest.skip("functions of torch tell no signature")
    if layer.code:
        pytest.skip("the form is read off the user's own class")
    known = source_text.defaults(layer.target)
    assert {*layer.derived, *(param.name for param in layer.params)} <= known.keys()
    for param in layer.params:
        default = known[param.name]
        if default is source_text.NOTHING or (default is None and not getattr(param, "optional", False)):
            continue
        assert param.default == (default.__name__ if callable(default) else default), param.name


@named(LAYERS)
def test_survives_the_file(layer: Layer) -> None:
    if layer.example:
        project = drawing(layer)
    else:
        node = Node("subject", layer.type, {param.name: param.default for param in layer.all_params})
        project = Project(graph=Graph({"subject": node}))
    assert loads(dumps(project)) == project


@named(IN_MODEL)
@pytest.mark.parametrize("batch", [None, 1, 5])
def test_planned_types_are_the_real_ones(layer: Layer, batch: int | None) -> None:
    plan = plan_of(layer)
    inputs = inputs_of(plan, layer, batch)
    results = run(Network(plan).eval(), inputs)
    size = len(inputs[0]) if inputs else 1
    assert len(results) == len(layer.outputs)
    for name, result in zip(plan.results, results, strict=True):
        planned = next(output.type for output in plan.outputs if output.name == name)
        assert planned.at(size) == tuple(result.shape)
        assert f"torch.{planned.dtype}" == str(result.dtype)


@named(IN_MODEL)
def test_a_sample_s_result_does_not_hang_on_the_others(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = lively(Network(plan)).eval(), inputs_of(plan, layer, 5)
    if layer.varies == "always" or not inputs:
        pytest.skip("random, or a constant")
    whole, part = run(network, inputs), run(network, [tensor[:2] for tensor in inputs])
    for output, all_five, first_two in zip(plan.outputs, whole, part, strict=True):
        if output.type.shape[:1] == (Dim(),):
            torch.testing.assert_close(all_five[:2], first_two)


@named(IN_MODEL)
def test_network_and_source_agree_to_the_bit(layer: Layer) -> None:
    plan = plan_of(layer)
    torch.manual_seed(1)
    network = Network(plan)
    torch.manual_seed(1)
    model = written(drawing(layer), plan)
    for key, value in network.state_dict().items():
        assert torch.equal(model.state_dict()[key], value), key
    model.load_state_dict(network.state_dict(), strict=True)
    inputs = inputs_of(plan, layer)
    for mode in (True, False):
        assert equal(run(network.train(mode), inputs), run(model.train(mode), inputs))


@named(IN_MODEL)
def test_training_and_evaluation_differ_only_where_declared(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = lively(Network(plan)), inputs_of(plan, layer)
    network.eval()
    first, second = run(network, inputs), run(network, inputs, seed=1)
    assert equal(first, second) == (layer.varies != "always")
    trained = run(network.train(), inputs, seed=1)
    if layer.varies == "never":
        torch.testing.assert_close(trained, first)
    else:
        assert not equal(trained, first)


@named(IN_MODEL)
def test_computes_with_double_precision(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = lively(Network(plan)).eval(), inputs_of(plan, layer)
    single = run(network, inputs)
    wide = run(network.double(), [one.double() if one.is_floating_point() else one for one in inputs])
    for output, one, other in zip(plan.outputs, single, wide, strict=True):
        if one.is_floating_point() and layer.varies != "always":
            torch.testing.assert_close(one.double(), other.double(), rtol=1e-3, atol=1e-4)
        if inputs and inputs[0].is_floating_point() and "dtype" not in dict(layer.values({})):
            assert other.dtype == (torch.float64 if output.type.dtype == "float32" else one.dtype)


@named(IN_MODEL)
def test_gradients_reach_every_parameter_and_input(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = Network(plan).train(), inputs_of(plan, layer)
    inputs = [tensor.requires_grad_(tensor.is_floating_point()) for tensor in inputs]
    blocked = {f"in_{port.name}0" for port in layer.inputs if not port.flows}
    flowing = [
        tensor
        for step, tensor in zip(plan.model_inputs, inputs, strict=True)
        if tensor.requires_grad and step.field not in blocked
    ]
    learned = [one for one in network.named_parameters() if one[1].requires_grad]
    results = [result for result in run(network, inputs) if result.is_floating_point()]
    assert all(result.requires_grad == bool(flowing or learned) for result in results)
    if not results or not (flowing or learned):
        return  # whole numbers come out, or a constant
    torch.autograd.backward(results, [torch.rand_like(result) for result in results])
    assert [name for name, parameter in learned if parameter.grad is None] == []
    assert all(tensor.grad is not None and bool(tensor.grad.isfinite().all()) for tensor in flowing)


@named(IN_MODEL)
def test_its_state_is_saved_and_loaded(layer: Layer) -> None:
    plan = plan_of(layer)
    network, inputs = lively(Network(plan)).train(), inputs_of(plan, layer)
    run(network, inputs)  # moves running statistics
    torch.manual_seed(5)
    other = Network(plan)
    other.load_state_dict(load(save(network.state_dict())), strict=True)
    assert equal(run(network.eval(), inputs), run(other.eval(), inputs))


@named(LOSSES)
def test_a_loss_is_a_finite_number_with_a_gradient(layer: Layer) -> None:
    plan, batch = plan_of(layer), batch_of(layer)
    prediction = batch[f"in_{layer.inputs[0].name}0"].requires_grad_()
    total = Objective(plan, Network(plan))(batch).total
    assert total.shape == ()
    assert total.isfinite()
    total.backward()
    assert prediction.grad is not None
    assert bool(prediction.grad.isfinite().all())


@named(tuple(layer for layer in IN_MODEL if layer.shape))
def test_the_declared_rule_agrees_with_the_meta_device(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled = plan_of(layer)
    assert layer.example
    here = layer.adapt(layer.values(layer.example.params)) if layer.adapt else layer
    layers = {**registry().layers, layer.type: replace(here, shape=None, adapt=None)}
    monkeypatch.setattr(registry(), "layers", layers)
    meta = plan_of(layer)
    assert [step.outputs for step in ruled.steps] == [step.outputs for step in meta.steps]
