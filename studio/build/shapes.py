"""Output types of a layer: by its declared rule, else by running the real callable on the meta device.

The batch stays symbolic: every answer is taken at a batch of 2 and of 3 and fitted with a·B + b. Sizes that
the data leaves open are tried likewise, at multiples of many numbers so that divisions leave no rest; only
layers that such a size reaches cost more than two trials. Answers are remembered by layer, arguments and
input types, since the same layer on the same input recurs a lot.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import lcm, prod
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from studio.build import calls, custom
from studio.build.fitting import (
    PLAIN,
    Point,
    bases_of,
    grid_around,
    plane_through,
    points_around,
    surface_through,
)
from studio.build.sizes import BATCH, Dim, Size, TensorType
from studio.catalog.registry import Layer, Shape, Shapes
from studio.project.params import Value

BASES = (6720, 64, 16, 4)
"""Where open sizes are tried, one after the other: a layer may have an upper limit (learned positions)."""
UNROLLED = (4,)
"""The same for layers that torch runs place by place."""
LARGEST_BASE = 10**6
LARGEST_MEMO = 50_000
LARGEST_REAL = 2**24
"""So many numbers may be held to learn the shapes of what runs on real tensors only."""
Stage = Literal["derive", "construct", "call", "batch", "open"]
Result = list[tuple[Shape, str]]
"""Shape and dtype of every output, at one point."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: reading arguments off the input, making the layer, calling it, the batch, or an
    open size that would have to be one number.
    """

    stage: Stage
    text: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """All arguments of a layer and its output types, or why there are none."""

    kwargs: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[TensorType, ...] = ()
    failure: Failure | None = None


_inferred: dict[Any, Inferred] = {}
_parameters: dict[Any, tuple[int, int]] = {}


def infer(
    layer: Layer, values: Mapping[str, Value], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    """The arguments (derived ones too) and output types of a layer on inputs that arrive at `ports`."""
    # What may follow options, which are not among the values.
    followed = (layer.shape, layer.returns, *layer.derived.values(), *layer.call.items())
    key = (layer.type, layer.target, layer.code, followed, tuple(values.items()), ports, inputs)
    known = _inferred.get(key)
    if known is None:
        known = _remembered(key, _infer(layer, values, ports, inputs))
    return known


def forget() -> None:
    """Drop all answers, for measuring."""
    _inferred.clear()
    _parameters.clear()


def parameter_count(layer: Layer, kwargs: Mapping[str, Any], options: Mapping[str, Value]) -> tuple[int, int]:
    """How many numbers the layer has as parameters, and how many of them do not train.

    ValueError where there are more than torch can count.
    """
    if not layer.is_module:
        return 0, 0
    counted = counting(options)
    key = (layer.target, layer.code, tuple(kwargs.items()), tuple(counted.items()))
    count = _parameters.get(key)
    if count is None:
        try:
            module = on_meta(layer, kwargs, counted)
        except (RuntimeError, TypeError) as error:  # a declared rule answers for any size, torch does not
            raise ValueError(_first_line(error)) from error
        assert isinstance(module, nn.Module)
        sizes = [(parameter.numel(), parameter.requires_grad) for parameter in module.parameters()]
        count = sum(size for size, _ in sizes), sum(size for size, trains in sizes if not trains)
        _parameters[key] = count
    return count


def counting(options: Mapping[str, Value]) -> dict[str, Value]:
    """The options that change which parameters there are, or whether they train."""
    return {name: options[name] for name in ("norm", "freeze") if name in options}


def on_meta(
    layer: Layer, kwargs: Mapping[str, Any], options: Mapping[str, Value] = calls.NO_OPTIONS
) -> calls.Callee:
    """The layer's callable without memory behind its parameters, in evaluation mode."""
    with warnings.catch_warnings(), torch.device("meta"), _Undrawn():
        warnings.simplefilter("ignore")
        made = calls.make(layer, kwargs, options)
    return made.eval() if isinstance(made, nn.Module) else made


class _Undrawn(TorchFunctionMode):
    """No normal random numbers are drawn: without memory torch takes more than a second for the first."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """The tensor as it is in place of one that is filled."""
        given = kwargs or {}
        if func is nn.init.normal_ or func is Tensor.normal_:
            return given["tensor"] if "tensor" in given else args[0]
        return func(*args, **given)


def answered(
    layer: Layer, kwargs: Mapping[str, Any], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    """The output types of a layer whose arguments are all settled, on inputs that may differ from those they
    were read off.
    """
    followed = (layer.shape, layer.returns, *layer.call.items())
    key = (layer.type, layer.target, layer.code, followed, tuple(kwargs.items()), ports, inputs, "settled")
    known = _inferred.get(key)
    if known is None:
        known = _remembered(key, _settled(layer, kwargs, ports, inputs))
    return known


def _remembered(key: Any, found: Inferred) -> Inferred:  # noqa: ANN401
    if len(_inferred) >= LARGEST_MEMO:
        _inferred.clear()
    _inferred[key] = found
    return found


def _settled(
    layer: Layer, kwargs: Mapping[str, Any], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    failed: Inferred | None = None
    for bases in _bases(layer, kwargs, inputs):
        found = _answered(layer, kwargs, ports, inputs, bases)
        if not found.failure or found.failure.stage == "construct":
            return found
        failed = failed or found
    assert failed
    return failed


def _infer(
    layer: Layer, values: Mapping[str, Value], ports: tuple[str, ...], inputs: tuple[TensorType, ...]
) -> Inferred:
    points = points_around(_bases(layer, values, inputs)[0])
    grouped = [_by_port(ports, shapes) for shapes in _shapes_at(points, inputs)]
    try:
        derived = [{name: read(shapes) for name, read in layer.derived.items()} for shapes in grouped]
    except (ValueError, IndexError, KeyError) as error:
        return Inferred(values, failure=Failure("derive", str(error)))
    for name in derived[0]:
        found = [one[name] for one in derived]
        if any(one != found[0] for one in found):
            return Inferred(values, failure=_undecided(name, found, points, inputs))
    return _settled(layer, {**derived[0], **values}, ports, inputs)


def _bases(layer: Layer, values: Mapping[str, Any], inputs: tuple[TensorType, ...]) -> list[dict[str, int]]:
    """The values of open sizes to try, one set after the other; one empty set where all sizes are known."""
    if not any(type.open for type in inputs):
        return [{}]
    steps = 1
    for value in values.values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, int) and 1 < one <= 64 and lcm(steps, one) * BASES[0] < LARGEST_BASE:
                steps = lcm(steps, one)
    bases = UNROLLED if layer.category == "Recurrent" else BASES
    return [bases_of(inputs, lcm(base, steps) if base == BASES[0] else base) for base in bases]


def _undecided(
    name: str, found: Sequence[Value], points: Sequence[Point], inputs: tuple[TensorType, ...]
) -> Failure:
    """An argument that would differ from point to point."""
    if found[0] != found[1]:
        return Failure("batch", f"{name} would depend on the number of samples in a batch")
    sizes = (size for type in inputs for size in type.shape if isinstance(size, Dim))
    size = next((s for s in sizes if [s.at(p[BATCH], **p) for p in points] == found), None)
    names = ", ".join(sorted(frozenset[str]().union(*(type.open for type in inputs))))
    return Failure("open", f"{name} would be {size}" if size else f"{name} would depend on {names}")


def _shapes_at(points: Sequence[Point], inputs: tuple[TensorType, ...]) -> list[list[Shape]]:
    return [[type.at(point[BATCH], **point) for type in inputs] for point in points]


def _answered(
    layer: Layer,
    kwargs: Mapping[str, Any],
    ports: tuple[str, ...],
    inputs: tuple[TensorType, ...],
    bases: Mapping[str, int],
) -> Inferred:
    """The outputs fitted around one point: with a plane, and where a size is a product, with a surface."""
    for points, through in ((points_around(bases), plane_through), (grid_around(bases), surface_through)):
        results = _results(layer, kwargs, ports, inputs, _shapes_at(points, inputs))
        if isinstance(results, Failure):
            return Inferred(kwargs, failure=results)
        try:
            outputs = fitted(points, results, through)
        except ValueError as error:
            return Inferred(kwargs, failure=Failure("batch", str(error)))
        if outputs is not None:
            return Inferred(kwargs, outputs)
    text = f"the sizes that come out are no formula of {', '.join(bases)}"
    return Inferred(kwargs, failure=Failure("open", text))


def _results(
    layer: Layer,
    kwargs: Mapping[str, Any],
    ports: tuple[str, ...],
    inputs: tuple[TensorType, ...],
    at: list[list[Shape]],
) -> list[Result] | Failure:
    """What comes out for each set of input shapes: by the declared rule, else by torch."""
    ruled = _by_rule(layer, kwargs, [_by_port(ports, shapes) for shapes in at], inputs, ports)
    return ruled or _by_torch(layer, kwargs, ports, at, tuple(type.dtype for type in inputs))


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
) -> list[Result] | Failure | None:
    """The declared rule's answers; None where there is no rule, or it leaves the case to torch.

    Sizes that differ are told here: the first time torch says so, it imports for a second and more.
    """
    plain = all(
        type.dtype == ("int64" if port in layer.integers else "float32")
        for port, type in zip(ports, inputs, strict=True)
    )
    rule = _broadcast if layer.joined else layer.shape
    if rule is None or not plain:
        return None
    try:
        return [[(shape, "float32") for shape in rule(shapes, kwargs)] for shapes in grouped]
    except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError) as error:
        return Failure("call", str(error)) if layer.joined else None


def _broadcast(shapes: Shapes, kwargs: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The shape of tensors joined by an operator: sizes of 1 are stretched."""
    every = [shape for here in shapes.values() for shape in here]
    rank = max(map(len, every))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in every), strict=True)
    sizes = [set(column) - {1} for column in columns]
    if any(len(column) > 1 for column in sizes):
        raise ValueError(f"{' and '.join(map(str, every))} cannot be stretched to one shape")
    return (tuple(column.pop() if column else 1 for column in sizes),)


def _by_torch(
    layer: Layer,
    kwargs: Mapping[str, Any],
    ports: tuple[str, ...],
    at: list[list[Shape]],
    dtypes: tuple[str, ...],
) -> list[Result] | Failure:
    bounds = nullcontext
    if layer.category == "Custom":
        custom.load_torch()
        bounds = custom.bounded
    try:
        with bounds():
            made = on_meta(layer, kwargs)
    except Exception as error:
        return Failure("construct", custom.at_line(error, layer) + _first_line(error))
    try:
        with bounds(), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                answers = [_run(layer, made, ports, shapes, dtypes) for shapes in at]
            except (NotImplementedError, RuntimeError) as error:
                if not _lacks_meta(layer, at, error):
                    raise
                real = calls.make(layer, kwargs)
                real = real.eval() if isinstance(real, nn.Module) else real
                answers = [_run(layer, real, ports, shapes, dtypes, "cpu") for shapes in at]
    except Exception as error:
        return Failure("call", custom.at_line(error, layer) + _first_line(error))
    return [[(tuple(one.shape), str(one.dtype).removeprefix("torch.")) for one in every] for every in answers]


def _lacks_meta(layer: Layer, at: list[list[Shape]], error: Exception) -> bool:
    """Whether a layer of the user's own needs real tensors, and they are not too large: it reads values, or
    torch has it for these types of number only where there is memory.
    """
    small = sum(prod(shape) for shapes in at for shape in shapes) <= LARGEST_REAL
    needs = "meta" in str(error).lower() or "type but got" in str(error)
    return layer.category == "Custom" and small and needs


def _run(
    layer: Layer,
    made: calls.Callee,
    ports: tuple[str, ...],
    shapes: list[Shape],
    dtypes: tuple[str, ...],
    device: str = "meta",
) -> list[Tensor]:
    tensors = [
        torch.empty(shape, dtype=getattr(torch, dtype), device=device)
        for shape, dtype in zip(shapes, dtypes, strict=True)
    ]
    for tensor in tensors if device == "cpu" else ():
        tensor.fill_(0 if tensor.dtype in (torch.int64, torch.int32) else 1)
    args, named = calls.arrange(layer, ports, tensors)
    result = made(*args, **named)
    return [calls.part(result, path) for path in calls.paths(layer)]


def fitted(
    points: Sequence[Point],
    results: Sequence[Result],
    through: Callable[[Sequence[Point], Sequence[int]], Size | None] = plane_through,
) -> tuple[TensorType, ...] | None:
    """The types with these shapes at these points; None where a size fits no such formula.

    Raises ValueError where the number of dimensions differs from point to point.
    """
    types: list[TensorType] = []
    for answers in zip(*results, strict=True):
        if len({len(shape) for shape, _ in answers}) > 1:
            on = "the number of samples in a batch" if points[0].keys() == PLAIN[0].keys() else "open sizes"
            raise ValueError(f"the number of dimensions would depend on {on}")
        sizes = [through(points, column) for column in zip(*(shape for shape, _ in answers), strict=True)]
        known = tuple(size for size in sizes if size is not None)
        if len(known) < len(sizes):
            return None
        types.append(TensorType(known, answers[0][1]))
    return tuple(types)


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
