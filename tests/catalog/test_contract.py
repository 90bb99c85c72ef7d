"""The one contract that every layer keeps; a new layer is covered by being declared."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import replace

import pytest
import torch

from studio.build.check import Checker
from studio.build.network import Network, make_losses
from studio.build.plan import Plan
from studio.catalog.registry import Layer, registry
from studio.interchange.pytorch_source import to_pytorch
from studio.project.graph import Edge, Endpoint, Graph, Node, name_error
from studio.project.project import Project
from studio.project.storage import dumps, loads

LAYERS = tuple(registry().layers.values())
WITH_TARGET = tuple(layer for layer in LAYERS if layer.target)
IN_MODEL = tuple(layer for layer in WITH_TARGET if layer.category != "Loss")
LOSSES = tuple(layer for layer in LAYERS if layer.category == "Loss")


def named(layers: tuple[Layer, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("layer", layers, ids=lambda layer: layer.type)


def drawing(layer: Layer) -> Project:
    """The layer's example as a project: an Input per tensor, the layer, and an Output per result."""
    example = layer.example
    assert example
    nodes = [Node("subject", layer.type, dict(example.params))]
    edges = []
    for port, shapes in example.inputs.items():
        for index, shape in enumerate(shapes):
            name = f"in_{port}{index}"
            dtype = example.dtypes.get(port, example.dtype)
            params = {"field": name, "shape": shape[1:] or None, "dtype": dtype}
            nodes.append(
                Node(name, "Input", {key: value for key, value in params.items() if value is not None})
            )
            edges.append(Edge(Endpoint(name, "output"), Endpoint("subject", port, index)))
    for port in layer.outputs:
        nodes.append(Node(f"out_{port.name}", "Output"))
        edges.append(Edge(Endpoint("subject", port.name), Endpoint(f"out_{port.name}", "input")))
    return Project(graph=Graph({node.name: node for node in nodes}, tuple(edges)))


def plan_of(layer: Layer) -> Plan:
    checked = Checker().check(drawing(layer), fields_of(layer))
    wrong = [problem for problem in checked.errors if "loss" not in problem.message.lower()]
    assert not wrong, wrong
    return checked.plan


def fields_of(layer: Layer) -> dict:
    from studio.project.fields import Field

    example = layer.example
    assert example
    return {
        f"in_{port}{index}": Field(f"in_{port}{index}", shape[1:], example.dtypes.get(port, example.dtype))
        for port, shapes in example.inputs.items()
        for index, shape in enumerate(shapes)
    }


def batch_of(layer: Layer, batch: int | None = None) -> dict[str, torch.Tensor]:
    """Real tensors for the example, by the names of the drawing's inputs."""
    example = layer.example
    assert example
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for port, shapes in example.inputs.items():
        for index, shape in enumerate(shapes):
            shape = shape if batch is None else (batch, *shape[1:])
            dtype = getattr(torch, example.dtypes.get(port, example.dtype))
            tensors[f"in_{port}{index}"] = (
                torch.rand(shape, generator=generator)
                if dtype.is_floating_point
                else torch.randint(example.high, shape, generator=generator).to(dtype)
            )
    return tensors


def outputs(result: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return (result,) if isinstance(result, torch.Tensor) else tuple(result)


@named(LAYERS)
def test_is_documented_and_its_defaults_pass(layer: Layer) -> None:
    assert layer.doc.endswith((".", "others")), layer.doc
    assert layer.url.startswith("https://") or layer.target is None
    assert name_error(layer.type.lower() + "1") is None
    for param in layer.all_params:
        assert param.doc
        assert param.check(param.default) == param.default
    for port in (*layer.inputs, *layer.outputs):
        assert port.doc
    assert len({param.name for param in layer.all_params}) == len(layer.all_params)


@named(WITH_TARGET)
def test_a_parameter_that_torch_has_a_default_for_has_the_same(layer: Layer) -> None:
    module, _, name = (layer.target or "").rpartition(".")
    target = getattr(importlib.import_module(module), name)
    if not inspect.isclass(target):
        pytest.skip("functions of torch tell no signature")
    known = inspect.signature(target).parameters
    for param in layer.params:
        if param.name not in known:  # recurrent layers tell no signature either
            continue
        default = known[param.name].default
        if default is inspect.Parameter.empty or (default is None and not getattr(param, "optional", False)):
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
@pytest.mark.parametrize("batch", [None, 5])
def test_planned_types_are_the_real_ones(layer: Layer, batch: int | None) -> None:
    plan = plan_of(layer)
    network = Network(plan).eval()
    tensors = batch_of(layer, batch)
    results = outputs(network(*(tensors[step.field] for step in plan.model_inputs)))
    size = next(iter(tensors.values())).shape[0]
    assert len(results) == len(layer.outputs)
    for name, result in zip(plan.results, results, strict=True):
        planned = next(output.type for output in plan.outputs if output.name == name)
        assert planned.at(size) == tuple(result.shape)
        assert f"torch.{planned.dtype}" == str(result.dtype)


@named(IN_MODEL)
def test_network_and_source_agree_to_the_bit(layer: Layer) -> None:
    project = drawing(layer)
    plan = plan_of(layer)
    space: dict = {}
    exec(compile(to_pytorch(project, plan), "model.py", "exec"), space)
    classes = [one for one in space.values() if inspect.isclass(one) and one.__module__ != "torch.nn"]
    model = next(one for one in reversed(classes) if issubclass(one, torch.nn.Module))
    torch.manual_seed(1)
    network = Network(plan)
    torch.manual_seed(1)
    written = model()
    for key, value in network.state_dict().items():
        assert torch.equal(written.state_dict()[key], value), key
    written.load_state_dict(network.state_dict(), strict=True)
    tensors = batch_of(layer)
    for mode in (True, False):
        network.train(mode)
        written.train(mode)
        inputs = [tensors[step.field] for step in plan.model_inputs]
        torch.manual_seed(2)
        ours = outputs(network(*inputs))
        torch.manual_seed(2)
        theirs = outputs(written(*inputs))
        assert len(ours) == len(theirs)
        assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@named(IN_MODEL)
def test_gradients_reach_every_parameter_and_input(layer: Layer) -> None:
    plan = plan_of(layer)
    network = Network(plan).train()
    tensors = batch_of(layer)
    inputs = [tensors[step.field] for step in plan.model_inputs]
    inputs = [tensor.requires_grad_(tensor.is_floating_point()) for tensor in inputs]
    blocked = {f"in_{port.name}0" for port in layer.inputs if not port.flows}
    flowing = [
        tensor
        for step, tensor in zip(plan.model_inputs, inputs, strict=True)
        if tensor.requires_grad and step.field not in blocked
    ]
    learned = [one for one in network.named_parameters() if one[1].requires_grad]
    results = [result for result in outputs(network(*inputs)) if result.is_floating_point()]
    assert all(result.requires_grad == bool(flowing or learned) for result in results)
    if not results or not (flowing or learned):
        return  # whole numbers come out, or a constant
    torch.autograd.backward(results, [torch.rand_like(result) for result in results])
    assert [name for name, parameter in learned if parameter.grad is None] == []
    assert all(tensor.grad is not None for tensor in flowing)


@named(LOSSES)
def test_a_loss_is_a_finite_number_with_a_gradient(layer: Layer) -> None:
    plan = plan_of(layer)
    tensors = batch_of(layer)
    prediction = tensors["in_prediction0"].requires_grad_()
    loss = make_losses(plan)["subject"](prediction, tensors["in_target0"])
    assert loss.shape == ()
    assert loss.isfinite()
    loss.backward()
    assert prediction.grad is not None


@named(tuple(layer for layer in IN_MODEL if layer.shape))
def test_the_declared_rule_agrees_with_the_meta_device(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled = plan_of(layer)
    bare = replace(layer, shape=None)
    layers = {**registry().layers, layer.type: bare}
    monkeypatch.setattr(registry(), "layers", layers)
    meta = plan_of(bare)
    assert [step.outputs for step in ruled.steps] == [step.outputs for step in meta.steps]
