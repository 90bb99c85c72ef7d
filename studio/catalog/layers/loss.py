"""Losses: what training makes small. Several in one drawing add up, each times its weight."""

from __future__ import annotations

from studio.catalog.registry import Compares, Example, Layer, Port, Turn
from studio.project.params import Choices, FieldName, Float, Int, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
CLASSES = ("accuracy", "top5")
NUMBERS = ("mae", "rmse", "r2")


def loss(
    type: str,
    target: str,
    doc: str,
    *params: Param,
    takes: str,
    field: str,
    metrics: tuple[str, ...],
    chosen: tuple[str, ...],
    example: Example,
    integers: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
    compares: Compares = "numbers",
    turn: Turn = "none",
) -> Layer:
    """A loss of torch.nn that compares a prediction with a target."""
    return Layer(
        type=type,
        category="Loss",
        doc=doc,
        target=f"torch.nn.{target}",
        params=params,
        options=(
            FieldName("target", field, "The field of the data to compare with, where no wire brings it",
                      essential=True),
            Float("weight", 1.0, "Factor of this loss in the sum of all losses", low=0.0),
            Choices("metrics", chosen, "What to report beside the loss", options=metrics),
        ),
        inputs=(
            Port("prediction", takes),
            Port("target", "What is true", optional=True, from_option="target"),
        ),
        outputs=(),
        integers=integers,
        example=example,
        url=f"{DOCS}{target}.html",
        keywords=keywords,
        compares=compares,
        turn=turn,
    )  # fmt: skip


CLASS_EXAMPLE = Example({"prediction": ((4, 3),), "target": ((4,),)}, dtypes={"target": "int64"}, high=3)
NUMBER_EXAMPLE = Example({"prediction": ((4, 2),), "target": ((4, 2),)})

LOSS: tuple[Layer, ...] = (
    loss(
        "CrossEntropy",
        "CrossEntropyLoss",
        "For classes: −log of the share given to the right class, from raw scores (no Softmax before it).",
        Float("label_smoothing", 0.0, "Share of the truth spread over all classes", low=0.0, high=1.0),
        Int("ignore_index", -100, "Samples of this class do not count", advanced=True),
        takes="Raw scores, one per class",
        field="label",
        metrics=CLASSES,
        chosen=("accuracy",),
        example=CLASS_EXAMPLE,
        integers=("target",),
        keywords=("classification", "softmax", "log loss"),
        compares="classes",
        turn="softmax",
    ),
    loss(
        "NLL",
        "NLLLoss",
        "For classes: minus the right class's value, from logarithms of shares (LogSoftmax before it).",
        Int("ignore_index", -100, "Samples of this class do not count", advanced=True),
        takes="Logarithms of shares, one per class",
        field="label",
        metrics=CLASSES,
        chosen=("accuracy",),
        example=CLASS_EXAMPLE,
        integers=("target",),
        keywords=("classification", "negative log likelihood"),
        compares="classes",
        turn="exp",
    ),
    loss(
        "BCEWithLogits",
        "BCEWithLogitsLoss",
        "For yes or no: cross-entropy of a raw score with a truth from 0 to 1 (no Sigmoid before it).",
        takes="Raw scores",
        field="label",
        metrics=("accuracy",),
        chosen=("accuracy",),
        example=Example({"prediction": ((4, 1),), "target": ((4, 1),)}),
        keywords=("binary", "classification", "sigmoid", "multi-label"),
        compares="chances",
        turn="sigmoid",
    ),
    loss(
        "MSE",
        "MSELoss",
        "For numbers: the mean of the squared differences.",
        takes="Numbers, as many as the target has",
        field="target",
        metrics=NUMBERS,
        chosen=("mae",),
        example=NUMBER_EXAMPLE,
        keywords=("regression", "squared", "l2"),
    ),
    loss(
        "L1",
        "L1Loss",
        "For numbers: the mean of the absolute differences, less moved by outliers.",
        takes="Numbers, as many as the target has",
        field="target",
        metrics=NUMBERS,
        chosen=("mae",),
        example=NUMBER_EXAMPLE,
        keywords=("regression", "absolute", "mae"),
    ),
    loss(
        "Huber",
        "HuberLoss",
        "For numbers: squared for small differences, absolute for large ones.",
        Float("delta", 1.0, "Where it turns from squared to absolute", low=1e-9),
        takes="Numbers, as many as the target has",
        field="target",
        metrics=NUMBERS,
        chosen=("mae",),
        example=NUMBER_EXAMPLE,
        keywords=("regression", "smooth l1", "robust"),
    ),
)
