"""What each node costs: parameters, multiply-adds and the memory of its results.

Multiply-adds are those of matrix products: convolution, linear, recurrent and attention layers, MatMul and
Einsum. Everything element by element, normalizations and pooling count 0: it is small beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

from studio.build import sequence_costs, shapes
from studio.build.plan import Cost, Plan, Step, TensorType
from studio.build.sizes import BYTES


def costs(plan: Plan) -> dict[str, Cost]:
    """The cost of every step by node, for one sample."""
    return {step.name: cost_of(step) for step in plan.steps}


def cost_of(step: Step) -> Cost:
    """The cost of one step for one sample."""
    if step.inner:
        return of_turns([total(costs(plan).values()) for plan in step.inner], step.repeat)
    counter = _COUNTERS.get(step.layer.type)
    parameters, frozen = shapes.parameter_count(step.layer, step.kwargs, step.options)
    return Cost(
        parameters=parameters,
        frozen=frozen,
        multiply_adds=counter(step) if counter else 0,
        memory=sum(_count(type) * BYTES.get(type.dtype, 4) for type in step.outputs),
    )


def total(every: Iterable[Cost]) -> Cost:
    """The sum of costs."""
    found = list(every)
    return Cost(
        sum(cost.parameters for cost in found),
        sum(cost.multiply_adds for cost in found),
        sum(cost.memory for cost in found),
        sum(cost.frozen for cost in found),
    )


def of_turns(turns: Sequence[Cost], repeat: int) -> Cost:
    """The cost of a block that follows itself: a single turn stands for all, which share its parameters."""
    if len(turns) > 1:
        return total(turns)
    once = total(turns)
    return Cost(once.parameters, once.multiply_adds * repeat, once.memory * repeat, once.frozen)


def _count(type: TensorType) -> int:
    """How many numbers a tensor has for one sample."""
    return prod(type.at(1))


def _product(value: int | tuple[int, ...], dims: int) -> int:
    items = (value,) * dims if isinstance(value, int) else value
    return prod(items) if len(items) == dims else prod(items) ** dims


def _linear(step: Step) -> int:
    return _count(step.outputs[0]) * step.kwargs["in_features"]


def _convolution(step: Step) -> int:
    dims = len(step.outputs[0].shape) - 2
    taps = _product(step.kwargs["kernel_size"], dims)
    return _count(step.outputs[0]) * taps * step.kwargs["in_channels"] // step.kwargs["groups"]


def _transposed(step: Step) -> int:
    dims = len(step.outputs[0].shape) - 2
    taps = _product(step.kwargs["kernel_size"], dims)
    return _count(step.inputs[0]) * taps * step.kwargs["out_channels"] // step.kwargs["groups"]


def _separable(step: Step) -> int:
    inner = step.kwargs["in_channels"] * step.kwargs["depth_multiplier"]
    channels, *places = step.outputs[0].at(1)[1:]
    taps = _product(step.kwargs["kernel_size"], len(places))
    return prod(places) * inner * (taps + channels)


def _patches(step: Step) -> int:
    return _count(step.outputs[0]) * step.kwargs["in_channels"] * _product(step.kwargs["patch_size"], 2)


def _low_rank(step: Step) -> int:
    sides = step.kwargs["in_features"] + step.kwargs["out_features"]
    rows = _count(step.outputs[0]) // step.kwargs["out_features"]
    return _linear(step) + rows * step.kwargs["rank"] * sides


def _bilinear(step: Step) -> int:
    return _count(step.outputs[0]) * step.kwargs["in1_features"] * step.kwargs["in2_features"]


_COUNTERS: dict[str, Callable[[Step], Any]] = {
    "Linear": _linear,
    "LoRALinear": _low_rank,
    "Bilinear": _bilinear,
    "PatchEmbedding": _patches,
    "DepthwiseConv1d": _convolution,
    "DepthwiseConv2d": _convolution,
    "SeparableConv1d": _separable,
    "SeparableConv2d": _separable,
    "Conv1d": _convolution,
    "Conv2d": _convolution,
    "Conv3d": _convolution,
    "ConvTranspose1d": _transposed,
    "ConvTranspose2d": _transposed,
    "ConvTranspose3d": _transposed,
    **sequence_costs.COUNTERS,
}
