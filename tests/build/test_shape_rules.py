"""Declared shape rules against torch, over thousands of random configurations, good and bad ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from studio.build import shapes
from studio.build.fitting import PLAIN
from studio.build.plan import Dim, TensorType
from studio.catalog.registry import Layer, registry
from studio.project.params import Value
from tests.build.random_uses import some_inputs, some_shape, some_values

RULED = tuple(layer for layer in registry().layers.values() if layer.shape or layer.joined)
TRIALS = 400


def settle(
    layer: Layer, values: dict[str, Value], inputs: list[tuple[str, tuple[int, ...]]], ruled: bool
) -> shapes.Inferred:
    one = layer if ruled else replace(layer, shape=None, joined="")
    assert layer.example
    ports = tuple(port for port, _ in inputs)
    types = tuple(TensorType((Dim(), *shape), layer.example.dtype) for _, shape in inputs)
    return shapes.infer(one, values, ports, types)


def as_set(layer: Layer, values: dict[str, Value]) -> Layer:
    """The declaration that follows from these parameters."""
    return layer.adapt(layer.values(values)) if layer.adapt else layer


@pytest.mark.parametrize("layer", RULED, ids=lambda layer: layer.type)
def test_the_rule_says_what_torch_says(layer: Layer) -> None:
    dice = random.Random(layer.type)
    sound = 0
    trials = TRIALS // {"Recurrent": 20, "Attention": 10}.get(layer.category, 1)
    for _ in range(trials):
        first = some_shape(layer, dice)
        values = some_values(layer, first, dice)
        here = as_set(layer, values)
        given = some_inputs(layer, values, first, dice)
        values = {param.name: values[param.name] for param in here.params if param.applies(values)}
        ruled, real = (settle(here, values, given, ruled) for ruled in (True, False))
        assert ruled.outputs == real.outputs, (values, given, real.failure)
        assert ruled.kwargs == real.kwargs
        sound += bool(real.outputs)
    assert sound >= trials // 10 > 0


def test_the_rules_answer_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that always gave up would agree with torch as well."""
    monkeypatch.setattr(shapes, "_by_torch", lambda layer, *_: pytest.fail(f"{layer.type} asked torch"))
    monkeypatch.setattr(shapes, "_inferred", {})
    for layer in RULED:
        assert layer.example
        here = as_set(layer, dict(layer.example.params))
        given = [(port, shape) for port, every in layer.example.inputs.items() for shape in every]
        types = tuple(TensorType((Dim(), *shape[1:]), layer.example.dtype) for _, shape in given)
        values = {param.name: here.values(layer.example.params)[param.name] for param in here.params}
        assert shapes.infer(here, values, tuple(port for port, _ in given), types).outputs, layer.type


def test_the_batch_stays_a_letter() -> None:
    def fitted(two: tuple[int, ...], three: tuple[int, ...], dtype: str = "float32") -> TensorType:
        found = shapes.fitted(PLAIN, [[(two, dtype)], [(three, dtype)]])
        assert found
        return found[0]

    assert fitted((2, 4), (3, 4)) == TensorType((Dim(), 4))
    assert fitted((10,), (15,), "int64") == TensorType((5 * Dim(),), "int64")
    assert str(fitted((7, 4), (9, 4))) == "(2N+3)×4"
    with pytest.raises(ValueError, match="number of dimensions"):
        fitted((2,), (3, 1))


def test_an_argument_read_off_the_batch_is_refused() -> None:
    layer = registry().layer("Linear")
    assert layer
    answer = shapes.infer(layer, {"out_features": 3, "bias": True}, ("input",), (TensorType((4, Dim())),))
    assert answer.failure
    assert answer.failure.text == "in_features would depend on the number of samples in a batch"
