"""Activations: non-linear functions, applied to every value alone or along one dimension."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer

ACTIVATION: tuple[Layer, ...] = (
    Layer(
        type="ReLU",
        category="Activation",
        doc="Keeps what is positive and zeroes the rest: max(x, 0).",
        target="torch.nn.ReLU",
        example=Example({"input": ((2, 5),)}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html",
        keywords=("rectifier", "nonlinearity"),
    ),
)
