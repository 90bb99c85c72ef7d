"""Every layer's example as a drawing, a plan and a batch."""

from __future__ import annotations

import inspect

import pytest
import torch

from studio.build.check import Checker
from studio.build.plan import Plan
from studio.catalog.registry import Layer, registry
from studio.interchange.pytorch.source import to_pytorch
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project


def as_in_example(layer: Layer) -> Layer:
    """The declaration as the example's parameters make it."""
    given = layer.example.params if layer.example else {}
    return layer.adapt(layer.values(given)) if layer.adapt else layer


LAYERS = tuple(map(as_in_example, registry().layers.values()))
WITH_TARGET = tuple(layer for layer in LAYERS if layer.target)
IN_MODEL = tuple(layer for layer in WITH_TARGET if layer.category != "Loss")
LOSSES = tuple(layer for layer in LAYERS if layer.category == "Loss")


def named(layers: tuple[Layer, ...]) -> pytest.MarkDecorator:
    """A test for each of these layers."""
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
    """The plan of the example, which has no mistakes but for lacking a loss."""
    checked = Checker().check(drawing(layer), fields_of(layer))
    wrong = [problem for problem in checked.errors if "loss" not in problem.message.lower()]
    assert not wrong, wrong
    return checked.plan


def fields_of(layer: Layer) -> dict[str, Field]:
    """The example's inputs as fields of the data."""
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
                torch.rand(shape, generator=generator) * (1 - example.low) + example.low
                if dtype.is_floating_point
                else torch.randint(example.high, shape, generator=generator).to(dtype)
            )
    return tensors


def outputs(result: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """The results of a network, one or several."""
    return (result,) if isinstance(result, torch.Tensor) else tuple(result)


def written(project: Project, plan: Plan) -> torch.nn.Module:
    """A module of the class that the plan is as source code."""
    space: dict = {}
    exec(compile(to_pytorch(project, plan), "model.py", "exec"), space)
    own = [one for one in space.values() if inspect.isclass(one) and one.__module__ != "torch.nn"]
    return next(one for one in reversed(own) if issubclass(one, torch.nn.Module))()
