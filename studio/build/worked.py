"""A layer's formulas with the numbers of one node worked in: shapes, windows, parameters, products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from torch import nn

from studio.build import shapes
from studio.build.plan import Cost, Size, Step, TensorType
from studio.build.sizes import ASSUMED

OTHERWISE = ("Transpose", "Unpool", "Fractional")
"""Parts of the types whose windows make other sizes."""
Topic = Literal["shapes", "sizes", "parameters", "multiply_adds", "memory"]
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
MOST_TENSORS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One worked formula: what it is about, and the calculation."""

    topic: Topic
    text: str


def worked(step: Step, cost: Cost | None) -> tuple[Line, ...]:
    """What a node computes, in numbers, for one sample. Blocks tell their totals."""
    lines = [Line("shapes", f"{_listed(step.inputs)} → {_listed(step.outputs)}")]
    lines += [Line("sizes", text) for text in _windows(step)]
    opened = sorted(frozenset[str]().union(*(type.open for type in (*step.inputs, *step.outputs))))
    if opened:
        lines.append(Line("sizes", f"{' and '.join(opened)} = {ASSUMED} in what follows"))
    if step.layer.is_module and not step.inner:
        lines += [Line("parameters", text) for text in _parameters(step)]
    elif cost is not None and cost.parameters:
        lines.append(Line("parameters", f"{cost.parameters:,} in all"))
    if cost is not None and cost.multiply_adds:
        lines.append(Line("multiply_adds", _products(step, cost.multiply_adds)))
    if cost is not None and cost.memory:
        values = prod(step.outputs[0].at(1)) if step.outputs else 0
        lines.append(Line("memory", f"{values:,} values of {step.outputs[0].dtype} = {cost.memory:,} bytes"))
    return tuple(lines)


def _listed(types: tuple[TensorType, ...]) -> str:
    return " and ".join(map(str, types))


def _windows(step: Step) -> Iterator[str]:
    """How a window that slides over each dimension sets the size that comes out."""
    k, dims = step.kwargs, len(step.inputs[0].shape) - 2 if step.inputs else 0
    if "kernel_size" not in k or dims not in AXES or step.layer.category not in ("Convolution", "Pooling"):
        return
    if len(step.outputs[0].shape) != dims + 2 or any(word in step.layer.type for word in OTHERWISE):
        return
    by_text: dict[str, list[str]] = {}
    for at, axis in enumerate(AXES[dims]):
        before, after = step.inputs[0].shape[2 + at], step.outputs[0].shape[2 + at]
        by_text.setdefault(_window(k, at, before, after), []).append(axis)
    for text, axes in by_text.items():
        yield f"{' and '.join(axes)}: {text}"


def _window(k: Mapping[str, Any], at: int, before: Size, after: Size) -> str:
    if k.get("padding") == "same":
        return f"{before} → {after}, the padding keeps the size"
    kernel = _at(k["kernel_size"], at)
    stride = kernel if k.get("stride") is None else _at(k.get("stride", 1), at)
    padding = 0 if k.get("padding") == "valid" else _at(k.get("padding", 0), at)
    dilation = _at(k.get("dilation", 1), at)
    rounded = ("⌈", "⌉") if k.get("ceil_mode") else ("⌊", "⌋")
    reach = f"{dilation}·({kernel} − 1) − 1" if dilation != 1 else f"{kernel}"
    border = f" + 2·{padding}" if padding else ""
    return f"{rounded[0]}({before}{border} − {reach}) / {stride}{rounded[1]} + 1 = {after}"


def _at(value: Any, at: int) -> int:  # noqa: ANN401
    return value if isinstance(value, int) else value[at if len(value) > 1 else 0]


def _parameters(step: Step) -> Iterator[str]:
    """Every learned tensor with its shape and count, and their sum."""
    made = shapes.on_meta(step.layer, step.kwargs, shapes.counting(step.options))
    assert isinstance(made, nn.Module)
    counts = [(name, tuple(one.shape)) for name, one in made.named_parameters()]
    frozen = sum(one.numel() for one in made.parameters() if not one.requires_grad)
    for name, shape in counts[:MOST_TENSORS]:
        product = "×".join(map(str, shape)) or "1"
        yield f"{name}: {product} = {prod(shape):,}" if len(shape) > 1 else f"{name}: {prod(shape):,}"
    if len(counts) > MOST_TENSORS:
        yield f"… and {len(counts) - MOST_TENSORS} more"
    if not counts:
        yield "nothing to learn"
    elif len(counts) > 1:
        yield f"{sum(prod(shape) for _, shape in counts):,} in all"
    if frozen:
        yield f"{frozen:,} of them frozen"


def _products(step: Step, count: int) -> str:
    """Results times products of each, where that is how they come about."""
    results = prod(step.outputs[0].at(1)) if step.outputs else 0
    if results and count % results == 0 and count > results:
        return f"{results:,} results × {count // results:,} products each = {count:,}"
    return f"{count:,}"
