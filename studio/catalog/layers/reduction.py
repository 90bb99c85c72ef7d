"""Reductions: one value stands for all along one or several dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import shape_rules
from studio.catalog.adapting import adaptable
from studio.catalog.registry import Example, Layer
from studio.project.params import Bool, Float, Int, Ints, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."
DIM = Ints("dim", -1, "The dimensions (0 is the batch, -1 the last)", essential=True)
KEEP = Bool("keepdim", False, "Whether the dimension stays, with size 1")


def reduction(
    type: str,
    target: str,
    doc: str,
    *params: Param,
    formula: str,
    use: str,
    follows: tuple[str, ...],
    keywords: tuple[str, ...] = (),
) -> Layer:
    """A function of torch that takes dimensions away."""
    layer = Layer(
        type=type,
        category="Arithmetic",
        doc=doc,
        target=f"torch.{target}",
        params=(DIM, KEEP, *params),
        shape=shape_rules.mean,
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}{target}.html",
        formula=formula,
        use=use,
        follows=follows,
        keywords=keywords,
    )
    return adaptable(layer, _called)


def _called(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """Code calls the tensor's method where there is one, with keepdim and others only where they matter."""
    name = (layer.target or "").removeprefix("torch.")
    start = f"torch.{name}({{input}}, dim={{dim}}" if "." in name else f"{{input}}.{name}({{dim}}"
    others = [param for param in layer.params[1:] if values[param.name] != param.default]
    told = "".join(f", {param.name}={{{param.name}}}" for param in others)
    return replace(layer, source=f"{start}{told})")


REDUCTION: tuple[Layer, ...] = (
    reduction(
        "Mean",
        "mean",
        "The mean along one or several dimensions.",
        formula="y = 1/n·Σ xᵢ",
        use="To pool a sequence (dim 1) or an image (dims 2, 3) to one vector per sample.",
        follows=("Linear", "LayerNorm"),
        keywords=("average", "global pooling"),
    ),
    reduction(
        "Sum",
        "sum",
        "The sum along one or several dimensions.",
        formula="y = Σ xᵢ",
        use="For weighted sums behind Multiply, and for sets, where the number of members matters.",
        follows=("Linear", "Divide"),
        keywords=("add", "total"),
    ),
    reduction(
        "Max",
        "amax",
        "The largest value along one or several dimensions.",
        formula="y = max xᵢ",
        use="To ask whether something is there at all, wherever it is.",
        follows=("Linear",),
        keywords=("amax", "largest", "global pooling"),
    ),
    reduction(
        "Min",
        "amin",
        "The smallest value along one or several dimensions.",
        formula="y = min xᵢ",
        use="For the least distance, and the like.",
        follows=("Linear",),
        keywords=("amin", "smallest"),
    ),
    reduction(
        "Variance",
        "var",
        "How far the values spread along one or several dimensions: the mean squared distance from the mean.",
        Int("correction", 1, "What the count is lessened by: 1 for an estimate from samples, else 0",
            low=0, advanced=True),
        formula="y = 1/(n − c)·Σ (xᵢ − x̄)²",
        use="Beside Mean where the spread tells something, as in pooling of speech.",
        follows=("Sqrt", "Concat"),
        keywords=("var", "spread", "standard deviation"),
    ),
    reduction(
        "Norm",
        "linalg.vector_norm",
        "The length of vectors along one or several dimensions.",
        Float("ord", 2.0, "Which norm: 1 sums the values without sign, 2 is the usual length"),
        formula="y = (Σ|xᵢ|ᵖ)^(1/p)",
        use="To divide vectors by their length, or as a distance behind Subtract.",
        follows=("Divide",),
        keywords=("length", "l1", "l2", "magnitude", "euclidean"),
    ),
    Layer(
        type="ArgMax",
        category="Arithmetic",
        doc="The place of the largest value along a dimension, as a whole number (int64).",
        target="torch.argmax",
        params=(Int("dim", -1, "The dimension (0 is the batch, -1 the last)", essential=True), KEEP),
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}argmax.html",
        keywords=("index", "class", "prediction"),
        formula="y = argmaxᵢ xᵢ",
        use="To give the class itself as an Output. No gradient passes, so not on the way to a loss.",
        follows=("Output", "Embedding"),
    ),
    Layer(
        type="Cumsum",
        category="Arithmetic",
        doc="The sum of all values so far, along a dimension.",
        target="torch.cumsum",
        params=(Int("dim", 1, "The dimension (0 is the batch, -1 the last)", essential=True),),
        source="{input}.cumsum({dim})",
        shape=shape_rules.along,
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}cumsum.html",
        keywords=("running", "total", "integral"),
        formula="yᵢ = x₀ + … + xᵢ",
        use="To turn steps into a path, or marks into a count.",
        follows=("Linear",),
    ),
)  # fmt: skip
