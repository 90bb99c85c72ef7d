"""Declared shape rules against torch, over thousands of random configurations, good and bad ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from studio.build import shapes
from studio.build.fitting import PLAIN
from studio.build.plan import Dim, TensorType
from studio.catalog.registry import Layer, registry
from studio.project.params import Bool, Choice, Float, Int, Ints, Param, Value

RULED = tuple(layer for layer in registry().layers.values() if layer.shape or layer.joined)
TRIALS = 400


def some(param: Param, dice: random.Random) -> Value:
    """A small value that the parameter accepts."""
    if isinstance(param, Bool):
        return dice.random() < 0.5
    if isinstance(param, Choice):
        return dice.choice(param.options)
    if isinstance(param, Float):
        return dice.choice([param.default, 0.25])
    if isinstance(param, Int):
        low = max(param.low, -3)
        return param.default if dice.random() < 0.5 else dice.randint(low, min(param.high, low + 5))
    assert isinstance(param, Ints)
    if dice.random() < 0.3:
        return param.default
    if param.optional and dice.random() < 0.3:
        return None
    if param.words and dice.random() < 0.2:
        return dice.choice(param.words)
    low = max(param.low, -3)
    length = dice.choice(param.lengths) if param.lengths else 1
    items = tuple(dice.randint(low, low + 3) for _ in range(length))
    return items[0] if length == 1 else items


def some_shape(layer: Layer, dice: random.Random) -> tuple[int, ...]:
    """A shape like the example's, seldom with another number of dimensions."""
    assert layer.example
    ranks = [len(shape) for here in layer.example.inputs.values() for shape in here]
    rank = ranks[0] + (dice.choice([-1, 1]) if dice.random() < 0.1 else 0)
    return tuple(dice.choice([1, 2, 3, 4, 6, 8, 9]) for _ in range(max(1, rank - 1)))


def settle(
    layer: Layer, values: dict[str, Value], shapes_: list[tuple[int, ...]], ruled: bool
) -> shapes.Inferred:
    one = layer if ruled else replace(layer, shape=None, joined="")
    ports = (layer.inputs[0].name,) * len(shapes_)
    assert layer.example
    types = tuple(TensorType((Dim(), *shape), layer.example.dtype) for shape in shapes_)
    return shapes.infer(one, values, ports, types)


def as_set(layer: Layer, values: dict[str, Value]) -> Layer:
    """The declaration that follows from these parameters."""
    return layer.adapt(layer.values(values)) if layer.adapt else layer


@pytest.mark.parametrize("layer", RULED, ids=lambda layer: layer.type)
def test_the_rule_says_what_torch_says(layer: Layer) -> None:
    dice = random.Random(layer.type)
    sound = 0
    trials = TRIALS // 20 if layer.category == "Recurrent" else TRIALS
    for _ in range(trials):
        values = {param.name: some(param, dice) for param in layer.all_params}
        here = as_set(layer, values)
        values = {param.name: values[param.name] for param in here.params if param.applies(values)}
        first = some_shape(layer, dice)
        given = [first]
        if layer.inputs[0].variadic:
            given.append(tuple(1 if dice.random() < 0.2 else size for size in first))
            given.append(first if dice.random() < 0.8 else some_shape(layer, dice))
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
        port, given = next(iter(layer.example.inputs.items()))
        types = tuple(TensorType((Dim(), *shape[1:]), layer.example.dtype) for shape in given)
        values = {param.name: layer.values(layer.example.params)[param.name] for param in layer.params}
        assert shapes.infer(layer, values, (port,) * len(given), types).outputs, layer.type


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
