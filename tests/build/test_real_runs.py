"""Whatever the check lets pass runs for real, at another batch size, with the shapes that were told."""

from __future__ import annotations

import random
import warnings

import pytest
import torch

from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.registry import Layer, registry
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Bool, Choice, Float, Int, Ints
from studio.project.project import Project
from tests.build.drawings import draw, node
from tests.build.random_uses import FITTING, some

LAYERS = tuple(
    layer
    for layer in registry().layers.values()
    if layer.target and layer.category != "Loss" and layer.example
)
BATCH = 5
VARIED = (Bool, Choice, Float, Int, Ints)


def some_drawing(layer: Layer, dice: random.Random) -> tuple[Project, dict[str, Field]]:
    """The layer with random parameters on inputs near its example's."""
    assert layer.example
    fields: dict[str, Field] = {}
    wires: list[str] = []
    for port, shapes in layer.example.inputs.items():
        for index, example in enumerate(shapes):
            name = f"in_{port}{index}"
            rank = len(example) - 1 + (dice.choice([-1, 1]) if dice.random() < 0.1 else 0)
            shape = tuple(dice.choice([1, 2, 3, 4, 6, 8]) for _ in range(max(rank, 0)))
            dtype = layer.example.dtypes.get(port, layer.example.dtype)
            fields[name] = Field(name, example[1:] if dice.random() < 0.4 else shape, dtype, high=0.0)
            wires.append(f"{name} > n.{port}.{index}")
    values = layer.values(layer.example.params)
    params = {
        param.name: some(param, dice)
        if isinstance(param, VARIED) and dice.random() < 0.4
        else values[param.name]
        for param in layer.all_params
    }
    first = next((field.shape for field in fields.values()), ())
    ranks = [len(shapes[0]) - 1 for shapes in layer.example.inputs.values()]
    if layer.type in FITTING and ranks[:1] == [len(first)] and dice.random() < 0.3:
        params |= FITTING[layer.type](first, dice)
    here = layer.adapt(params) if layer.adapt else layer
    wires = [wire for wire in wires if wire.split(".")[1] in {port.name for port in here.inputs}]
    fields = {name: field for name, field in fields.items() if any(w.startswith(f"{name} ") for w in wires)}
    inputs = [node(name, "Input", field=name) for name in fields]
    results = [node(f"out_{port.name}", "Output") for port in here.outputs]
    wires += [f"n.{port.name} > out_{port.name}" for port in here.outputs]
    return draw([*inputs, Node("n", layer.type, params), *results], *wires), fields


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.type)
def test_what_passes_the_check_runs(layer: Layer) -> None:
    dice = random.Random(layer.type)
    passed = 0
    for _ in range(60):
        project, fields = some_drawing(layer, dice)
        checked = Checker().check(project, fields)
        if checked.errors:
            continue
        passed += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = Network(checked.plan).train(dice.random() < 0.5)
            inputs = [
                torch.zeros(one.type.at(BATCH), dtype=getattr(torch, one.type.dtype))
                for one in checked.plan.model_inputs
            ]
            found = network(*inputs)
        results = found if isinstance(found, tuple) else (found,)
        for output, result in zip(checked.plan.outputs, results, strict=True):
            assert tuple(result.shape) == output.type.at(BATCH)
            assert str(result.dtype) == f"torch.{output.type.dtype}"
    assert passed >= 3
