"""Losses: what training makes small. Several in one drawing add up, each times its weight."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Choices, FieldName, Float

INPUTS = (
    Port("prediction", "What the network says"),
    Port("target", "What is true", optional=True, from_option="target"),
)


def options(
    target: str, metrics: tuple[str, ...], chosen: tuple[str, ...]
) -> tuple[FieldName | Float | Choices, ...]:
    """The options every loss node has: target field, weight in the sum of losses, metrics to report."""
    return (
        FieldName(
            "target", target, "The field of the data to compare with, where no wire brings it", essential=True
        ),
        Float("weight", 1.0, "Factor of this loss in the sum of all losses", low=0.0),
        Choices("metrics", chosen, "What to report beside the loss", options=metrics),
    )


LOSS: tuple[Layer, ...] = (
    Layer(
        type="CrossEntropy",
        category="Loss",
        doc="For classes: −log of the probability given to the right class; takes raw scores (logits).",
        target="torch.nn.CrossEntropyLoss",
        params=(
            Float("label_smoothing", 0.0, "Share of the truth spread over all classes", low=0.0, high=1.0),
        ),
        options=options("label", ("accuracy", "top5"), ("accuracy",)),
        inputs=INPUTS,
        outputs=(),
        integers=("target",),
        example=Example({"prediction": ((4, 3),), "target": ((4,),)}, dtypes={"target": "int64"}, high=3),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
        keywords=("classification", "softmax", "log loss"),
    ),
)
