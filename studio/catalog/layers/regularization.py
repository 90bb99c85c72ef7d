"""Regularization: layers that act in training only, against learning by heart."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer
from studio.project.params import Float

REGULARIZATION: tuple[Layer, ...] = (
    Layer(
        type="Dropout",
        category="Regularization",
        doc="In training, zeroes a random share of the values and scales up the rest; nothing afterwards.",
        target="torch.nn.Dropout",
        params=(Float("p", 0.5, "Share of the values zeroed", low=0.0, high=1.0, essential=True),),
        shape=shape_rules.same,
        example=Example({"input": ((2, 5),)}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html",
        keywords=("overfitting",),
    ),
)
