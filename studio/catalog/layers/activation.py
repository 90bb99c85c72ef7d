"""Activations: non-linear functions, applied to every value alone or along one dimension."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer
from studio.project.params import Choice, Float, Int, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
DIM = Int("dim", -1, "The dimension along which the values belong together (-1 is the last)", essential=True)


def activation(type: str, doc: str, *params: Param, keywords: tuple[str, ...] = ()) -> Layer:
    """An activation of torch.nn: the shape stays."""
    return Layer(
        type=type,
        category="Activation",
        doc=doc,
        target=f"torch.nn.{type}",
        params=params,
        shape=shape_rules.along if DIM in params else shape_rules.same,
        example=Example({"input": ((2, 5),)}),
        url=f"{DOCS}{type}.html",
        keywords=("nonlinearity", *keywords),
    )


ACTIVATION: tuple[Layer, ...] = (
    activation("ReLU", "Keeps what is positive and zeroes the rest: max(x, 0).", keywords=("rectifier",)),
    activation(
        "LeakyReLU",
        "Like ReLU, but negative values keep a small slope.",
        Float("negative_slope", 0.01, "Slope of the negative side"),
    ),
    activation(
        "GELU",
        "x·Φ(x) with the normal distribution Φ: a smooth ReLU, usual in Transformers.",
        Choice("approximate", "none", "Exact, or by tanh", options=("none", "tanh"), advanced=True),
    ),
    activation("SiLU", "x·sigmoid(x): smooth, usual in newer image networks.", keywords=("swish",)),
    activation("Sigmoid", "Squeezes every value into 0 to 1: 1/(1 + e⁻ˣ).", keywords=("logistic", "gate")),
    activation("Tanh", "Squeezes every value into −1 to 1.", keywords=("hyperbolic",)),
    activation("Softmax", "Turns scores into shares that add up to 1.", DIM, keywords=("probability",)),
    activation(
        "LogSoftmax", "The logarithm of Softmax; goes with the NLL loss.", DIM, keywords=("probability",)
    ),
)
