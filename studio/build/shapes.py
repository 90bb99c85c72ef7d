"""Output types of a layer: by its declared rule, else by running the real callable on the meta device.

The batch stays symbolic: every answer is taken at a batch of 2 and of 3 and fitted with a·B + b. Answers are
remembered by layer, arguments and input types, since the same layer on the same input recurs a lot.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from studio.build import calls
from studio.build.plan import Dim, Size, TensorType
from studio.catalog.registry import Layer, Shape, Shapes
from studio.project.params import Value

BATCHES = (2, 3)
LARGEST_MEMO = 50_000
Stage = Literal["derive", "construct", "call", "batch"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: reading arguments off the input, making the layer, calling it, or the batch."""

    stage: Stage
    text: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """All arguments of a layer and its output types, or why there are none."""

    kwargs: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[TensorType, ...] = ()
    failure: Failure | None = None


_inferred: dict[Any, Inferred] = {}
_parameters: dict[Any, int] = {}


def infer(
    layer: Layer, values: Mapping[str, Value], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    """The arguments (derived ones too) and output types of a layer on inputs that arrive at `ports`."""
    key = (layer.type, layer.target, layer.shape, tuple(values.items()), ports, inputs)
    known = _inferred.get(key)
    if known is None:
        known = _infer(layer, values, ports, inputs)
        if len(_inferred) >= LARGEST_MEMO:
            _inferred.clear()
        _inferred[key] = known
    return known


def forget() -> None:
    """Drop all answers, for measuring."""
    _inferred.clear()
    _parameters.clear()


def parameter_count(layer: Layer, kwargs: Mapping[str, Any]) -> int:
    """How many numbers the layer learns. ValueError where it is larger than torch can count."""
    if not layer.is_module:
        return 0
    key = (layer.target, tuple(kwargs.items()))
    count = _parameters.get(key)
    if count is None:
        try:
            module = on_meta(layer, kwargs)
        except (RuntimeError, TypeError) as error:  # a declared rule answers for any size, torch does not
            raise ValueError(_first_line(error)) from error
        assert isinstance(module, nn.Module)
        count = sum(parameter.numel() for parameter in module.parameters())
        _parameters[key] = count
    return count


def on_meta(layer: Layer, kwargs: Mapping[str, Any]) -> calls.Callee:
    """The layer's callable without memory behind its parameters, in evaluation mode."""
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        made = calls.make(layer, kwargs)
    return made.eval() if isinstance(made, nn.Module) else made


def _infer(
    layer: Layer, values: Mapping[str, Value], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    at = [[type.at(batch) for type in inputs] for batch in BATCHES]
    grouped = [_by_port(ports, shapes) for shapes in at]
    try:
        derived = [{name: read(shapes) for name, read in layer.derived.items()} for shapes in grouped]
    except (ValueError, IndexError, KeyError) as error:
        return Inferred(values, failure=Failure("derive", str(error)))
    differing = [name for name, value in derived[0].items() if derived[1][name] != value]
    if differing:
        text = f"{differing[0]} would depend on the number of samples in a batch"
        return Inferred(values, failure=Failure("batch", text))
    kwargs: dict[str, Any] = {**derived[0], **values}
    by_rule = _by_rule(layer, kwargs, grouped, inputs, ports)
    if by_rule is not None:
        return Inferred(kwargs, by_rule)
    return _by_torch(layer, kwargs, ports, at, tuple(type.dtype for type in inputs))


def _by_port(ports: tuple[str, ...], shapes: list[Shape]) -> dict[str, tuple[Shape, ...]]:
    grouped: dict[str, tuple[Shape, ...]] = {}
    for port, shape in zip(ports, shapes, strict=True):
        grouped[port] = (*grouped.get(port, ()), shape)
    return grouped


def _by_rule(
    layer: Layer,
    kwargs: Mapping[str, Any],
    grouped: list[dict[str, tuple[Shape, ...]]],
    inputs: tuple[TensorType, ...],
    ports: tuple[str, ...],
) -> tuple[TensorType, ...] | None:
    """The declared rule's answer; None where there is no rule, or it leaves the case to torch."""
    plain = all(
        type.dtype == ("int64" if port in layer.integers else "float32")
        for port, type in zip(ports, inputs, strict=True)
    )
    rule = _broadcast if layer.joined else layer.shape
    if rule is None or not plain:
        return None
    try:
        answers = [rule(shapes, kwargs) for shapes in grouped]
        return tuple(fit(two, three, "float32") for two, three in zip(*answers, strict=True))
    except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError):
        return None


def _broadcast(shapes: Shapes, kwargs: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The shape of tensors joined by an operator: sizes of 1 are stretched."""
    every = [shape for here in shapes.values() for shape in here]
    rank = max(map(len, every))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in every), strict=True)
    sizes = [set(column) - {1} for column in columns]
    if any(len(column) > 1 for column in sizes):
        raise ValueError("sizes differ")
    return (tuple(column.pop() if column else 1 for column in sizes),)


def _by_torch(
    layer: Layer,
    kwargs: Mapping[str, Any],
    ports: tuple[str, ...],
    at: list[list[Shape]],
    dtypes: tuple[str, ...],
) -> Inferred:
    try:
        made = on_meta(layer, kwargs)
    except Exception as error:
        return Inferred(kwargs, failure=Failure("construct", _first_line(error)))
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answers = [_run(layer, made, ports, shapes, dtypes) for shapes in at]
    except Exception as error:
        return Inferred(kwargs, failure=Failure("call", _first_line(error)))
    try:
        outputs = tuple(
            fit(tuple(two.shape), tuple(three.shape), str(two.dtype).removeprefix("torch."))
            for two, three in zip(*answers, strict=True)
        )
    except ValueError as error:
        return Inferred(kwargs, failure=Failure("batch", str(error)))
    return Inferred(kwargs, outputs)


def _run(
    layer: Layer, made: calls.Callee, ports: tuple[str, ...], shapes: list[Shape], dtypes: tuple[str, ...]
) -> list[Tensor]:
    tensors = [
        torch.empty(shape, dtype=getattr(torch, dtype), device="meta")
        for shape, dtype in zip(shapes, dtypes, strict=True)
    ]
    args, named = calls.arrange(layer, ports, tensors)
    result = made(*args, **named)
    return [calls.part(result, path) for path in calls.paths(layer)]


def fit(two: Shape, three: Shape, dtype: str) -> TensorType:
    """The type whose shape is `two` at a batch of 2 and `three` at a batch of 3; ValueError if none is."""
    if len(two) != len(three):
        raise ValueError("the number of dimensions would depend on the number of samples in a batch")
    return TensorType(tuple(_size(a, b) for a, b in zip(two, three, strict=True)), dtype)


def _size(two: int, three: int) -> Size:
    scale = three - two
    return two if scale == 0 else Dim(scale, two - 2 * scale)


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
