"""Every layer of the catalog is said in Keras, computing the same, or it is told what comes nearest."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor

from studio.build import calls
from studio.build.check import Checker
from studio.build.plan import Plan
from studio.catalog.registry import Layer, registry
from studio.interchange.keras.comparing import CLOSE, job_of
from studio.interchange.keras.copied import copied_lines
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import Job, run_jobs
from studio.interchange.keras.twins import NEAREST, TWINS
from studio.interchange.keras.twins.losses import LOSSES
from studio.interchange.keras.weights import in_order
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from tests.interchange.keras.held import shaken

LEAST = 0.85
"""The share of the catalog that has a tested twin."""
LAYERS = {
    layer.type: layer
    for layer in registry().layers.values()
    if layer.category not in ("Loss", "Block") and layer.example is not None
}


def example(layer: Layer) -> tuple[Project, Plan, dict[str, Tensor]]:
    """A drawing of the layer alone, fed as its example says, with all its results as Outputs."""
    assert layer.example is not None
    one = layer.example
    torch.manual_seed(1)
    fields: dict[str, Field] = {}
    samples: dict[str, Tensor] = {}
    nodes = [Node("layer", layer.type, one.params)]
    edges: list[Edge] = []
    for port, shapes in one.inputs.items():
        for at, shape in enumerate(shapes):
            name = f"in_{port}_{at}"
            dtype = one.dtypes.get(port, one.dtype)
            fields[name] = Field(name, shape[1:], dtype)
            samples[name] = values(dtype, shape, one.low, one.high)
            nodes.append(Node(name, "Input", {"field": name, "shape": shape[1:] or None, "dtype": dtype}))
            edges.append(Edge(Endpoint(name, "output"), Endpoint("layer", port, at)))
    placed = registry().layer_of(nodes[0])
    assert placed is not None
    for port in placed.outputs:
        nodes.append(Node(f"out_{port.name}", "Output"))
        edges.append(Edge(Endpoint("layer", port.name), Endpoint(f"out_{port.name}", "input")))
    project = Project("example", Graph({node.name: node for node in nodes}, tuple(edges)))
    checked = Checker().check(project, fields)
    assert not checked.errors, checked.errors
    return project, checked.plan, samples


def values(dtype: str, shape: tuple[int, ...], low: float, high: int) -> Tensor:
    """Random values as an example asks for them."""
    if dtype == "bool":
        return torch.rand(shape) < 0.5
    if dtype == "float32":
        return torch.rand(shape) * (1 - low) + low
    return torch.randint(0, high, shape)


@cache
def told() -> dict[str, dict]:
    """What one child says of every type with a twin."""
    drawings = {type: example(LAYERS[type]) for type in TWINS if type in LAYERS}
    jobs = {
        type: job_of(project, plan, shaken(plan), samples)
        for type, (project, plan, samples) in drawings.items()
    }
    jobs |= {type: loss_job(LOSS_LAYERS[type]) for type in LOSSES}
    return dict(zip(jobs, run_jobs(list(jobs.values()), "torch"), strict=True))


@pytest.mark.parametrize("type", LAYERS)
def test_a_layer_has_a_twin_that_computes_the_same_or_a_nearest_choice(type: str) -> None:
    if type not in TWINS:
        (missing,) = missing_twins(example(LAYERS[type])[1])
        assert not missing.said
        assert missing.nearest == NEAREST[type]
        return
    one = told()[type]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE


def test_most_of_the_catalog_has_a_twin() -> None:
    every = [layer.type for layer in registry().layers.values() if layer.category != "Block"]
    placed = {"Input", "Output"}
    missing = [type for type in every if type not in {*TWINS, *LOSSES, *placed}]
    assert 1 - len(missing) / len(every) >= LEAST, missing
    assert {*TWINS, *LOSSES} <= set(every)


LOSS_LAYERS = {layer.type: layer for layer in registry().layers.values() if layer.category == "Loss"}


def loss_job(layer: Layer) -> Job:
    """The loss of the layer's example, as torch and as Keras have it."""
    assert layer.example is not None
    one = layer.example
    torch.manual_seed(1)
    placed = registry().layer_of(Node("loss", layer.type, one.params))
    assert placed is not None
    settings = placed.values(one.params)
    kwargs = {param.name: settings[param.name] for param in placed.params}
    tensors = {
        port: values(one.dtypes.get(port, one.dtype), shapes[0], one.low, one.high)
        for port, shapes in one.inputs.items()
    }
    module = calls.make(placed, kwargs)
    if placed.compares == "signs":
        tensors["target"] = torch.where(tensors["target"] > 0.5, 1.0, -1.0)
    if placed.compares == "sequence":
        tensors["target"] = tensors["target"].clamp(min=1)  # blanks fill up the end only
    ports = [port.name for port in placed.inputs if port.name in tensors]
    expected = module(*(tensors[port] for port in ports))
    code = LOSSES[layer.type].write(settings)
    pieces = ["\n".join(lines) for lines in copied_lines(code.copies)]
    head = "from functools import partial\nimport keras\nfrom keras import ops\n"
    source = "\n\n".join([head, *pieces, f"compute = {code.text}\n"])
    order = sorted(ports, key="target".__ne__)
    last = {
        port: in_order(one, "last" if placed.compares == "classes" else "torch")
        for port, one in tensors.items()
    }
    if placed.compares == "classes":
        last["target"] = in_order(tensors["target"], "torch")
    return Job(source, {}, last, {"": in_order(expected, "torch")}, calls=("compute", *order))


@pytest.mark.parametrize("type", LOSS_LAYERS)
def test_a_loss_has_a_twin_that_computes_the_same(type: str) -> None:
    one = told()[type]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE
